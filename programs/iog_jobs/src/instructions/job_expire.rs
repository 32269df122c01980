use anchor_lang::prelude::*;

use super::JobEnd;
use crate::events::JobExpired;

impl JobEnd {
    pub fn job_expire(&mut self) -> Result<()> {
        self.require_gang()?;
        let (before, now) = (self.job.state, Clock::get()?.unix_timestamp);
        self.job.expire(self.gang.as_deref(), now, self.config.grace())?;
        self.free(before)?;
        emit!(JobExpired {
            job: *self.job.address(),
            run: self.job.run,
            reason: self.job.reason,
            proven_seconds: self.job.proven_seconds,
            ended_at: now,
        });
        self.job.invariant()
    }
}
