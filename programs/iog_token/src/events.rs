//! What indexers read. Amounts are base units, 10^-8 IO.

use anchor_lang::prelude::*;

#[event]
pub struct TokenInitialized {
    pub authority: Address,
    pub guardian: Address,
    pub mint: Address,
    /// Seconds.
    pub hour_length: u32,
    pub pool_bps: u16,
}

#[event]
pub struct GenesisAllocated {
    pub index: u8,
    pub amount: u64,
    pub beneficiary: Address,
    pub launch_bps: u16,
    pub cliff_months: u16,
    pub linear_months: u16,
    /// Sum of all buckets with this one.
    pub allocated: u64,
}

#[event]
pub struct GenesisSealed {
    pub amount: u64,
    pub buckets: u8,
}

#[event]
pub struct EmissionStarted {
    /// Unix seconds.
    pub start: i64,
}

#[event]
pub struct VestingClaimed {
    pub index: u8,
    pub beneficiary: Address,
    /// Paid now.
    pub amount: u64,
    /// Paid so far.
    pub claimed: u64,
}

/// The amounts are cumulative.
#[event]
pub struct EmissionAdvanced {
    /// Hours minted so far.
    pub hour: u32,
    pub minted: u64,
    pub to_rewards: u64,
    pub to_pool: u64,
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

/// Another share of the backers' pool is announced, in place of one announced before.
#[event]
pub struct SplitSet {
    /// Share until then.
    pub old_bps: u16,
    pub new_bps: u16,
    /// The new share holds for the hours after this one.
    pub from_hour: u32,
}

#[event]
pub struct SplitCancelled {
    pub by: Address,
    pub new_bps: u16,
    pub from_hour: u32,
}
