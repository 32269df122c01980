//! Anchor as the large programs see it: they name this crate `anchor-lang`.
//!
//! The code that Anchor's macros write runs each instruction by `anchor_lang::run_handler`, which is
//! inlined always, and with it the walk over the accounts and the number that an error becomes: in
//! a program of forty instructions forty copies, a quarter of its size. The function of that name
//! here hides Anchor's. It does the same by the same parts of Anchor, those two compiled once.
#![no_std]

mod run;

pub use anchor_lang::*;
pub use run::run_handler;
