use anchor_lang::prelude::*;

use crate::{error::StakingError, events, state::Config};

#[derive(Accounts)]
pub struct GuardianSet {
    pub authority: Signer,
    #[account(
        mut, seeds = [b"config"], bump = config.bump,
        constraint = config.authority == *authority.address() @ StakingError::NotAuthority
    )]
    pub config: Account<Config>,
}

impl GuardianSet {
    /// This key, or nobody for the zero address, stops things from now on.
    pub fn guardian_set(&mut self, guardian: Address) -> Result<()> {
        let old = core::mem::replace(&mut self.config.guardian, guardian);
        emit!(events::GuardianSet { old, new: guardian });
        Ok(())
    }
}
