use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::JobJoined,
    iog_staking::{self, program::IogStaking},
    staking,
    state::{Config, Gang, Job},
};

#[derive(Accounts)]
pub struct JobJoin {
    #[account(constraint = job.device == *device.address() @ JobsError::NotDevice)]
    pub device: Signer,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(mut, address = job.node @ JobsError::NodeMismatch)]
    pub node: Account<iog_staking::Node>,
    #[account(mut, address = job.gang @ JobsError::GangMismatch)]
    pub gang: Account<Gang>,
    pub config: Account<Config>,
    pub staking_program: Program<IogStaking>,
}

impl JobJoin {
    pub fn job_join(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        self.job.join(self.node.payee, &self.gang, now)?;
        self.gang.join(now)?;
        staking::hold(&self.config, &mut self.node, self.job.gpus);
        emit!(JobJoined {
            job: *self.job.address(),
            run: self.job.run,
            node: self.job.node,
            device: self.job.device,
            payee: self.job.payee,
            gang: self.job.gang,
            joined: self.gang.joined,
            members: self.gang.members,
            started_at: self.gang.started_at,
        });
        self.gang.invariant()?;
        self.job.invariant()
    }
}
