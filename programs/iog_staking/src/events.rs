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

#[event]
pub struct NodeAskSet {
    pub node: Address,
    pub old: u64,
    pub ask: u64,
}

#[event]
pub struct NodePayeeSet {
    pub node: Address,
    pub payee: Address,
    /// Payee until `payee_from_hour`.
    pub prev_payee: Address,
    pub payee_from_hour: u32,
}

#[event]
pub struct NodePaused {
    pub node: Address,
    /// Jobs that go on.
    pub running: u16,
}

#[event]
pub struct NodeResumed {
    pub node: Address,
    pub active_from_hour: u32,
}

#[event]
pub struct NodeRetired {
    pub node: Address,
    pub owner: Address,
}

#[event]
pub struct StakeReduced {
    pub node: Address,
    pub owner: Address,
    pub amount: u64,
    pub stake: u64,
    pub stake_from_hour: u32,
    pub total_staked: u64,
}

#[event]
pub struct StakeUnstaked {
    pub node: Address,
    pub owner: Address,
    pub amount: u64,
    /// All that is on its way out, with what was before.
    pub cooling: u64,
    pub cooling_until: i64,
    pub stake_from_hour: u32,
}

#[event]
pub struct StakeWithdrawn {
    pub node: Address,
    pub owner: Address,
    pub amount: u64,
    pub total_staked: u64,
}

#[event]
pub struct CostakeOffered {
    pub node: Address,
    pub owner: Address,
    pub amount: u64,
    pub share_bps: u16,
}

#[event]
pub struct CostakeRevoked {
    pub node: Address,
    pub amount: u64,
    pub share_bps: u16,
}

#[event]
pub struct CostakeAccepted {
    pub node: Address,
    pub owner: Address,
    pub costaker: Address,
    pub amount: u64,
    pub share_bps: u16,
    /// Hour from which the share counts.
    pub costake_from_hour: u32,
    /// Taken offers of the owner, this one included.
    pub costakes: u8,
    pub total_staked: u64,
}

#[event]
pub struct CostakeLeft {
    pub node: Address,
    pub costaker: Address,
    pub amount: u64,
    /// When the co-stake ends.
    pub leave_at: i64,
}

#[event]
pub struct CostakeEnded {
    pub node: Address,
    pub owner: Address,
    pub costaker: Address,
    pub amount: u64,
    pub costake_cooling_until: i64,
    /// Hour from which the share is none.
    pub costake_from_hour: u32,
    /// Taken offers of the owner that are left.
    pub costakes: u8,
    pub state: u8,
    pub active_from_hour: u32,
}

#[event]
pub struct CostakeWithdrawn {
    pub node: Address,
    pub costaker: Address,
    pub amount: u64,
    pub total_staked: u64,
}

// the backers' pool, slash cases and authorities

// --- the backers' pool, slash cases and authorities ---

#[event]
pub struct AuthorityProposed {
    pub old: Address,
    /// Zero: the proposal is withdrawn.
    pub new: Address,
}

#[event]
pub struct AuthorityAccepted {
    pub old: Address,
    pub new: Address,
}

#[event]
pub struct GuardianSet {
    pub old: Address,
    pub new: Address,
}

#[event]
pub struct SlasherSet {
    pub old: Address,
    pub new: Address,
}

#[event]
pub struct ArbiterSet {
    pub old: Address,
    pub new: Address,
}

#[event]
pub struct StakingPaused {
    pub by: Address,
}

#[event]
pub struct StakingResumed {
    pub by: Address,
}

#[event]
pub struct PoolAdvanced {
    pub hour: u32,
    /// What goes to the backers with this.
    pub released: u64,
    pub pool_released: u64,
    /// What the emission has brought to the pool since the start.
    pub pool_seen: u64,
    pub pool_total: u64,
    /// 64.64 fixed point, little-endian.
    pub per_share: [u8; 16],
}

#[event]
pub struct PoolStaked {
    pub wallet: Address,
    pub amount: u64,
    pub staked: u64,
    pub unclaimed: u64,
    pub pool_total: u64,
}

#[event]
pub struct PoolUnstaked {
    pub wallet: Address,
    pub amount: u64,
    pub staked: u64,
    pub unclaimed: u64,
    pub unbonding: u64,
    pub unbonding_until: i64,
    pub pool_total: u64,
}

#[event]
pub struct PoolWithdrawn {
    pub wallet: Address,
    pub amount: u64,
    pub pool_unbonding: u64,
}

#[event]
pub struct PoolClaimed {
    pub wallet: Address,
    pub amount: u64,
    pub staked: u64,
}

#[event]
pub struct CaseOpened {
    pub case: Address,
    pub node: Address,
    pub slasher: Address,
    pub owner: Address,
    pub costaker: Address,
    pub kind: u8,
    pub bps: u16,
    pub evidence_hash: [u8; 32],
    pub own: u64,
    pub costake: u64,
    pub cooling: u64,
    pub cooling_costake: u64,
    /// Appeal by.
    pub deadline: i64,
    pub node_state: u8,
    /// Stake in open cases of all nodes.
    pub frozen: u64,
}

#[event]
pub struct CaseAppealed {
    pub case: Address,
    pub node: Address,
    pub party: Address,
    /// Decide by.
    pub deadline: i64,
}

#[event]
pub struct CaseUpheld {
    pub case: Address,
    pub node: Address,
    /// Burned.
    pub amount: u64,
    pub frozen: u64,
    pub total_staked: u64,
}

#[event]
pub struct CaseDropped {
    pub case: Address,
    pub node: Address,
    /// Given back; the buckets of the node after it follow.
    pub amount: u64,
    pub stake: u64,
    pub costake: u64,
    pub cooling: u64,
    pub cooling_costake: u64,
    pub node_state: u8,
    /// Hour from which the node counts; 0 while it is not active.
    pub active_from_hour: u32,
    pub frozen: u64,
}
