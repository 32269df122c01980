"""Brings a `World` to a state of the network, and builds the instructions that do so.

Each stage includes those before it: `initialized`, `allocated`, `sealed`, `started`, then
`staking` and `rewards`, which the first advance of the emission needs.
"""

from dataclasses import dataclass
from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.instructions.distributor_initialize import (
    distributor_initialize,
)
from iog_client._generated.iog_staking.instructions.staking_initialize import staking_initialize
from iog_client._generated.iog_token.instructions.emission_advance import emission_advance
from iog_client._generated.iog_token.instructions.emission_start import emission_start
from iog_client._generated.iog_token.instructions.genesis_allocate import genesis_allocate
from iog_client._generated.iog_token.instructions.genesis_seal import genesis_seal
from iog_client._generated.iog_token.instructions.token_initialize import token_initialize
from iog_client._generated.iog_token.instructions.vesting_claim import vesting_claim
from world import World, program_key, transfer_tokens

IO = 10**8
GENESIS = 500_000_000 * IO
HOUR = 3_600
MONTH = 730 * HOUR
POOL_BPS = 1_000
GENESIS_HASH = bytes(range(32))


@dataclass
class Network:
    """A world with the keys that run its network."""

    world: World
    authority: Keypair
    guardian: Keypair
    beneficiary: Keypair
    oracles: list[Keypair]
    slasher: Keypair
    arbiter: Keypair

    # --- stages -----------------------------------------------------------------------------------

    def initialized(self, *, hour_length: int = HOUR, pool_bps: int = POOL_BPS) -> "Network":
        """The token's configuration, mint and vesting vault exist."""
        self.world.send(
            initialize(self, hour_length=hour_length, pool_bps=pool_bps),
            signers=[program_key("iog_token"), self.authority],
        )
        return self

    def allocated(self, **options: int) -> "Network":
        """Bucket 0 holds the whole genesis supply, all of it due at the start."""
        self.initialized(**options)
        self.world.send(allocate(self), signers=[self.authority])
        return self

    def sealed(self, **options: int) -> "Network":
        self.allocated(**options)
        self.world.send(seal(self), signers=[self.authority])
        return self

    def started(self, **options: int) -> "Network":
        """Emission starts now."""
        self.sealed(**options)
        self.world.send(start(self, self.world.now), signers=[self.authority])
        return self

    def staking(self) -> "Network":
        """The staking program is set up; needs `initialized` or more."""
        self.world.send(
            initialize_staking(self), signers=[program_key("iog_staking"), self.authority]
        )
        return self

    def rewards(self, *, threshold: int = 1) -> "Network":
        """The distributor is set up with three oracles; needs `initialized` or more."""
        self.world.send(
            initialize_rewards(self, threshold=threshold),
            signers=[program_key("iog_rewards"), self.authority],
        )
        return self

    def running(self, **options: int) -> "Network":
        """Token, staking and rewards, with emission starting now."""
        return self.started(**options).staking().rewards()

    # --- what tests do often ----------------------------------------------------------------------

    def fund(self, wallet: Pubkey, amount: int) -> Pubkey:
        """Gives a wallet genesis tokens; returns its token account. Needs `started`."""
        source = self.world.tokens(self.beneficiary.pubkey())
        if self.world.balance(source) == 0:
            self.world.send(claim_vesting(self.world, 0, self.beneficiary.pubkey()))
        target = self.world.tokens(wallet)
        moved = transfer_tokens(self.beneficiary.pubkey(), source, target, amount)
        self.world.send(moved, signers=[self.beneficiary])
        return target

    def pass_hours(self, count: int = 1, *, hour_length: int = HOUR) -> None:
        self.world.now += count * hour_length


def network(world: World) -> Network:
    """A network of which nothing exists yet."""
    keys = [world.keypair() for _ in range(8)]
    return Network(world, keys[0], keys[1], keys[2], keys[3:6], keys[6], keys[7])


# --- instructions ---------------------------------------------------------------------------------


def initialize(net: Network, *, hour_length: int = HOUR, pool_bps: int = POOL_BPS) -> Instruction:
    return token_initialize(
        {
            "hour_length": hour_length,
            "pool_bps": pool_bps,
            "guardian": net.guardian.pubkey(),
        },
        {
            "program_key": program_key("iog_token").pubkey(),
            "payer": net.world.payer.pubkey(),
            "authority": net.authority.pubkey(),
            "config": addresses.token_config(),
            "mint": addresses.mint(),
            "vesting_vault": addresses.vesting_vault(),
        },
    )


def allocate(net: Network, **changes: Any) -> Instruction:
    """Bucket 0 with the whole supply, due at the start, changed as named."""
    args = {
        "index": 0,
        "amount": GENESIS,
        "beneficiary": net.beneficiary.pubkey(),
        "launch_bps": 10_000,
        "cliff_months": 0,
        "linear_months": 0,
    } | changes
    return genesis_allocate(
        args,
        {
            "authority": net.authority.pubkey(),
            "payer": net.world.payer.pubkey(),
            "config": addresses.token_config(),
            "bucket": addresses.bucket(args["index"]),
        },
    )


def seal(net: Network) -> Instruction:
    return genesis_seal(
        {
            "authority": net.authority.pubkey(),
            "config": addresses.token_config(),
            "mint": addresses.mint(),
            "vesting_vault": addresses.vesting_vault(),
        }
    )


def start(net: Network, at: int) -> Instruction:
    return emission_start(
        {"at": at},
        {"authority": net.authority.pubkey(), "config": addresses.token_config()},
    )


def claim_vesting(world: World, index: int, beneficiary: Pubkey) -> Instruction:
    return vesting_claim(
        {
            "payer": world.payer.pubkey(),
            "config": addresses.token_config(),
            "bucket": addresses.bucket(index),
            "vesting_vault": addresses.vesting_vault(),
            "destination": addresses.tokens(beneficiary),
        }
    )


def advance() -> Instruction:
    return emission_advance(
        {
            "config": addresses.token_config(),
            "mint": addresses.mint(),
            "rewards_vault": addresses.rewards_vault(),
            "pool_vault": addresses.pool_vault(),
        }
    )


def initialize_rewards(
    net: Network, *, threshold: int = 1, oracles: list[Pubkey] | None = None
) -> Instruction:
    keys = [oracle.pubkey() for oracle in net.oracles] if oracles is None else oracles
    return distributor_initialize(
        {"guardian": net.guardian.pubkey(), "threshold": threshold, "oracles": keys},
        {
            "program_key": program_key("iog_rewards").pubkey(),
            "payer": net.world.payer.pubkey(),
            "authority": net.authority.pubkey(),
            "distributor": addresses.distributor(),
            "vault": addresses.rewards_vault(),
            "mint": addresses.mint(),
            "token_config": addresses.token_config(),
        },
    )


def initialize_staking(net: Network) -> Instruction:
    return staking_initialize(
        {
            "genesis_hash": GENESIS_HASH,
            "guardian": net.guardian.pubkey(),
            "slasher": net.slasher.pubkey(),
            "arbiter": net.arbiter.pubkey(),
        },
        {
            "program_key": program_key("iog_staking").pubkey(),
            "payer": net.world.payer.pubkey(),
            "authority": net.authority.pubkey(),
            "config": addresses.staking_config(),
            "mint": addresses.mint(),
            "token_config": addresses.token_config(),
            "stake_vault": addresses.stake_vault(),
            "pool_vault": addresses.pool_vault(),
        },
    )
