//! Errors of iog_token. Append only: a retired one keeps its place.

use anchor_lang::prelude::*;

#[error_code]
pub enum TokenError {
    // 6000
    #[msg("the signer is not the id key of the program")]
    WrongProgramKey,
    // 6001
    #[msg("the signer is not the authority")]
    WrongAuthority,
    // 6002
    #[msg("the length of an hour is zero")]
    HourLengthZero,
    // 6003
    #[msg("a share exceeds 10,000 basis points")]
    ShareAboveWhole,
    // 6004
    #[msg("the bucket index is not below 8")]
    BucketIndexOutOfRange,
    // 6005
    #[msg("the genesis is sealed")]
    GenesisAlreadySealed,
    // 6006
    #[msg("the genesis is not sealed")]
    GenesisNotSealed,
    // 6007
    #[msg("the buckets do not sum to 500,000,000 IO")]
    GenesisSumWrong,
    // 6008
    #[msg("the emission has its start already")]
    EmissionAlreadyStarted,
    // 6009
    #[msg("the start lies in the past")]
    StartInThePast,
    // 6010
    #[msg("nothing is due")]
    NothingDue,
    // 6011
    #[msg("the destination is not the associated token account of the beneficiary")]
    WrongDestination,
    // 6012
    #[msg("an amount exceeds 64 bits")]
    AmountOverflow,
    // 6013
    #[msg("the configuration breaks its invariant")]
    InvariantBroken,
    // 6014
    #[msg("the start lies more than 365 days ahead")]
    StartTooFar,
    // 6015
    #[msg("the signer is not the key that the authority was offered to")]
    WrongPendingAuthority,
    // 6016
    #[msg("the signer is neither the guardian nor the authority")]
    NotGuardianNorAuthority,
    // 6017
    #[msg("the first hour of the share has begun, or is hour 1")]
    SplitTooEarly,
    // 6018
    #[msg("the share would hold after the last hour")]
    SplitTooLate,
    // 6019
    #[msg("an announced share is due and not yet taken over by emission_advance")]
    SplitDue,
    // 6020
    #[msg("no share is announced")]
    NoSplit,
}
