use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::JobReleased,
    iog_staking::{self, program::IogStaking},
    staking,
    state::{Config, Job},
};

#[derive(Accounts)]
pub struct JobRelease {
    /// The device or the matcher.
    pub signer: Signer,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut, address = job.node @ JobsError::NodeMismatch)]
    pub node: Account<iog_staking::Node>,
    pub config: Account<Config>,
    pub staking_program: Program<IogStaking>,
}

impl JobRelease {
    pub fn job_release(&mut self, reason: u8) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let by = *self.signer.address();
        let mut event = JobReleased {
            job: *self.job.address(),
            run: self.job.run,
            node: self.job.node,
            device: self.job.device,
            by,
            reason,
            proven_seconds: self.job.proven_seconds,
            at: now,
            deadline: 0,
        };
        self.job.release(&by, reason, now, self.config.grace())?;
        staking::release(&self.config, &mut self.node, self.job.gpus);
        event.deadline = self.job.deadline;
        emit!(event);
        self.job.invariant()
    }
}
