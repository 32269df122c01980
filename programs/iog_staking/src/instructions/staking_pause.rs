use anchor_lang::prelude::*;

use crate::{error::StakingError, events::StakingPaused, record::Record, state::Config};

#[derive(Accounts)]
pub struct StakingPause {
    /// The guardian or the authority.
    pub stopper: Signer,
    #[account(
        mut, seeds = [b"config"], bump = config.bump,
        constraint = config.guardian == *stopper.address()
            || config.authority == *stopper.address() @ StakingError::NotStopper
    )]
    pub config: Record<Config>,
}

impl StakingPause {
    pub fn staking_pause(&mut self) -> Result<()> {
        require!(self.config.paused == 0, StakingError::StakingPaused);
        self.config.paused = 1;
        emit!(StakingPaused { by: *self.stopper.address() });
        Ok(())
    }
}
