use anchor_lang::prelude::*;

use crate::{error::StakingError, iog_token, state::Node};

/// What an owner does to a node at once: node_ask, node_pause, node_retire, costake_revoke.
#[derive(Accounts)]
pub struct NodeOwned {
    pub owner: Signer,
    #[account(
        mut,
        constraint = node.owner == *owner.address() @ StakingError::NotOwner
    )]
    pub node: Account<Node>,
}

/// What counts from the next hour on: node_payee, node_resume.
#[derive(Accounts)]
pub struct NodeOwnedHour {
    pub owner: Signer,
    #[account(
        mut,
        constraint = node.owner == *owner.address() @ StakingError::NotOwner
    )]
    pub node: Account<Node>,
    pub token_config: Account<iog_token::Config>,
}
