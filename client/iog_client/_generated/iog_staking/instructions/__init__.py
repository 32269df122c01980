from .arbiter_set import arbiter_set, ArbiterSetArgs, ArbiterSetAccounts
from .authority_accept import authority_accept, AuthorityAcceptAccounts
from .authority_propose import (
    authority_propose,
    AuthorityProposeArgs,
    AuthorityProposeAccounts,
)
from .case_appeal import case_appeal, CaseAppealAccounts
from .case_close import case_close, CaseCloseAccounts
from .case_drop import case_drop, CaseDropAccounts
from .case_open import case_open, CaseOpenArgs, CaseOpenAccounts
from .case_uphold import case_uphold, CaseUpholdAccounts
from .class_set import class_set, ClassSetArgs, ClassSetAccounts
from .costake_accept import costake_accept, CostakeAcceptArgs, CostakeAcceptAccounts
from .costake_end import costake_end, CostakeEndAccounts
from .costake_leave import costake_leave, CostakeLeaveAccounts
from .costake_offer import costake_offer, CostakeOfferArgs, CostakeOfferAccounts
from .costake_revoke import costake_revoke, CostakeRevokeAccounts
from .costake_withdraw import costake_withdraw, CostakeWithdrawAccounts
from .guardian_set import guardian_set, GuardianSetArgs, GuardianSetAccounts
from .node_ask import node_ask, NodeAskArgs, NodeAskAccounts
from .node_hold import node_hold, NodeHoldArgs, NodeHoldAccounts
from .node_pause import node_pause, NodePauseAccounts
from .node_payee import node_payee, NodePayeeArgs, NodePayeeAccounts
from .node_register import node_register, NodeRegisterArgs, NodeRegisterAccounts
from .node_release import node_release, NodeReleaseArgs, NodeReleaseAccounts
from .node_resume import node_resume, NodeResumeAccounts
from .node_retire import node_retire, NodeRetireAccounts
from .pool_advance import pool_advance, PoolAdvanceAccounts
from .pool_claim import pool_claim, PoolClaimAccounts
from .pool_stake import pool_stake, PoolStakeArgs, PoolStakeAccounts
from .pool_unstake import pool_unstake, PoolUnstakeArgs, PoolUnstakeAccounts
from .pool_withdraw import pool_withdraw, PoolWithdrawAccounts
from .slasher_set import slasher_set, SlasherSetArgs, SlasherSetAccounts
from .stake_add import stake_add, StakeAddArgs, StakeAddAccounts
from .stake_reduce import stake_reduce, StakeReduceArgs, StakeReduceAccounts
from .stake_unstake import stake_unstake, StakeUnstakeAccounts
from .stake_withdraw import stake_withdraw, StakeWithdrawAccounts
from .staking_initialize import (
    staking_initialize,
    StakingInitializeArgs,
    StakingInitializeAccounts,
)
from .staking_pause import staking_pause, StakingPauseAccounts
from .staking_resume import staking_resume, StakingResumeAccounts

__all__ = [
    "ArbiterSetAccounts",
    "ArbiterSetArgs",
    "AuthorityAcceptAccounts",
    "AuthorityProposeAccounts",
    "AuthorityProposeArgs",
    "CaseAppealAccounts",
    "CaseCloseAccounts",
    "CaseDropAccounts",
    "CaseOpenAccounts",
    "CaseOpenArgs",
    "CaseUpholdAccounts",
    "ClassSetAccounts",
    "ClassSetArgs",
    "CostakeAcceptAccounts",
    "CostakeAcceptArgs",
    "CostakeEndAccounts",
    "CostakeLeaveAccounts",
    "CostakeOfferAccounts",
    "CostakeOfferArgs",
    "CostakeRevokeAccounts",
    "CostakeWithdrawAccounts",
    "GuardianSetAccounts",
    "GuardianSetArgs",
    "NodeAskAccounts",
    "NodeAskArgs",
    "NodeHoldAccounts",
    "NodeHoldArgs",
    "NodePauseAccounts",
    "NodePayeeAccounts",
    "NodePayeeArgs",
    "NodeRegisterAccounts",
    "NodeRegisterArgs",
    "NodeReleaseAccounts",
    "NodeReleaseArgs",
    "NodeResumeAccounts",
    "NodeRetireAccounts",
    "PoolAdvanceAccounts",
    "PoolClaimAccounts",
    "PoolStakeAccounts",
    "PoolStakeArgs",
    "PoolUnstakeAccounts",
    "PoolUnstakeArgs",
    "PoolWithdrawAccounts",
    "SlasherSetAccounts",
    "SlasherSetArgs",
    "StakeAddAccounts",
    "StakeAddArgs",
    "StakeReduceAccounts",
    "StakeReduceArgs",
    "StakeUnstakeAccounts",
    "StakeWithdrawAccounts",
    "StakingInitializeAccounts",
    "StakingInitializeArgs",
    "StakingPauseAccounts",
    "StakingResumeAccounts",
    "arbiter_set",
    "authority_accept",
    "authority_propose",
    "case_appeal",
    "case_close",
    "case_drop",
    "case_open",
    "case_uphold",
    "class_set",
    "costake_accept",
    "costake_end",
    "costake_leave",
    "costake_offer",
    "costake_revoke",
    "costake_withdraw",
    "guardian_set",
    "node_ask",
    "node_hold",
    "node_pause",
    "node_payee",
    "node_register",
    "node_release",
    "node_resume",
    "node_retire",
    "pool_advance",
    "pool_claim",
    "pool_stake",
    "pool_unstake",
    "pool_withdraw",
    "slasher_set",
    "stake_add",
    "stake_reduce",
    "stake_unstake",
    "stake_withdraw",
    "staking_initialize",
    "staking_pause",
    "staking_resume",
]
