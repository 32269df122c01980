//! Canonical bytes of statements and registrations, and the proof that keys signed them.
//!
//! A program cannot check an Ed25519 signature itself. The precompile can, and refuses the whole
//! transaction when one is wrong; so a program only has to see that the instruction right before
//! its own is the precompile's, and that it checked the bytes and the keys that matter.
#![no_std]

mod bytes;
mod precompile;

pub use bytes::{
    hour_subject, registration, Kind, Statement, REGISTRATION_LENGTH, STATEMENT_LENGTH,
};
pub use precompile::{signed_before, signers, Refusal, Signers, ED25519_PROGRAM};
