use anchor_lang::prelude::*;

use super::ConfigChange;
use crate::events::ArbiterSet;

impl ConfigChange {
    /// This key, or nobody for the zero address, decides appealed cases from now on.
    pub fn arbiter_set(&mut self, arbiter: Address) -> Result<()> {
        let old = core::mem::replace(&mut self.config.arbiter, arbiter);
        emit!(ArbiterSet { old, new: arbiter });
        Ok(())
    }
}
