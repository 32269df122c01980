from .authority_accept import authority_accept, AuthorityAcceptAccounts
from .authority_propose import (
    authority_propose,
    AuthorityProposeArgs,
    AuthorityProposeAccounts,
)
from .distributor_initialize import (
    distributor_initialize,
    DistributorInitializeArgs,
    DistributorInitializeAccounts,
)
from .guardian_set import guardian_set, GuardianSetArgs, GuardianSetAccounts
from .oracles_set import oracles_set, OraclesSetArgs, OraclesSetAccounts
from .reward_claim import reward_claim, RewardClaimArgs, RewardClaimAccounts
from .rewards_pause import rewards_pause, RewardsPauseAccounts
from .rewards_resume import rewards_resume, RewardsResumeAccounts
from .root_propose import root_propose, RootProposeArgs, RootProposeAccounts
from .root_veto import root_veto, RootVetoAccounts

__all__ = [
    "AuthorityAcceptAccounts",
    "AuthorityProposeAccounts",
    "AuthorityProposeArgs",
    "DistributorInitializeAccounts",
    "DistributorInitializeArgs",
    "GuardianSetAccounts",
    "GuardianSetArgs",
    "OraclesSetAccounts",
    "OraclesSetArgs",
    "RewardClaimAccounts",
    "RewardClaimArgs",
    "RewardsPauseAccounts",
    "RewardsResumeAccounts",
    "RootProposeAccounts",
    "RootProposeArgs",
    "RootVetoAccounts",
    "authority_accept",
    "authority_propose",
    "distributor_initialize",
    "guardian_set",
    "oracles_set",
    "reward_claim",
    "rewards_pause",
    "rewards_resume",
    "root_propose",
    "root_veto",
]
