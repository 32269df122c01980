use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::JobAssigned,
    iog_staking, iog_token, staking,
    state::{Config, Gang, Job, Offer},
};

/// Node states of iog_staking.
const NODE_ACTIVE: u8 = 1;

#[derive(Accounts)]
pub struct JobAssign {
    pub matcher: Signer,
    pub config: Account<Config>,
    #[account(
        mut,
        constraint = job.matcher == *matcher.address() @ JobsError::NotMatcher
    )]
    pub job: Account<Job>,
    pub node: Account<iog_staking::Node>,
    /// Needed for a member of a gang.
    #[account(address = job.gang @ JobsError::GangMismatch)]
    pub gang: Option<Account<Gang>>,
    #[account(address = node.class @ JobsError::ClassMismatch)]
    pub class: Account<iog_staking::Class>,
    /// There is only one Config of iog_token, so its type and owner pin it.
    pub token_config: Account<iog_token::Config>,
}

impl JobAssign {
    fn validate(&self, now: i64) -> Result<()> {
        let (job, node) = (&self.job, &self.node);
        if job.is_member() {
            let gang = self.gang.as_ref().ok_or(JobsError::GangMissing)?;
            require!(gang.is_full(), JobsError::GangUnopened);
        }
        require!(node.state == NODE_ACTIVE, JobsError::NodeNotActive);
        require!(
            job.class == Address::default() || job.class == node.class,
            JobsError::ClassUnwanted
        );
        let token = &self.token_config;
        let hour = iog_math::hour_now(token.start, token.hour_length, now);
        let multiplier = staking::multiplier_at(&self.class, hour);
        require!(multiplier >= job.min_multiplier, JobsError::MultiplierTooLow);
        // iog_staking keeps busy at or below the count.
        require!(node.gpus.saturating_sub(node.busy) >= job.gpus, JobsError::GpusTaken);
        require!(node.ask > 0, JobsError::AskZero);
        require!(node.ask <= job.max_price, JobsError::AskTooHigh);
        Ok(())
    }

    pub fn job_assign(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        self.validate(now)?;
        let offer =
            Offer { node: *self.node.address(), device: self.node.device, price: self.node.ask };
        self.job.assign(&offer, now, self.config.grace())?;
        emit!(JobAssigned {
            job: *self.job.address(),
            run: self.job.run,
            node: offer.node,
            device: offer.device,
            price: offer.price,
            at: now,
            deadline: self.job.deadline,
        });
        self.job.invariant()
    }
}
