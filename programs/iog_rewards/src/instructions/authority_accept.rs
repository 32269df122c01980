use anchor_lang::prelude::*;

use crate::{events, Distributor, RewardsError};

#[derive(Accounts)]
pub struct AuthorityAccept {
    /// While nothing is proposed this is the zero address, which nobody can sign for.
    #[account(address = distributor.pending_authority @ RewardsError::WrongPendingAuthority)]
    pub pending_authority: Signer,
    #[account(mut, seeds = [b"distributor"], bump = distributor.bump)]
    pub distributor: Account<Distributor>,
}

impl AuthorityAccept {
    pub fn authority_accept(&mut self) -> Result<()> {
        let (old, new) = (self.distributor.authority, self.distributor.pending_authority);
        self.distributor.authority = new;
        self.distributor.pending_authority = Address::default();
        emit!(events::AuthorityAccepted { old, new });
        Ok(())
    }
}
