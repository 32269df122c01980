use anchor_lang::prelude::*;

use crate::{events, Distributor, RewardsError};

#[derive(Accounts)]
pub struct AuthorityPropose {
    #[account(address = distributor.authority @ RewardsError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"distributor"], bump = distributor.bump)]
    pub distributor: Account<Distributor>,
}

impl AuthorityPropose {
    pub fn authority_propose(&mut self, new: Address) -> Result<()> {
        self.distributor.pending_authority = new;
        emit!(events::AuthorityProposed { old: self.distributor.authority, new });
        Ok(())
    }
}
