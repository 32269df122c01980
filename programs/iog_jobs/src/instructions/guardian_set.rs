use anchor_lang::prelude::*;

use super::ByAuthority;
use crate::events::GuardianSet;

impl ByAuthority {
    pub fn guardian_set(&mut self, new: Address) -> Result<()> {
        let old = core::mem::replace(&mut self.config.guardian, new);
        emit!(GuardianSet { old, new });
        self.config.invariant()
    }
}
