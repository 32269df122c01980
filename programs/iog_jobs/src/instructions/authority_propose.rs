use anchor_lang::prelude::*;

use super::ByAuthority;
use crate::events::AuthorityProposed;

impl ByAuthority {
    pub fn authority_propose(&mut self, new: Address) -> Result<()> {
        self.config.pending_authority = new;
        emit!(AuthorityProposed { old: self.config.authority, new });
        self.config.invariant()
    }
}
