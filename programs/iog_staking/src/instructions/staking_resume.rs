use anchor_lang::prelude::*;

use super::ConfigChange;
use crate::{error::StakingError, events::StakingResumed};

impl ConfigChange {
    pub fn staking_resume(&mut self) -> Result<()> {
        require!(self.config.paused == 1, StakingError::NotPaused);
        self.config.paused = 0;
        emit!(StakingResumed { by: self.config.authority });
        Ok(())
    }
}
