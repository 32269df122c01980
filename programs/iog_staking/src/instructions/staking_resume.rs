use anchor_lang::prelude::*;

use crate::{error::StakingError, events::StakingResumed, state::Config};

#[derive(Accounts)]
pub struct StakingResume {
    pub authority: Signer,
    #[account(
        mut, seeds = [b"config"], bump = config.bump,
        constraint = config.authority == *authority.address() @ StakingError::NotAuthority
    )]
    pub config: Account<Config>,
}

impl StakingResume {
    pub fn staking_resume(&mut self) -> Result<()> {
        require!(self.config.paused == 1, StakingError::NotPaused);
        self.config.paused = 0;
        emit!(StakingResumed { by: self.config.authority });
        Ok(())
    }
}
