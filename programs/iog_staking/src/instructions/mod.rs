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
