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

#[event]
pub struct ClientOpened {
    pub client: Address,
    pub wallet: Address,
    pub matchers: [Address; 4],
    pub matcher_count: u8,
    pub next_job: u64,
}

#[event]
pub struct JobOpened {
    pub job: Address,
    pub client: Address,
    pub number: u64,
    pub matcher: Address,
    pub class: Address,
    pub spec_hash: [u8; 32],
    pub min_multiplier: u32,
    pub gpus: u16,
    pub max_price: u64,
    pub max_seconds: u32,
    pub window: u32,
    pub funded: u64,
    pub opened_at: i64,
    /// Place by.
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
