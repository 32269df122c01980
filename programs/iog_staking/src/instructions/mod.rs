// Anchor's macro reads the arguments named by #[instruction] twice and uses them once.
#[allow(unused_variables)]
mod class_set;
mod costake_accept;
mod costake_end;
mod costake_leave;
mod costake_offer;
mod costake_revoke;
mod node_ask;
mod node_hold;
mod node_owned;
mod node_pause;
mod node_payee;
mod node_register;
mod node_release;
mod node_resume;
mod node_retire;
mod stake_add;
mod stake_reduce;
mod stake_unstake;
mod stake_withdraw;
mod staking_initialize;

pub use class_set::*;
pub use costake_accept::*;
pub use costake_end::*;
pub use costake_leave::*;
pub use costake_offer::*;
pub use node_hold::*;
pub use node_owned::*;
pub use node_register::*;
pub use node_release::*;
pub use stake_add::*;
pub use stake_reduce::*;
pub use stake_unstake::*;
pub use stake_withdraw::*;
pub use staking_initialize::*;

// the backers' pool, slash cases and authorities

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
mod config_change;
mod guardian_set;
mod pool_advance;
mod pool_claim;
mod pool_stake;
mod pool_unstake;
mod pool_withdraw;
mod slasher_set;
mod staking_pause;
mod staking_resume;

pub use authority_accept::*;
pub use case_appeal::*;
pub use case_close::*;
pub use case_drop::*;
pub use case_open::*;
pub use case_uphold::*;
pub use config_change::*;
pub use pool_advance::*;
pub use pool_claim::*;
pub use pool_stake::*;
pub use pool_unstake::*;
pub use pool_withdraw::*;
pub use staking_pause::*;
