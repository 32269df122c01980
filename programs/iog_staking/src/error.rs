//! What iog_staking refuses. Append only: the codes are part of the interface.

use anchor_lang::prelude::*;

#[error_code]
pub enum StakingError {
    // 6000
    #[msg("the signer is not the authority of the config")]
    NotAuthority,
    // 6001
    #[msg("the mint is not the one of iog_token")]
    MintMismatch,
    // 6002
    #[msg("a slug is 1 to 16 of a-z, 0-9 and -, then zeros")]
    SlugMalformed,
    // 6003
    #[msg("the multiplier is outside 1 to 100,000 thousandths")]
    MultiplierOutOfRange,
    // 6004
    #[msg("the pool is neither 0 (enterprise) nor 1 (community)")]
    PoolUnknown,
    // 6005
    #[msg("the pool of an existing class cannot change")]
    PoolFixed,
    // 6006
    #[msg("enabled is neither 0 nor 1")]
    FlagMalformed,
    // 6007
    #[msg("the class is not enabled")]
    ClassDisabled,
    // 6008
    #[msg("the number of GPUs is outside 1 to 1,024")]
    GpusOutOfRange,
    // 6009
    #[msg("the instruction right before is not one of the Ed25519 precompile")]
    SignatureMissing,
    // 6010
    #[msg("the Ed25519 instruction is not in the one accepted layout")]
    SignatureLayout,
    // 6011
    #[msg("the Ed25519 instruction checked other bytes than this registration's")]
    SignatureMessage,
    // 6012
    #[msg("the registration is not signed by the device alone")]
    SignatureKey,
    // 6013
    #[msg("the signer is not the owner of the node")]
    NotOwner,
    // 6014
    #[msg("the node is retired")]
    NodeRetired,
    // 6015
    #[msg("the amount is zero")]
    AmountZero,
    // 6016
    #[msg("the sum does not fit 64 bits")]
    SumOverflow,
    // 6017
    #[msg("the vault is not the one of the config")]
    VaultMismatch,
    // 6018
    #[msg("the signer is not the config of iog_jobs")]
    NotJobs,
    // 6019
    #[msg("the node is not active")]
    NodeNotActive,
    // 6020
    #[msg("the number of GPUs is zero")]
    GpusZero,
    // 6021
    #[msg("the node has fewer free GPUs")]
    GpusTaken,
    // 6022
    #[msg("the node has fewer GPUs held")]
    GpusNotHeld,
    // 6023
    #[msg("the account would break a rule that always holds")]
    InvariantBroken,
    // 6024
    #[msg("the payee is the zero address")]
    PayeeZero,
    // 6025
    #[msg("the signer is not the id key of the program")]
    WrongProgramKey,

    // --- backers' pool, slash cases, authorities ---
    // 6026
    #[msg("the signer is not the proposed authority")]
    NotPendingAuthority,
    // 6027
    #[msg("the signer is neither the guardian nor the authority")]
    NotStopper,
    // 6028
    #[msg("nothing may come in while the program is paused")]
    StakingPaused,
    // 6029
    #[msg("the program is not paused")]
    NotPaused,
    // 6030
    #[msg("the signer is not the slasher of the config")]
    NotSlasher,
    // 6031
    #[msg("the signer is not the arbiter of the config")]
    NotArbiter,
    // 6032
    #[msg("the signer is neither the owner nor the co-staker of the case")]
    NotParty,
    // 6033
    #[msg("the kind of the case is outside 1 to 5")]
    KindUnknown,
    // 6034
    #[msg("the share is outside 1 to the most of its kind")]
    ShareOutOfRange,
    // 6035
    #[msg("the share of the stake is less than one base unit")]
    NothingToTake,
    // 6036
    #[msg("a slash case is open against the node")]
    CaseOpen,
    // 6037
    #[msg("the case is not in a state that this follows")]
    CaseState,
    // 6038
    #[msg("the deadline of the case has passed")]
    CaseDeadlinePassed,
    // 6039
    #[msg("the deadline of the case has not passed")]
    CaseRuns,
    // 6040
    #[msg("the case is not one of the node")]
    CaseMismatch,
    // 6041
    #[msg("the emission is not advanced to the last ended hour")]
    PoolEmissionBehind,
    // 6042
    #[msg("the backer has less staked")]
    PoolStakeLess,
    // 6043
    #[msg("nothing is unbonding")]
    NothingUnbonding,
    // 6044
    #[msg("the unbonding time has not passed")]
    UnbondingRuns,
    // 6045
    #[msg("nothing is due")]
    NothingDue,
    // 6046
    #[msg("the tokens are not the associated account of the wallet")]
    TokensMismatch,
}

impl From<iog_statement::Refusal> for StakingError {
    fn from(refusal: iog_statement::Refusal) -> Self {
        match refusal {
            iog_statement::Refusal::Missing => Self::SignatureMissing,
            iog_statement::Refusal::Layout => Self::SignatureLayout,
            iog_statement::Refusal::Message => Self::SignatureMessage,
        }
    }
}
