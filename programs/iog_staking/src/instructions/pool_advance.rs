use anchor_lang::prelude::*;

use crate::{error::StakingError, events::PoolAdvanced, iog_token, record::Record, state::Config};

#[derive(Accounts)]
pub struct PoolAdvance {
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    /// There is only one Config of iog_token, so its type and owner pin it.
    pub token_config: Record<iog_token::Config>,
}

impl PoolAdvance {
    pub fn pool_advance(&mut self) -> Result<()> {
        advance(&mut self.config, &self.token_config).map(|_| ())
    }
}

/// Brings the pool to the last ended hour and returns the time. Refused until the emission is
/// there too: what it lacks would otherwise go to whoever stakes next.
#[inline(never)]
pub fn advance(
    config: &mut Record<Config>,
    token_config: &Record<iog_token::Config>,
) -> Result<i64> {
    let now = Clock::get()?.unix_timestamp;
    let hour = iog_math::hours_ended(token_config.start, token_config.hour_length, now);
    require!(token_config.advanced_hour == hour, StakingError::PoolEmissionBehind);
    if hour == config.pool_hour {
        return Ok(now);
    }
    let released = config.pool_update(token_config.to_pool, hour)?;
    emit!(PoolAdvanced {
        hour,
        released,
        pool_released: config.pool_released,
        pool_seen: config.pool_seen,
        pool_total: config.pool_total,
        per_share: config.pool_per_share,
    });
    Ok(now)
}
