use anchor_lang::prelude::*;

use super::ByAuthority;
use crate::{error::JobsError, events::TreasurySet, state::BPS};

impl ByAuthority {
    pub fn treasury_set(&mut self, new: Address, new_burn_bps: u16) -> Result<()> {
        require!(new_burn_bps <= BPS, JobsError::ShareOutOfRange);
        let old = core::mem::replace(&mut self.config.treasury, new);
        let old_burn_bps = core::mem::replace(&mut self.config.burn_bps, new_burn_bps);
        emit!(TreasurySet { old, new, old_burn_bps, new_burn_bps });
        self.config.invariant()
    }
}
