use anchor_lang::prelude::*;

use super::ByAuthority;
use crate::events::ArbiterSet;

impl ByAuthority {
    pub fn arbiter_set(&mut self, new: Address) -> Result<()> {
        let old = core::mem::replace(&mut self.config.arbiter, new);
        emit!(ArbiterSet { old, new });
        self.config.invariant()
    }
}
