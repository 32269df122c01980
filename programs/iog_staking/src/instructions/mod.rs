// Anchor's macro reads the arguments named by #[instruction] twice and uses them once.
#[allow(unused_variables)]
mod class_set;
mod node_hold;
mod node_register;
mod node_release;
mod stake_add;
mod staking_initialize;

pub use class_set::*;
pub use node_hold::*;
pub use node_register::*;
pub use node_release::*;
pub use stake_add::*;
pub use staking_initialize::*;

// --- backers' pool, slash cases, authorities ---
mod arbiter_set;
mod authority_accept;
mod authority_propose;
mod case_appeal;
mod case_close;
mod case_drop;
// As class_set.
#[allow(unused_variables)]
mod case_open;
mod case_uphold;
mod guardian_set;
mod pool_advance;
mod pool_claim;
mod pool_stake;
mod pool_unstake;
mod pool_withdraw;
mod slasher_set;
mod staking_pause;
mod staking_resume;

pub use arbiter_set::*;
pub use authority_accept::*;
pub use authority_propose::*;
pub use case_appeal::*;
pub use case_close::*;
pub use case_drop::*;
pub use case_open::*;
pub use case_uphold::*;
pub use guardian_set::*;
pub use pool_advance::*;
pub use pool_claim::*;
pub use pool_stake::*;
pub use pool_unstake::*;
pub use pool_withdraw::*;
pub use slasher_set::*;
pub use staking_pause::*;
pub use staking_resume::*;
