use anchor_lang::prelude::*;

use crate::{
    events::CostakeEnded,
    iog_token,
    record::Record,
    state::{Config, Node, OwnerRecord},
    vaults,
};

/// Anyone may send it.
#[derive(Accounts)]
pub struct CostakeEnd {
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(mut)]
    pub node: Record<Node>,
    /// The record of the node's owner: counts the co-stake as ended.
    #[account(mut)]
    pub owner_record: Record<OwnerRecord>,
    pub token_config: Record<iog_token::Config>,
}

impl CostakeEnd {
    pub fn costake_end(&mut self) -> Result<()> {
        let (now, hour) = vaults::now(&self.token_config)?;
        self.node.require_costake_due(now)?;
        let cooling = self.config.cooling();
        end_costake(&mut self.node, &mut self.owner_record, (now, hour, cooling))?;
        self.node.invariant()
    }
}

/// Ends a co-stake, at `(now, hour, cooling)`: by its notice, or because the owner unstakes.
#[inline(never)]
pub fn end_costake(
    node: &mut Record<Node>,
    record: &mut Record<OwnerRecord>,
    at: (i64, u32, i64),
) -> Result<()> {
    record.end(node)?;
    let amount = node.end_costake(at.0, at.1, at.2)?;
    emit!(CostakeEnded {
        node: *node.address(),
        owner: node.owner,
        costaker: node.costaker,
        amount,
        costake_cooling_until: node.costake_cooling_until,
        costake_from_hour: node.costake_from_hour,
        costakes: record.costakes,
        state: node.state,
        active_from_hour: node.active_from_hour,
    });
    Ok(())
}
