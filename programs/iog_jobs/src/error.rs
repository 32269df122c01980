//! What iog_jobs refuses. Append only: the codes are part of the interface.

use anchor_lang::prelude::*;

#[error_code]
pub enum JobsError {
    // 6000
    #[msg("the mint is not the one of iog_token")]
    MintMismatch,
    // 6001
    #[msg("a client names 1 to 4 matchers")]
    MatcherCount,
    // 6002
    #[msg("a matcher is named twice or is the zero address")]
    MatcherMalformed,
    // 6003
    #[msg("opening of jobs is paused")]
    Paused,
    // 6004
    #[msg("the matcher is not in the client's list")]
    MatcherNotAllowed,
    // 6005
    #[msg("the number of GPUs is outside 1 to 1,024")]
    GpusOutOfRange,
    // 6006
    #[msg("the price is zero")]
    PriceZero,
    // 6007
    #[msg("the duration is outside 1 second to 30 days")]
    DurationOutOfRange,
    // 6008
    #[msg("the window is longer than 14 days")]
    WindowOutOfRange,
    // 6009
    #[msg("the wait is outside 1 second to 30 days")]
    WaitOutOfRange,
    // 6010
    #[msg("the amount does not fit 64 bits")]
    AmountOverflow,
    // 6011
    #[msg("the job is in a state that this instruction does not accept")]
    WrongState,
    // 6012
    #[msg("the deadline has passed")]
    DeadlinePassed,
    // 6013
    #[msg("the deadline has not passed")]
    DeadlineAhead,
    // 6014
    #[msg("the signer is not the matcher of the job")]
    NotMatcher,
    // 6015
    #[msg("the signer is not the device of the job")]
    NotDevice,
    // 6016
    #[msg("the signer is not the client of the job")]
    NotClient,
    // 6017
    #[msg("the node is not the one of the job")]
    NodeMismatch,
    // 6018
    #[msg("the class is not the one of the node")]
    ClassMismatch,
    // 6019
    #[msg("the node is not active")]
    NodeNotActive,
    // 6020
    #[msg("the node is of another class than the job asks for")]
    ClassUnwanted,
    // 6021
    #[msg("the multiplier of the node's class is below the job's minimum")]
    MultiplierTooLow,
    // 6022
    #[msg("the node has fewer free GPUs than the job needs")]
    GpusTaken,
    // 6023
    #[msg("the node is not for rent")]
    AskZero,
    // 6024
    #[msg("the node asks more than the job's maximum price")]
    AskTooHigh,
    // 6025
    #[msg("the instruction right before is not one of the Ed25519 precompile")]
    SignatureMissing,
    // 6026
    #[msg("the Ed25519 instruction is not in the one accepted layout")]
    SignatureLayout,
    // 6027
    #[msg("the Ed25519 instruction checked other bytes than this statement's")]
    SignatureMessage,
    // 6028
    #[msg("the statement is not signed by the device and then the matcher or the client")]
    SignatureKey,
    // 6029
    #[msg("the counter is not above the last one")]
    CounterOld,
    // 6030
    #[msg("the seconds are fewer than those proven")]
    SecondsFewer,
    // 6031
    #[msg("the seconds exceed the job's maximum")]
    SecondsAboveMaximum,
    // 6032
    #[msg("the seconds exceed those since the start")]
    SecondsAhead,
    // 6033
    #[msg("the end reason does not exist or is not one a device may give")]
    ReasonNotAllowed,
    // 6034
    #[msg("the node of a running job is missing")]
    NodeMissing,
    // 6035
    #[msg("before the window ends only the client settles")]
    WindowOpen,
    // 6036
    #[msg("the token account of the payee is missing")]
    PayeeTokensMissing,
    // 6037
    #[msg("the token account is not the payee's associated one")]
    PayeeTokensMismatch,
    // 6038
    #[msg("the token account is not the client's associated one")]
    ClientTokensMismatch,
    // 6039
    #[msg("the vault is not the one of the config")]
    VaultMismatch,
    // 6040
    #[msg("the account is not the one that paid the rent")]
    PayerMismatch,
    // 6041
    #[msg("the account would break a rule that always holds")]
    InvariantBroken,
    // 6042
    #[msg("the signer is not the id key of the program")]
    WrongProgramKey,
    // 6043
    #[msg("before the deadline only the matcher settles a job that was cancelled while it ran")]
    StatementDue,
    // 6044
    #[msg("the signer is not the authority")]
    WrongAuthority,
    // 6045
    #[msg("the signer is not the key that the authority was offered to")]
    WrongPendingAuthority,
    // 6046
    #[msg("the signer is neither the guardian nor the authority")]
    NotGuardianNorAuthority,
    // 6047
    #[msg("the signer is not the arbiter")]
    WrongArbiter,
    // 6048
    #[msg("the share is above 10,000")]
    ShareOutOfRange,
    // 6049
    #[msg("the vault of fees is empty")]
    FeesNone,
    // 6050
    #[msg("there is no treasury, or its token account is missing")]
    TreasuryMissing,
    // 6051
    #[msg("the token account is not the treasury's associated one")]
    TreasuryTokensMismatch,
    // 6052
    #[msg("the number of runs is zero")]
    RunsZero,
    // 6053
    #[msg("the run is the last one")]
    RunsUsedUp,
    // 6054
    #[msg("the last statement is not older than the grace")]
    NodeHeard,
    // 6055
    #[msg("the signer is neither the device nor the matcher of the job")]
    NotDeviceNorMatcher,
    // 6056
    #[msg("the seconds are more than those proven")]
    SecondsMore,
    // 6057
    #[msg("before its deadline a dispute is settled only once it is resolved")]
    DisputeOpen,
    // 6058
    #[msg("the signer is neither the client's wallet nor a delegate of it")]
    NotSpender,
    // 6059
    #[msg("the job would be funded with more than the delegate may put into one")]
    JobLimit,
    // 6060
    #[msg("the delegate would spend more in 24 hours than it may")]
    DayLimit,
    // 6061
    #[msg("the token account is not the wallet's associated one")]
    WalletTokensMismatch,
    // 6062
    #[msg("the number of members is outside 2 to 64")]
    MembersOutOfRange,
    // 6063
    #[msg("the gang is not the one of the job, or not the client's")]
    GangMismatch,
    // 6064
    #[msg("the gang of the job is missing")]
    GangMissing,
    // 6065
    #[msg("all members of the gang are opened")]
    GangFull,
    // 6066
    #[msg("not all members of the gang are opened")]
    GangUnopened,
    // 6067
    #[msg("a member of a gang joins before it starts, and is not released")]
    GangMember,
    // 6068
    #[msg("the job is not a member of a gang")]
    NotGangMember,
    // 6069
    #[msg("the gang has not started")]
    GangWaiting,
    // 6070
    #[msg("the gang has started")]
    GangStarted,
    // 6071
    #[msg("the account is another wallet's")]
    WalletMismatch,
}

impl From<iog_statement::Refusal> for JobsError {
    fn from(refusal: iog_statement::Refusal) -> Self {
        match refusal {
            iog_statement::Refusal::Missing => Self::SignatureMissing,
            iog_statement::Refusal::Layout => Self::SignatureLayout,
            iog_statement::Refusal::Message => Self::SignatureMessage,
        }
    }
}
