use anchor_lang::prelude::*;
use iog_statement::{Kind, Statement};

use crate::{
    error::JobsError,
    events::JobProved,
    state::{Config, Job},
    ID,
};

#[derive(Accounts)]
pub struct JobProve {
    #[account(mut)]
    pub job: Account<Job>,
    pub config: Account<Config>,
    pub instructions: Sysvar<SysvarInstructions>,
}

impl JobProve {
    /// The device signed, and one whose money or word is at stake.
    fn validate(&self, counter: u64, seconds: u64) -> Result<()> {
        let job = &self.job;
        let message = Statement {
            genesis_hash: &self.config.genesis_hash,
            program: ID.as_array(),
            device: job.device.as_array(),
            kind: Kind::Job,
            subject: job.address().as_array(),
            run: job.run,
            counter,
            seconds,
        }
        .to_bytes();
        let signers =
            iog_statement::signed_before(&self.instructions, &message).map_err(JobsError::from)?;
        let cosigned = signers
            .second
            .is_some_and(|key| key == job.matcher.as_array() || key == job.client.as_array());
        require!(signers.first == job.device.as_array() && cosigned, JobsError::SignatureKey);
        Ok(())
    }

    pub fn job_prove(&mut self, counter: u64, seconds: u64) -> Result<()> {
        self.validate(counter, seconds)?;
        let now = Clock::get()?.unix_timestamp;
        self.job.prove(counter, seconds, now)?;
        emit!(JobProved { job: *self.job.address(), run: self.job.run, counter, seconds });
        self.job.invariant()
    }
}
