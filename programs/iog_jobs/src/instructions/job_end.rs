//! Accounts of what ends a job that goes on: job_cancel and job_expire.

use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    iog_staking::{self, program::IogStaking},
    staking,
    state::{Config, Gang, Job, JOINED, RUNNING},
};

#[derive(Accounts)]
pub struct JobEnd {
    /// The client to cancel, anyone to expire.
    pub signer: Signer,
    #[account(mut)]
    pub job: Account<Job>,
    /// Needed when its GPUs are held.
    #[account(mut, address = job.node @ JobsError::NodeMismatch)]
    pub node: Option<Account<iog_staking::Node>>,
    /// Needed for a member of a gang.
    #[account(mut, address = job.gang @ JobsError::GangMismatch)]
    pub gang: Option<Account<Gang>>,
    pub config: Account<Config>,
    pub staking_program: Program<IogStaking>,
}

impl JobEnd {
    pub(super) fn require_gang(&self) -> Result<()> {
        require!(!self.job.is_member() || self.gang.is_some(), JobsError::GangMissing);
        Ok(())
    }

    /// Frees what the job held in the state `before`, and leaves the gang it waited for.
    #[inline(never)]
    pub(super) fn free(&mut self, before: u8) -> Result<()> {
        if before == JOINED {
            let gang = self.gang.as_mut().ok_or(JobsError::GangMissing)?;
            gang.leave()?;
            gang.invariant()?;
        }
        if before == JOINED || before == RUNNING {
            let node = self.node.as_mut().ok_or(JobsError::NodeMissing)?;
            staking::release(&self.config, node, self.job.gpus);
        }
        Ok(())
    }
}
