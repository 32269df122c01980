//! What indexers read: each event carries the state after the change.

use anchor_lang::prelude::*;

#[event]
pub struct StakingInitialized {
    pub authority: Address,
    pub guardian: Address,
    pub slasher: Address,
    pub arbiter: Address,
    pub mint: Address,
    pub genesis_hash: [u8; 32],
    pub hour_length: u32,
}

#[event]
pub struct ClassSet {
    pub class: Address,
    pub slug: [u8; 16],
    pub pool: u8,
    pub multiplier: u32,
    pub enabled: u8,
    pub next_multiplier: u32,
    pub next_enabled: u8,
    /// First hour of the announced values; 0 when there are none.
    pub next_from_hour: u32,
}

#[event]
pub struct NodeRegistered {
    pub node: Address,
    pub device: Address,
    pub owner: Address,
    pub class: Address,
    pub payee: Address,
    pub gpus: u16,
    pub ask: u64,
    pub multiplier: u32,
    pub requirement: u64,
    pub at: i64,
}

#[event]
pub struct StakeAdded {
    pub node: Address,
    pub owner: Address,
    pub amount: u64,
    pub stake: u64,
    /// Hour from which this stake counts.
    pub stake_from_hour: u32,
    pub state: u8,
    /// Hour from which the node counts; 0 while it is not active.
    pub active_from_hour: u32,
    pub total_staked: u64,
}

#[event]
pub struct NodeHeld {
    pub node: Address,
    pub gpus: u16,
    pub busy: u16,
    pub running: u16,
}

#[event]
pub struct NodeReleased {
    pub node: Address,
    pub gpus: u16,
    pub busy: u16,
    pub running: u16,
}
