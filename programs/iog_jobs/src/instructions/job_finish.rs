use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::JobFinished,
    iog_staking::{self, program::IogStaking},
    staking,
    state::{Config, Job},
};

#[derive(Accounts)]
pub struct JobFinish {
    pub device: Signer,
    #[account(
        mut,
        constraint = job.device == *device.address() @ JobsError::NotDevice
    )]
    pub job: Account<Job>,
    #[account(mut, address = job.node @ JobsError::NodeMismatch)]
    pub node: Account<iog_staking::Node>,
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    pub staking_program: Program<IogStaking>,
}

impl JobFinish {
    pub fn job_finish(&mut self, result_hash: &[u8; 32], reason: u8) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        self.job.finish(result_hash, reason, now)?;
        staking::release(&self.config, &mut self.node, self.job.gpus);
        emit!(JobFinished {
            job: *self.job.address(),
            run: self.job.run,
            node: self.job.node,
            reason,
            result_hash: *result_hash,
            proven_seconds: self.job.proven_seconds,
            ended_at: now,
            deadline: self.job.deadline,
        });
        self.job.invariant()
    }
}
