//! What indexers read: each event carries the state after the change.

use anchor_lang::prelude::*;

#[event]
pub struct JobsInitialized {
    pub authority: Address,
    pub guardian: Address,
    pub arbiter: Address,
    pub mint: Address,
    pub fee_vault: Address,
    pub genesis_hash: [u8; 32],
    pub hour_length: u32,
    pub fee_bps: u16,
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
pub struct ArbiterSet {
    pub old: Address,
    pub new: Address,
}

#[event]
pub struct TreasurySet {
    pub old: Address,
    pub new: Address,
    pub old_burn_bps: u16,
    pub new_burn_bps: u16,
}

/// No job is opened or extended from now on.
#[event]
pub struct JobsPaused {
    pub by: Address,
}

#[event]
pub struct JobsResumed {
    pub by: Address,
}

#[event]
pub struct FeesCollected {
    pub treasury: Address,
    pub burned: u64,
    /// To the treasury.
    pub paid: u64,
}

#[event]
pub struct ClientOpened {
    pub client: Address,
    pub wallet: Address,
    pub matchers: [Address; 4],
    pub matcher_count: u8,
    pub next_job: u64,
}

#[event]
pub struct DelegateSet {
    pub delegate: Address,
    pub wallet: Address,
    pub key: Address,
    pub per_job: u64,
    pub per_day: u64,
}

#[event]
pub struct DelegateClosed {
    pub delegate: Address,
    pub wallet: Address,
    pub key: Address,
}

#[event]
pub struct GangOpened {
    pub gang: Address,
    pub client: Address,
    pub number: u64,
    pub members: u16,
    pub deadline: i64,
}

#[event]
pub struct JobOpened {
    pub job: Address,
    pub client: Address,
    pub number: u64,
    pub matcher: Address,
    pub class: Address,
    /// Zero for none.
    pub gang: Address,
    /// The wallet, or a delegate of it.
    pub signer: Address,
    pub spec_hash: [u8; 32],
    pub min_multiplier: u32,
    pub gpus: u16,
    pub max_price: u64,
    pub max_seconds: u32,
    pub max_runs: u32,
    pub window: u32,
    pub funded: u64,
    pub opened_at: i64,
    /// Place by.
    pub deadline: i64,
}

#[event]
pub struct JobExtended {
    pub job: Address,
    pub run: u32,
    /// The wallet, or a delegate of it.
    pub signer: Address,
    pub max_seconds: u32,
    /// In all.
    pub funded: u64,
    /// By this extension.
    pub added: u64,
    pub deadline: i64,
}

#[event]
pub struct JobAssigned {
    pub job: Address,
    pub run: u32,
    pub node: Address,
    pub device: Address,
    pub price: u64,
    pub at: i64,
    /// Start by.
    pub deadline: i64,
}

/// The node holds its GPUs for a member of a gang.
#[event]
pub struct JobJoined {
    pub job: Address,
    pub run: u32,
    pub node: Address,
    pub device: Address,
    pub payee: Address,
    pub gang: Address,
    pub joined: u16,
    pub members: u16,
    /// When the gang started; 0 while others are missing.
    pub started_at: i64,
}

#[event]
pub struct JobStarted {
    pub job: Address,
    pub run: u32,
    pub node: Address,
    pub device: Address,
    pub payee: Address,
    pub started_at: i64,
    /// Finish by.
    pub deadline: i64,
}

#[event]
pub struct JobProved {
    pub job: Address,
    pub run: u32,
    pub counter: u64,
    pub seconds: u64,
}

/// A run was given up; the job is open again. Nothing is paid for the run.
#[event]
pub struct JobReleased {
    pub job: Address,
    /// The run that was given up.
    pub run: u32,
    pub node: Address,
    pub device: Address,
    pub by: Address,
    pub reason: u8,
    pub proven_seconds: u64,
    pub at: i64,
    /// Place by.
    pub deadline: i64,
}

#[event]
pub struct JobFinished {
    pub job: Address,
    pub run: u32,
    pub node: Address,
    pub reason: u8,
    pub result_hash: [u8; 32],
    pub proven_seconds: u64,
    pub ended_at: i64,
    /// End of the window.
    pub deadline: i64,
}

#[event]
pub struct JobDisputed {
    pub job: Address,
    pub run: u32,
    pub reason: u8,
    pub proven_seconds: u64,
    pub at: i64,
    /// Decide by.
    pub deadline: i64,
}

#[event]
pub struct JobResolved {
    pub job: Address,
    pub run: u32,
    pub reason: u8,
    /// What the arbiter left.
    pub proven_seconds: u64,
    pub at: i64,
}

#[event]
pub struct JobCancelled {
    pub job: Address,
    pub run: u32,
    pub reason: u8,
    pub proven_seconds: u64,
    pub ended_at: i64,
    /// Until then its last statement may come, and only its matcher settles.
    pub deadline: i64,
}

#[event]
pub struct JobExpired {
    pub job: Address,
    pub run: u32,
    pub reason: u8,
    pub proven_seconds: u64,
    pub ended_at: i64,
}

#[event]
pub struct JobSettled {
    pub job: Address,
    pub client: Address,
    pub node: Address,
    pub payee: Address,
    pub settler: Address,
    pub run: u32,
    pub reason: u8,
    pub proven_seconds: u64,
    /// To the payee.
    pub paid: u64,
    /// Taken from the node's part.
    pub node_fee: u64,
    /// Paid by the client on top.
    pub client_fee: u64,
    /// Of the funding, back to the client.
    pub refunded: u64,
    /// What others had put into the vault; to the client too.
    pub donated: u64,
}
