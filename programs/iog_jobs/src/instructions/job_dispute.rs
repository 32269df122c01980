use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::{JobDisputed, JobResolved},
    state::{Config, Job},
};

/// Accounts of a dispute: job_dispute and job_resolve.
#[derive(Accounts)]
pub struct JobDispute {
    /// The client to dispute, the arbiter to resolve.
    pub signer: Signer,
    #[account(mut)]
    pub job: Account<Job>,
    pub config: Account<Config>,
}

impl JobDispute {
    pub fn job_dispute(&mut self) -> Result<()> {
        require!(self.job.client == *self.signer.address(), JobsError::NotClient);
        let now = Clock::get()?.unix_timestamp;
        self.job.dispute(now, self.config.dispute_time())?;
        emit!(JobDisputed {
            job: *self.job.address(),
            run: self.job.run,
            reason: self.job.reason,
            proven_seconds: self.job.proven_seconds,
            at: now,
            deadline: self.job.deadline,
        });
        self.job.invariant()
    }

    pub fn job_resolve(&mut self, seconds: u64) -> Result<()> {
        require!(self.config.arbiter == *self.signer.address(), JobsError::WrongArbiter);
        let now = Clock::get()?.unix_timestamp;
        self.job.resolve(seconds, now)?;
        emit!(JobResolved {
            job: *self.job.address(),
            run: self.job.run,
            reason: self.job.reason,
            proven_seconds: seconds,
            at: now,
        });
        self.job.invariant()
    }
}
