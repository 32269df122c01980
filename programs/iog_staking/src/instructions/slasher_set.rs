use anchor_lang::prelude::*;

use crate::{error::StakingError, events, state::Config};

#[derive(Accounts)]
pub struct SlasherSet {
    pub authority: Signer,
    #[account(
        mut, seeds = [b"config"], bump = config.bump,
        constraint = config.authority == *authority.address() @ StakingError::NotAuthority
    )]
    pub config: Account<Config>,
}

impl SlasherSet {
    /// This key, or nobody for the zero address, opens cases from now on.
    pub fn slasher_set(&mut self, slasher: Address) -> Result<()> {
        let old = core::mem::replace(&mut self.config.slasher, slasher);
        emit!(events::SlasherSet { old, new: slasher });
        Ok(())
    }
}
