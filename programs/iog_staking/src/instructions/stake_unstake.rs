use anchor_lang::prelude::*;

use super::end_costake;
use crate::{
    error::StakingError,
    events::StakeUnstaked,
    iog_token,
    record::Record,
    state::{Config, Node, OwnerRecord},
    vaults,
};

#[derive(Accounts)]
pub struct StakeUnstake {
    pub owner: Signer,
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(
        mut,
        constraint = node.owner == *owner.address() @ StakingError::NotOwner
    )]
    pub node: Record<Node>,
    /// Needed when somebody co-stakes: counts that as ended.
    #[account(mut)]
    pub owner_record: Option<Record<OwnerRecord>>,
    pub token_config: Record<iog_token::Config>,
}

impl StakeUnstake {
    pub fn stake_unstake(&mut self) -> Result<()> {
        let (now, hour) = vaults::now(&self.token_config)?;
        let cooling = self.config.cooling();
        let amount = self.node.unstake(hour, now.saturating_add(cooling))?;
        emit!(StakeUnstaked {
            node: *self.node.address(),
            owner: self.node.owner,
            amount,
            cooling: self.node.cooling,
            cooling_until: self.node.cooling_until,
            stake_from_hour: self.node.stake_from_hour,
        });
        if self.node.costake_taken() {
            let record = self.owner_record.as_mut().ok_or(StakingError::RecordMissing)?;
            end_costake(&mut self.node, record, (now, hour, cooling))?;
        }
        self.node.invariant()
    }
}
