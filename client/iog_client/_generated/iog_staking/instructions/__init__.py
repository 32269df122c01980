from .class_set import class_set, ClassSetArgs, ClassSetAccounts
from .node_hold import node_hold, NodeHoldArgs, NodeHoldAccounts
from .node_register import node_register, NodeRegisterArgs, NodeRegisterAccounts
from .node_release import node_release, NodeReleaseArgs, NodeReleaseAccounts
from .stake_add import stake_add, StakeAddArgs, StakeAddAccounts
from .staking_initialize import (
    staking_initialize,
    StakingInitializeArgs,
    StakingInitializeAccounts,
)

__all__ = [
    "ClassSetAccounts",
    "ClassSetArgs",
    "NodeHoldAccounts",
    "NodeHoldArgs",
    "NodeRegisterAccounts",
    "NodeRegisterArgs",
    "NodeReleaseAccounts",
    "NodeReleaseArgs",
    "StakeAddAccounts",
    "StakeAddArgs",
    "StakingInitializeAccounts",
    "StakingInitializeArgs",
    "class_set",
    "node_hold",
    "node_register",
    "node_release",
    "stake_add",
    "staking_initialize",
]
