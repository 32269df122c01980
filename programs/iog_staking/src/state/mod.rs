//! Accounts of iog_staking, their transitions and what always holds of them.

mod class;
mod config;
mod costake;
mod node;

pub use class::*;
pub use config::*;
pub use costake::*;
pub use node::*;

/// Base units of one IO.
pub const IO: u64 = 100_000_000;
