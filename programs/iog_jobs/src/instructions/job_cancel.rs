use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::JobCancelled,
    iog_staking::{self, program::IogStaking},
    staking,
    state::{Config, Job},
};

#[derive(Accounts)]
pub struct JobCancel {
    pub wallet: Signer,
    #[account(
        mut,
        constraint = job.client == *wallet.address() @ JobsError::NotClient
    )]
    pub job: Account<Job>,
    /// Needed when the job runs.
    #[account(mut, address = job.node @ JobsError::NodeMismatch)]
    pub node: Option<Account<iog_staking::Node>>,
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    pub staking_program: Program<IogStaking>,
}

impl JobCancel {
    pub fn job_cancel(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let running = self.job.is_running();
        self.job.cancel(now, self.config.grace())?;
        if running {
            let node = self.node.as_mut().ok_or(JobsError::NodeMissing)?;
            staking::release(&self.config, node, self.job.gpus);
        }
        emit!(JobCancelled {
            job: *self.job.address(),
            run: self.job.run,
            reason: self.job.reason,
            proven_seconds: self.job.proven_seconds,
            ended_at: now,
            deadline: self.job.deadline,
        });
        self.job.invariant()
    }
}
