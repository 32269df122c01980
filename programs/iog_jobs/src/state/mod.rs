//! Accounts of iog_jobs, their transitions and what always holds of them.

mod client;
mod config;
mod delegate;
mod gang;
mod job;

pub use client::*;
pub use config::*;
pub use delegate::*;
pub use gang::*;
pub use job::*;

#[cfg(test)]
mod tests;
