use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::JobAssigned,
    iog_staking,
    state::{Config, Job, Offer},
};

/// Node states of iog_staking.
const NODE_ACTIVE: u8 = 1;

#[derive(Accounts)]
pub struct JobAssign {
    pub matcher: Signer,
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    #[account(
        mut,
        constraint = job.matcher == *matcher.address() @ JobsError::NotMatcher
    )]
    pub job: Account<Job>,
    pub node: Account<iog_staking::Node>,
    #[account(address = node.class @ JobsError::ClassMismatch)]
    pub class: Account<iog_staking::Class>,
}

impl JobAssign {
    fn validate(&self) -> Result<()> {
        let (job, node) = (&self.job, &self.node);
        require!(node.state == NODE_ACTIVE, JobsError::NodeNotActive);
        require!(
            job.class == Address::default() || job.class == node.class,
            JobsError::ClassUnwanted
        );
        // An announced multiplier that is due counts here once the class is changed again.
        require!(self.class.multiplier >= job.min_multiplier, JobsError::MultiplierTooLow);
        // iog_staking keeps busy at or below the count.
        require!(node.gpus.saturating_sub(node.busy) >= job.gpus, JobsError::GpusTaken);
        require!(node.ask > 0, JobsError::AskZero);
        require!(node.ask <= job.max_price, JobsError::AskTooHigh);
        Ok(())
    }

    pub fn job_assign(&mut self) -> Result<()> {
        self.validate()?;
        let now = Clock::get()?.unix_timestamp;
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
