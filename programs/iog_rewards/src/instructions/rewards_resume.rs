use anchor_lang::prelude::*;

use crate::{events, Distributor, RewardsError};

#[derive(Accounts)]
pub struct RewardsResume {
    #[account(address = distributor.authority @ RewardsError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"distributor"], bump = distributor.bump)]
    pub distributor: Account<Distributor>,
}

impl RewardsResume {
    fn validate(&self) -> Result<()> {
        require!(self.distributor.paused == 1, RewardsError::NotPaused);
        Ok(())
    }

    pub fn rewards_resume(&mut self) -> Result<()> {
        self.validate()?;
        self.distributor.paused = 0;
        self.distributor.invariant()?;
        emit!(events::RewardsResumed { by: *self.authority.address() });
        Ok(())
    }
}
