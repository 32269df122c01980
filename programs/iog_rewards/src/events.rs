//! What indexers read. Amounts are base units, 10^-8 IO.

use anchor_lang::prelude::*;

#[event]
pub struct DistributorInitialized {
    pub authority: Address,
    pub guardian: Address,
    pub vault: Address,
    pub threshold: u8,
    pub oracle_count: u8,
    /// Seconds.
    pub hour_length: u32,
}

#[event]
pub struct RootProposed {
    pub epoch: u32,
    pub root: [u8; 32],
    /// sha256 of the published hour.
    pub data_hash: [u8; 32],
    /// Cumulative base units over all leaves.
    pub total: u64,
    /// Leaves.
    pub count: u32,
    /// Unix seconds from which the root can become the live one.
    pub active_at: i64,
}

#[event]
pub struct RootActivated {
    pub epoch: u32,
    pub root: [u8; 32],
    pub total: u64,
}

#[event]
pub struct RewardClaimed {
    pub wallet: Address,
    /// Epoch of the root that the claim was proved against.
    pub epoch: u32,
    /// Paid now.
    pub amount: u64,
    /// Paid to this wallet so far.
    pub cumulative: u64,
    /// Paid to all wallets so far.
    pub claimed: u64,
}

/// `new` is zero when the offer was withdrawn.
#[event]
pub struct AuthorityProposed {
    pub old: Address,
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
pub struct OraclesSet {
    pub threshold: u8,
    pub oracle_count: u8,
    /// The first `oracle_count` are set.
    pub oracles: [Address; 7],
}

/// The pending root as it was proposed.
#[event]
pub struct RootVetoed {
    pub epoch: u32,
    pub root: [u8; 32],
    /// sha256 of the published hour.
    pub data_hash: [u8; 32],
    /// Cumulative base units over all leaves.
    pub total: u64,
    /// Leaves.
    pub count: u32,
}

#[event]
pub struct RewardsPaused {
    pub by: Address,
}

#[event]
pub struct RewardsResumed {
    pub by: Address,
}
