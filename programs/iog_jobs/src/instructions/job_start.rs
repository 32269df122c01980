use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::JobStarted,
    iog_staking::{self, program::IogStaking},
    staking,
    state::{Config, Job},
};

#[derive(Accounts)]
pub struct JobStart {
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

impl JobStart {
    pub fn job_start(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        self.job.start(self.node.payee, now, self.config.grace())?;
        staking::hold(&self.config, &mut self.node, self.job.gpus);
        emit!(JobStarted {
            job: *self.job.address(),
            run: self.job.run,
            node: self.job.node,
            device: self.job.device,
            payee: self.job.payee,
            started_at: now,
            deadline: self.job.deadline,
        });
        self.job.invariant()
    }
}
