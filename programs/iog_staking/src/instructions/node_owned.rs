use anchor_lang::prelude::*;

use crate::{error::StakingError, iog_token, record::Record, state::Node};

/// What an owner does to a node at once: node_ask, node_pause, node_retire, costake_revoke.
#[derive(Accounts)]
pub struct NodeOwned {
    pub owner: Signer,
    #[account(
        mut,
        constraint = node.owner == *owner.address() @ StakingError::NotOwner
    )]
    pub node: Record<Node>,
}

/// What counts from the next hour on: node_payee, node_resume.
#[derive(Accounts)]
pub struct NodeOwnedHour {
    pub owner: Signer,
    #[account(
        mut,
        constraint = node.owner == *owner.address() @ StakingError::NotOwner
    )]
    pub node: Record<Node>,
    pub token_config: Record<iog_token::Config>,
}
