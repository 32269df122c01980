use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::CostakeLeft,
    record::Record,
    state::{Config, Node, COSTAKE_NOTICE},
};

#[derive(Accounts)]
pub struct CostakeLeave {
    pub costaker: Signer,
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(
        mut,
        constraint = node.costaker == *costaker.address() @ StakingError::NotCostaker
    )]
    pub node: Record<Node>,
}

impl CostakeLeave {
    pub fn costake_leave(&mut self) -> Result<()> {
        let notice = iog_math::scaled(COSTAKE_NOTICE, self.config.hour_length);
        self.node.leave(Clock::get()?.unix_timestamp.saturating_add(notice))?;
        emit!(CostakeLeft {
            node: *self.node.address(),
            costaker: self.node.costaker,
            amount: self.node.costake,
            leave_at: self.node.costake_leave_at,
        });
        self.node.invariant()
    }
}
