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
    // 6026
    #[msg("the program is paused: nothing comes in")]
    StakingPaused,
    // 6027
    #[msg("the device is registered, and the node is not retired")]
    NodeNotRetired,
    // 6028
    #[msg("the node is neither registered nor paused")]
    NodeNotStopped,
    // 6029
    #[msg("the stake is below the requirement")]
    StakeNotMet,
    // 6030
    #[msg("the node still has stake, on its way out or not")]
    StakeLeft,
    // 6031
    #[msg("jobs hold GPUs of the node")]
    NodeBusy,
    // 6032
    #[msg("a slash case of the node is open")]
    CaseOpen,
    // 6033
    #[msg("nothing is staked")]
    NothingStaked,
    // 6034
    #[msg("nothing is on its way out")]
    NothingCooling,
    // 6035
    #[msg("the cooling time has not passed")]
    StillCooling,
    // 6036
    #[msg("the account is not the wallet's associated token account")]
    DestinationMismatch,
    // 6037
    #[msg("less than the requirement would stay")]
    RequirementHeld,
    // 6038
    #[msg("the owner's stake would fall below half the requirement")]
    OwnHalfHeld,
    // 6039
    #[msg("the co-staker is leaving")]
    CostakeLeaving,
    // 6040
    #[msg("the node has a co-stake, on its way out or not")]
    CostakeStands,
    // 6041
    #[msg("the co-stake is outside 1 to half the requirement")]
    OfferAmountOutOfRange,
    // 6042
    #[msg("the share is outside 1 to 10,000")]
    ShareOutOfRange,
    // 6043
    #[msg("the node offers no co-stake")]
    OfferMissing,
    // 6044
    #[msg("the node offers other terms")]
    OfferDiffers,
    // 6045
    #[msg("the owner cannot co-stake the node")]
    CostakeOwn,
    // 6046
    #[msg("the owner has two taken offers")]
    CostakesFull,
    // 6047
    #[msg("the signer is not the co-staker of the node")]
    NotCostaker,
    // 6048
    #[msg("nobody co-stakes the node")]
    CostakeMissing,
    // 6049
    #[msg("the co-stake does not end yet")]
    CostakeNotDue,
    // 6050
    #[msg("the owner's record is needed: a co-stake ends")]
    RecordMissing,
    // 6051
    #[msg("the record is another owner's")]
    RecordMismatch,
    // --- the backers' pool, slash cases and authorities ---
    // 6052
    #[msg("the signer is not the proposed authority")]
    NotPendingAuthority,
    // 6053
    #[msg("the signer is neither the guardian nor the authority")]
    NotStopper,
    // 6054
    #[msg("the program is not paused")]
    NotPaused,
    // 6055
    #[msg("the signer is not the slasher of the config")]
    NotSlasher,
    // 6056
    #[msg("the signer is not the arbiter of the config")]
    NotArbiter,
    // 6057
    #[msg("the signer is neither the owner nor the co-staker of the case")]
    NotParty,
    // 6058
    #[msg("the kind of the case is outside 1 to 5")]
    KindUnknown,
    // 6059
    #[msg("the share is outside 1 to the most of its kind")]
    CaseShareOutOfRange,
    // 6060
    #[msg("the share of the stake is less than one base unit")]
    NothingToTake,
    // 6061
    #[msg("the case is not in a state that this follows")]
    CaseState,
    // 6062
    #[msg("the deadline of the case has passed")]
    CaseDeadlinePassed,
    // 6063
    #[msg("the deadline of the case has not passed")]
    CaseRuns,
    // 6064
    #[msg("the case is not one of the node")]
    CaseMismatch,
    // 6065
    #[msg("the emission is not advanced to the last ended hour")]
    PoolEmissionBehind,
    // 6066
    #[msg("the backer has less staked")]
    PoolStakeLess,
    // 6067
    #[msg("nothing is unbonding")]
    NothingUnbonding,
    // 6068
    #[msg("the unbonding time has not passed")]
    UnbondingRuns,
    // 6069
    #[msg("nothing is due")]
    NothingDue,
    // 6070
    #[msg("the evidence was judged before")]
    EvidenceJudged,
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
