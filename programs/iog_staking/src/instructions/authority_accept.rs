use anchor_lang::prelude::*;

use crate::{error::StakingError, events::AuthorityAccepted, record::Record, state::Config};

#[derive(Accounts)]
pub struct AuthorityAccept {
    /// Nobody signs for the zero address, so without a proposal nobody accepts.
    pub pending_authority: Signer,
    #[account(
        mut, seeds = [b"config"], bump = config.bump,
        constraint = config.pending_authority == *pending_authority.address()
            @ StakingError::NotPendingAuthority
    )]
    pub config: Record<Config>,
}

impl AuthorityAccept {
    pub fn authority_accept(&mut self) -> Result<()> {
        let (old, new) = (self.config.authority, self.config.pending_authority);
        self.config.authority = new;
        self.config.pending_authority = Address::default();
        emit!(AuthorityAccepted { old, new });
        Ok(())
    }
}
