"""What to do about a program's refusal, for those where somebody can do something.

Keys are a program and the name of one of its errors. The client checks most of these before it
sends anything; between its look and the transaction the chain may have moved on.
"""

_SHOW = "`iog authority show` says who it is"
_CLAIM = "`iog reward show` says what there is"
_JOB = "`iog job show JOB` says how it is now"
_STAKE = "`iog stake show` says what is staked and when it may leave"

HINTS: dict[tuple[str, str], str] = {
    ("iog_token", "GenesisNotSealed"): "`iog network init` goes on where it was",
    ("iog_token", "NothingDue"): "`iog token show` says what is due when",
    ("iog_token", "NoSplit"): "`iog token split show` says which share holds",
    ("iog_token", "NotGuardianNorAuthority"): _SHOW,
    ("iog_token", "SplitDue"): "announce the share again, which takes the due one over",
    ("iog_token", "SplitTooEarly"): "announce it for a later hour",
    ("iog_token", "WrongAuthority"): _SHOW,
    ("iog_token", "WrongPendingAuthority"): _SHOW,
    ("iog_rewards", "NoRootPending"): _CLAIM,
    ("iog_rewards", "NotGuardianNorAuthority"): _SHOW,
    ("iog_rewards", "NothingToClaim"): _CLAIM,
    ("iog_rewards", "Paused"): "its authority ends that with `iog authority resume rewards`",
    ("iog_rewards", "StaleRoot"): "a new root went live: ask for the proof again",
    ("iog_rewards", "WrongAuthority"): _SHOW,
    ("iog_rewards", "WrongGuardian"): _SHOW,
    ("iog_rewards", "WrongPendingAuthority"): _SHOW,
    ("iog_rewards", "WrongProof"): "a new root went live: ask for the proof again",
    ("iog_staking", "CaseOpen"): "`iog slash show` says which and until when",
    ("iog_staking", "ClassDisabled"): "`iog network show` says which classes are enabled",
    ("iog_staking", "GpusTaken"): "wait until a job of the node ends",
    ("iog_staking", "NodeBusy"): "pause the node and wait until its jobs end",
    ("iog_staking", "NodeNotActive"): "`iog stake add NODE --required` makes it active",
    ("iog_staking", "NotAuthority"): _SHOW,
    ("iog_staking", "OfferDiffers"): "`iog costake show` says what is offered now",
    ("iog_staking", "OfferMissing"): "`iog costake show` says what is offered now",
    ("iog_staking", "RequirementHeld"): _STAKE,
    ("iog_staking", "OwnHalfHeld"): _STAKE,
    ("iog_staking", "StakeNotMet"): "`iog stake add NODE --required` adds what lacks",
    ("iog_staking", "StakeLeft"): "unstake and withdraw it first",
    ("iog_staking", "StakingPaused"): "its authority ends that with `iog authority resume staking`",
    ("iog_staking", "StillCooling"): _STAKE,
    ("iog_jobs", "AskTooHigh"): "a higher price in the job file finds more nodes",
    ("iog_jobs", "DayLimit"): "`iog delegate show` says what is left; the wallet sets the limits",
    ("iog_jobs", "DeadlineAhead"): _JOB,
    ("iog_jobs", "DeadlinePassed"): _JOB,
    ("iog_jobs", "DisputeOpen"): "the arbiter decides it, or its time passes",
    ("iog_jobs", "FeesNone"): "jobs bring fees when they are settled",
    ("iog_jobs", "GangFull"): "`iog gang open` opens another one",
    ("iog_jobs", "GpusTaken"): "the job waits for other nodes",
    ("iog_jobs", "JobLimit"): "`iog delegate show` says the limits; the wallet sets them",
    ("iog_jobs", "MatcherNotAllowed"): "`iog delegate set` by the wallet, at that orchestrator",
    ("iog_jobs", "NotGuardianNorAuthority"): _SHOW,
    ("iog_jobs", "NotSpender"): "`iog delegate set` by the job's wallet makes the key a delegate",
    ("iog_jobs", "Paused"): "its authority ends that with `iog authority resume jobs`",
    ("iog_jobs", "StatementDue"): "settle it once the time for its last statement is over",
    ("iog_jobs", "TreasuryMissing"): "`iog authority set jobs treasury ADDRESS` names one",
    ("iog_jobs", "WindowOpen"): _JOB,
    ("iog_jobs", "WrongArbiter"): _SHOW,
    ("iog_jobs", "WrongAuthority"): _SHOW,
    ("iog_jobs", "WrongPendingAuthority"): _SHOW,
    ("iog_jobs", "WrongState"): _JOB,
}
