use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::JobStarted,
    iog_staking::{self, program::IogStaking},
    staking,
    state::{Config, Job},
};

/// Accounts of what the device does with a run: job_start and job_finish.
#[derive(Accounts)]
pub struct JobRun {
    pub device: Signer,
    #[account(
        mut,
        constraint = job.device == *device.address() @ JobsError::NotDevice
    )]
    pub job: Account<Job>,
    #[account(mut, address = job.node @ JobsError::NodeMismatch)]
    pub node: Account<iog_staking::Node>,
    pub config: Account<Config>,
    pub staking_program: Program<IogStaking>,
}

impl JobRun {
    pub fn job_start(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        self.job.start(self.node.payee, now, self.config.grace())?;
        staking::hold(&self.config, &mut self.node, self.job.gpus);
        announce(&self.job);
        self.job.invariant()
    }
}

/// Says that the job runs.
#[inline(never)]
pub(super) fn announce(job: &Account<Job>) {
    emit!(JobStarted {
        job: *job.address(),
        run: job.run,
        node: job.node,
        device: job.device,
        payee: job.payee,
        started_at: job.started_at,
        deadline: job.deadline,
    });
}
