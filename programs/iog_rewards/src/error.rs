//! Errors of iog_rewards. Append only: a retired one keeps its place.

use anchor_lang::prelude::*;

#[error_code]
pub enum RewardsError {
    // 6000
    #[msg("the signer is not the id key of the program")]
    WrongProgramKey,
    // 6001
    #[msg("the signer is not an oracle")]
    WrongOracle,
    // 6002
    #[msg("the number of oracles is not between 1 and 7")]
    OracleCountOutOfRange,
    // 6003
    #[msg("an oracle is named twice")]
    OracleRepeated,
    // 6004
    #[msg("the threshold is not between 1 and the number of oracles")]
    ThresholdOutOfRange,
    // 6005
    #[msg("fewer oracles signed than the threshold")]
    TooFewOracles,
    // 6006
    #[msg("the distributor is paused")]
    Paused,
    // 6007
    #[msg("another root is pending")]
    RootPending,
    // 6008
    #[msg("the epoch is not above that of the live root")]
    EpochNotNew,
    // 6009
    #[msg("the epoch is above the hours minted")]
    EpochNotMinted,
    // 6010
    #[msg("the total is below that of the live root")]
    TotalFell,
    // 6011
    #[msg("the total exceeds what was emitted to rewards")]
    TotalAboveEmission,
    // 6012
    #[msg("the number of leaves is not between 1 and 2^23")]
    CountOutOfRange,
    // 6013
    #[msg("the expected root is not the live one")]
    StaleRoot,
    // 6014
    #[msg("the proof has more than 23 levels")]
    ProofTooLong,
    // 6015
    #[msg("the proof does not lead to the live root")]
    WrongProof,
    // 6016
    #[msg("nothing is left to claim")]
    NothingToClaim,
    // 6017
    #[msg("the claims exceed the total of the live root")]
    TotalExceeded,
    // 6018
    #[msg("the destination is not the associated token account of the wallet")]
    WrongDestination,
    // 6019
    #[msg("the distributor breaks its invariant")]
    InvariantBroken,
    // 6020
    #[msg("the signer is not the authority")]
    WrongAuthority,
    // 6021
    #[msg("the signer is not the key that the authority was offered to")]
    WrongPendingAuthority,
    // 6022
    #[msg("the signer is not the guardian")]
    WrongGuardian,
    // 6023
    #[msg("the signer is neither the guardian nor the authority")]
    NotGuardianNorAuthority,
    // 6024
    #[msg("the distributor is not paused")]
    NotPaused,
    // 6025
    #[msg("no root is pending")]
    NoRootPending,
    // 6026
    #[msg("the pending root is due")]
    RootDue,
}
