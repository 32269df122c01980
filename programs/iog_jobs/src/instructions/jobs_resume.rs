use anchor_lang::prelude::*;

use super::ByAuthority;
use crate::events::JobsResumed;

impl ByAuthority {
    pub fn jobs_resume(&mut self) -> Result<()> {
        self.config.paused = 0;
        emit!(JobsResumed { by: *self.authority.address() });
        self.config.invariant()
    }
}
