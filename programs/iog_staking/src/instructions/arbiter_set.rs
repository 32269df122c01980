use anchor_lang::prelude::*;

use crate::{error::StakingError, events, state::Config};

#[derive(Accounts)]
pub struct ArbiterSet {
    pub authority: Signer,
    #[account(
        mut, seeds = [b"config"], bump = config.bump,
        constraint = config.authority == *authority.address() @ StakingError::NotAuthority
    )]
    pub config: Account<Config>,
}

impl ArbiterSet {
    /// This key, or nobody for the zero address, decides appealed cases from now on.
    pub fn arbiter_set(&mut self, arbiter: Address) -> Result<()> {
        let old = core::mem::replace(&mut self.config.arbiter, arbiter);
        emit!(events::ArbiterSet { old, new: arbiter });
        Ok(())
    }
}
