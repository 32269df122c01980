use anchor_lang::prelude::*;

use super::JobEnd;
use crate::{error::JobsError, events::JobCancelled};

impl JobEnd {
    pub fn job_cancel(&mut self) -> Result<()> {
        require!(self.job.client == *self.signer.address(), JobsError::NotClient);
        self.require_gang()?;
        let (before, now) = (self.job.state, Clock::get()?.unix_timestamp);
        self.job.cancel(now, self.config.grace())?;
        self.free(before)?;
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
