use anchor_lang::prelude::*;

use super::ConfigChange;
use crate::events::AuthorityProposed;

impl ConfigChange {
    /// The zero address withdraws a proposal.
    pub fn authority_propose(&mut self, new: Address) -> Result<()> {
        self.config.pending_authority = new;
        emit!(AuthorityProposed { old: self.config.authority, new });
        Ok(())
    }
}
