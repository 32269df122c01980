use anchor_lang::prelude::*;

use crate::{error::JobsError, events, state::Config};

#[derive(Accounts)]
pub struct AuthorityAccept {
    /// While nothing is proposed this is the zero address, which nobody can sign for.
    #[account(address = config.pending_authority @ JobsError::WrongPendingAuthority)]
    pub pending_authority: Signer,
    #[account(mut)]
    pub config: Account<Config>,
}

impl AuthorityAccept {
    pub fn authority_accept(&mut self) -> Result<()> {
        let (old, new) = (self.config.authority, self.config.pending_authority);
        self.config.authority = new;
        self.config.pending_authority = Address::default();
        emit!(events::AuthorityAccepted { old, new });
        self.config.invariant()
    }
}
