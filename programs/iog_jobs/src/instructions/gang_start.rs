use anchor_lang::prelude::*;

use super::job_start::announce;
use crate::{
    error::JobsError,
    state::{Config, Gang, Job},
};

#[derive(Accounts)]
pub struct GangStart {
    #[account(mut)]
    pub job: Account<Job>,
    #[account(address = job.gang @ JobsError::GangMismatch)]
    pub gang: Account<Gang>,
    pub config: Account<Config>,
}

impl GangStart {
    pub fn gang_start(&mut self) -> Result<()> {
        self.job.start_with(&self.gang, self.config.grace())?;
        announce(&self.job);
        self.job.invariant()
    }
}
