use anchor_lang::prelude::*;

use crate::{error::StakingError, events::AuthorityProposed, state::Config};

#[derive(Accounts)]
pub struct AuthorityPropose {
    pub authority: Signer,
    #[account(
        mut, seeds = [b"config"], bump = config.bump,
        constraint = config.authority == *authority.address() @ StakingError::NotAuthority
    )]
    pub config: Account<Config>,
}

impl AuthorityPropose {
    /// The zero address withdraws a proposal.
    pub fn authority_propose(&mut self, new: Address) -> Result<()> {
        self.config.pending_authority = new;
        emit!(AuthorityProposed { old: self.config.authority, new });
        Ok(())
    }
}
