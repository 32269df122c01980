use anchor_lang::prelude::*;

use super::ConfigChange;
use crate::events::SlasherSet;

impl ConfigChange {
    /// This key, or nobody for the zero address, opens cases from now on.
    pub fn slasher_set(&mut self, slasher: Address) -> Result<()> {
        let old = core::mem::replace(&mut self.config.slasher, slasher);
        emit!(SlasherSet { old, new: slasher });
        Ok(())
    }
}
