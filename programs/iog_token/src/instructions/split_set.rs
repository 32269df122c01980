use anchor_lang::prelude::*;

use crate::{events, Config, TokenError};

#[derive(Accounts)]
pub struct SplitSet {
    #[account(address = config.authority @ TokenError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
}

impl SplitSet {
    pub fn split_set(&mut self, pool_bps: u16, from_hour: u32) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        self.config.announce(pool_bps, from_hour, now)?;
        self.config.invariant()?;
        emit!(events::SplitSet { old_bps: self.config.pool_bps, new_bps: pool_bps, from_hour });
        Ok(())
    }
}
