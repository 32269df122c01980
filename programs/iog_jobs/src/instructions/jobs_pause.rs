use anchor_lang::prelude::*;

use crate::{error::JobsError, events::JobsPaused, state::Config};

#[derive(Accounts)]
pub struct JobsPause {
    /// The guardian or the authority.
    #[account(
        constraint = *stopper.address() == config.guardian || *stopper.address() == config.authority
            @ JobsError::NotGuardianNorAuthority
    )]
    pub stopper: Signer,
    #[account(mut)]
    pub config: Account<Config>,
}

impl JobsPause {
    pub fn jobs_pause(&mut self) -> Result<()> {
        self.config.paused = 1;
        emit!(JobsPaused { by: *self.stopper.address() });
        self.config.invariant()
    }
}
