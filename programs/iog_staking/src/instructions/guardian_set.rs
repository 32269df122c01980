use anchor_lang::prelude::*;

use super::ConfigChange;
use crate::events::GuardianSet;

impl ConfigChange {
    /// This key, or nobody for the zero address, stops things from now on.
    pub fn guardian_set(&mut self, guardian: Address) -> Result<()> {
        let old = core::mem::replace(&mut self.config.guardian, guardian);
        emit!(GuardianSet { old, new: guardian });
        Ok(())
    }
}
