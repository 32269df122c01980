from .distributor_initialize import (
    distributor_initialize,
    DistributorInitializeArgs,
    DistributorInitializeAccounts,
)
from .reward_claim import reward_claim, RewardClaimArgs, RewardClaimAccounts
from .root_propose import root_propose, RootProposeArgs, RootProposeAccounts

__all__ = [
    "DistributorInitializeAccounts",
    "DistributorInitializeArgs",
    "RewardClaimAccounts",
    "RewardClaimArgs",
    "RootProposeAccounts",
    "RootProposeArgs",
    "distributor_initialize",
    "reward_claim",
    "root_propose",
]
