from .authority_accept import authority_accept, AuthorityAcceptAccounts
from .authority_propose import (
    authority_propose,
    AuthorityProposeArgs,
    AuthorityProposeAccounts,
)
from .emission_advance import emission_advance, EmissionAdvanceAccounts
from .emission_start import emission_start, EmissionStartArgs, EmissionStartAccounts
from .genesis_allocate import (
    genesis_allocate,
    GenesisAllocateArgs,
    GenesisAllocateAccounts,
)
from .genesis_seal import genesis_seal, GenesisSealAccounts
from .guardian_set import guardian_set, GuardianSetArgs, GuardianSetAccounts
from .split_cancel import split_cancel, SplitCancelAccounts
from .split_set import split_set, SplitSetArgs, SplitSetAccounts
from .token_initialize import (
    token_initialize,
    TokenInitializeArgs,
    TokenInitializeAccounts,
)
from .vesting_claim import vesting_claim, VestingClaimAccounts

__all__ = [
    "AuthorityAcceptAccounts",
    "AuthorityProposeAccounts",
    "AuthorityProposeArgs",
    "EmissionAdvanceAccounts",
    "EmissionStartAccounts",
    "EmissionStartArgs",
    "GenesisAllocateAccounts",
    "GenesisAllocateArgs",
    "GenesisSealAccounts",
    "GuardianSetAccounts",
    "GuardianSetArgs",
    "SplitCancelAccounts",
    "SplitSetAccounts",
    "SplitSetArgs",
    "TokenInitializeAccounts",
    "TokenInitializeArgs",
    "VestingClaimAccounts",
    "authority_accept",
    "authority_propose",
    "emission_advance",
    "emission_start",
    "genesis_allocate",
    "genesis_seal",
    "guardian_set",
    "split_cancel",
    "split_set",
    "token_initialize",
    "vesting_claim",
]
