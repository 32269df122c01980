use anchor_lang::prelude::*;

use crate::{events, Config, TokenError, MOST_AHEAD};

#[derive(Accounts)]
pub struct EmissionStart {
    #[account(address = config.authority @ TokenError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
}

impl EmissionStart {
    fn validate(&self, at: i64) -> Result<()> {
        require!(self.config.sealed == 1, TokenError::GenesisNotSealed);
        require!(self.config.start == 0, TokenError::EmissionAlreadyStarted);
        let now = Clock::get()?.unix_timestamp;
        // 0 stands for not started.
        require!(at > 0 && at >= now, TokenError::StartInThePast);
        require!(at <= now.saturating_add(MOST_AHEAD), TokenError::StartTooFar);
        Ok(())
    }

    pub fn emission_start(&mut self, at: i64) -> Result<()> {
        self.validate(at)?;
        self.config.start = at;
        self.config.invariant()?;
        emit!(events::EmissionStarted { start: at });
        Ok(())
    }
}
