pub mod distributor_initialize;
pub mod reward_claim;
pub mod root_propose;

pub use distributor_initialize::*;
pub use reward_claim::*;
pub use root_propose::*;
