use anchor_lang::prelude::*;

use crate::{events, Distributor, RewardsError};

#[derive(Accounts)]
pub struct GuardianSet {
    #[account(address = distributor.authority @ RewardsError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"distributor"], bump = distributor.bump)]
    pub distributor: Account<Distributor>,
}

impl GuardianSet {
    pub fn guardian_set(&mut self, guardian: Address) -> Result<()> {
        let old = self.distributor.guardian;
        self.distributor.guardian = guardian;
        emit!(events::GuardianSet { old, new: guardian });
        Ok(())
    }
}
