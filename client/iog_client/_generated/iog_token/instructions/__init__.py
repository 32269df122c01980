from .emission_advance import emission_advance, EmissionAdvanceAccounts
from .emission_start import emission_start, EmissionStartArgs, EmissionStartAccounts
from .genesis_allocate import (
    genesis_allocate,
    GenesisAllocateArgs,
    GenesisAllocateAccounts,
)
from .genesis_seal import genesis_seal, GenesisSealAccounts
from .token_initialize import (
    token_initialize,
    TokenInitializeArgs,
    TokenInitializeAccounts,
)
from .vesting_claim import vesting_claim, VestingClaimAccounts

__all__ = [
    "EmissionAdvanceAccounts",
    "EmissionStartAccounts",
    "EmissionStartArgs",
    "GenesisAllocateAccounts",
    "GenesisAllocateArgs",
    "GenesisSealAccounts",
    "TokenInitializeAccounts",
    "TokenInitializeArgs",
    "VestingClaimAccounts",
    "emission_advance",
    "emission_start",
    "genesis_allocate",
    "genesis_seal",
    "token_initialize",
    "vesting_claim",
]
