//! Integer arithmetic for money and time.
//!
//! Everything here is pure and total: a result that does not fit is `None`, never a panic. Nothing
//! uses a 128-bit multiply, divide or variable shift, nor an overflow-checked 64-bit multiply,
//! because LLVM has no such operations for the chain's machine.
#![no_std]

pub mod emission;
#[rustfmt::skip]
mod emission_table;
mod time;
mod wide;

pub use time::{hour_now, hours_ended, scaled, HOURS, SECONDS_PER_HOUR};
pub use wide::{checked_mul, div_wide, mul_64x128, mul_div, mul_div_up, widening_mul};
