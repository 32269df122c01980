use anchor_lang::prelude::*;

use crate::{events, Config, TokenError};

#[derive(Accounts)]
pub struct AuthorityPropose {
    #[account(address = config.authority @ TokenError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
}

impl AuthorityPropose {
    pub fn authority_propose(&mut self, new: Address) -> Result<()> {
        self.config.pending_authority = new;
        emit!(events::AuthorityProposed { old: self.config.authority, new });
        Ok(())
    }
}
