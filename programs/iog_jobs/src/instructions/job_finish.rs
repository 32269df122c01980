use anchor_lang::prelude::*;

use super::JobRun;
use crate::{events::JobFinished, staking};

impl JobRun {
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
