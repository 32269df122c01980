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
