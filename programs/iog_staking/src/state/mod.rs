//! Accounts of iog_staking, their transitions and what always holds of them.

mod case;
mod class;
mod config;
mod costake;
mod node;
mod pool;

pub use case::*;
pub use class::*;
pub use config::*;
pub use costake::*;
pub use node::*;
pub use pool::*;

/// Base units of one IO.
pub const IO: u64 = 100_000_000;
