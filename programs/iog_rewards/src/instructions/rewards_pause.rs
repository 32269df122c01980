use anchor_lang::prelude::*;

use crate::{events, Distributor, RewardsError};

#[derive(Accounts)]
pub struct RewardsPause {
    /// The guardian or the authority.
    #[account(
        constraint = *stopper.address() == distributor.guardian
            || *stopper.address() == distributor.authority @ RewardsError::NotGuardianNorAuthority
    )]
    pub stopper: Signer,
    #[account(mut, seeds = [b"distributor"], bump = distributor.bump)]
    pub distributor: Account<Distributor>,
}

impl RewardsPause {
    fn validate(&self) -> Result<()> {
        require!(self.distributor.paused == 0, RewardsError::Paused);
        Ok(())
    }

    pub fn rewards_pause(&mut self) -> Result<()> {
        self.validate()?;
        self.distributor.paused = 1;
        self.distributor.invariant()?;
        emit!(events::RewardsPaused { by: *self.stopper.address() });
        Ok(())
    }
}
