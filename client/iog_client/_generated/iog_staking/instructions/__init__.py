from .class_set import class_set, ClassSetArgs, ClassSetAccounts
from .costake_accept import costake_accept, CostakeAcceptArgs, CostakeAcceptAccounts
from .costake_end import costake_end, CostakeEndAccounts
from .costake_leave import costake_leave, CostakeLeaveAccounts
from .costake_offer import costake_offer, CostakeOfferArgs, CostakeOfferAccounts
from .costake_revoke import costake_revoke, CostakeRevokeAccounts
from .costake_withdraw import costake_withdraw, CostakeWithdrawAccounts
from .node_ask import node_ask, NodeAskArgs, NodeAskAccounts
from .node_hold import node_hold, NodeHoldArgs, NodeHoldAccounts
from .node_pause import node_pause, NodePauseAccounts
from .node_payee import node_payee, NodePayeeArgs, NodePayeeAccounts
from .node_register import node_register, NodeRegisterArgs, NodeRegisterAccounts
from .node_release import node_release, NodeReleaseArgs, NodeReleaseAccounts
from .node_resume import node_resume, NodeResumeAccounts
from .node_retire import node_retire, NodeRetireAccounts
from .stake_add import stake_add, StakeAddArgs, StakeAddAccounts
from .stake_reduce import stake_reduce, StakeReduceArgs, StakeReduceAccounts
from .stake_unstake import stake_unstake, StakeUnstakeAccounts
from .stake_withdraw import stake_withdraw, StakeWithdrawAccounts
from .staking_initialize import (
    staking_initialize,
    StakingInitializeArgs,
    StakingInitializeAccounts,
)

__all__ = [
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
    "StakeAddAccounts",
    "StakeAddArgs",
    "StakeReduceAccounts",
    "StakeReduceArgs",
    "StakeUnstakeAccounts",
    "StakeWithdrawAccounts",
    "StakingInitializeAccounts",
    "StakingInitializeArgs",
    "class_set",
    "costake_accept",
    "costake_end",
    "costake_leave",
    "costake_offer",
    "costake_revoke",
    "costake_withdraw",
    "node_ask",
    "node_hold",
    "node_pause",
    "node_payee",
    "node_register",
    "node_release",
    "node_resume",
    "node_retire",
    "stake_add",
    "stake_reduce",
    "stake_unstake",
    "stake_withdraw",
    "staking_initialize",
]
