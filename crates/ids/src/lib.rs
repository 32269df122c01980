//! Addresses of the four programs, compiled into each of them.
//!
//! The defaults belong to the keys in `programs/keys`, which are for local chains only. A network
//! of one's own builds with other ids: the environment variables below replace them, and cargo
//! rebuilds when one changes.
#![no_std]

use solana_address::Address;

/// Base58 text of a program id: the environment's at build time, else the default.
macro_rules! program_id {
    ($(#[$doc:meta])* $text:ident, $id:ident, $variable:literal, $default:literal) => {
        $(#[$doc])*
        pub const $text: &str = match option_env!($variable) {
            Some(text) => text,
            None => $default,
        };
        $(#[$doc])*
        pub const $id: Address = Address::from_str_const($text);
    };
}

program_id!(
    /// Mint, genesis and emission.
    TOKEN_TEXT, TOKEN, "IOG_TOKEN_ID", "CDc1nT27Ld5pThW2PbdAu2KDwHuN4VgLrQHKdWkVk9W6"
);
program_id!(
    /// Node registry and collateral.
    STAKING_TEXT, STAKING, "IOG_STAKING_ID", "ASSAosC1fiaPZvEZ7Bm73eoy8f96Tawwbr5KWqUEwcia"
);
program_id!(
    /// Hourly payment.
    REWARDS_TEXT, REWARDS, "IOG_REWARDS_ID", "EWmAMAKU3LAuVhTENRZbDuaMMkvdmQ5xEWVE97qsV3Av"
);
program_id!(
    /// Escrow of jobs.
    JOBS_TEXT, JOBS, "IOG_JOBS_ID", "3W3gpj8dFTGt6pofbyZKmDCRKeohBF6nnvu9j84s4o5h"
);
