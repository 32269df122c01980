"""Backs the network: wallets that stake in the backers' pool, and the hours that pay them.

Verbs named like an instruction build it; the others send.
"""

from dataclasses import dataclass
from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, schedule
from iog_client._generated.iog_staking import accounts as staking_accounts
from iog_client._generated.iog_staking import instructions as calls
from stages import HOUR, IO, POOL_BPS, Network, advance
from world import World, transfer_tokens

LEAST = 1_000 * IO
UNBONDING = 14 * 24 * HOUR
FUNDS = 1_000_000 * IO


def to_pool(hour: int) -> int:
    """What the emission has brought to the pool by the end of an hour."""
    return schedule.split(hour, POOL_BPS)[1]


def per_share(released: int, total: int) -> int:
    """How far the accumulator moves when so much is released to so much stake."""
    return (released << 64) // total


def share(staked: int, total: int, released: int) -> int:
    """Whole units that `staked` of `total` earns of what is released at once."""
    return staked * per_share(released, total) >> 64


@dataclass
class Pool:
    """A network whose emission has started, with iog_staking."""

    net: Network

    @property
    def world(self) -> World:
        return self.net.world

    # --- instructions -----------------------------------------------------------------------------

    def pool_stake(self, wallet: Pubkey, amount: int) -> Instruction:
        accounts = self._accounts(wallet, "token_config", "stake_vault")
        return calls.pool_stake({"amount": amount}, accounts | {"wallet": wallet})

    def pool_unstake(self, wallet: Pubkey, amount: int) -> Instruction:
        accounts = self._accounts(wallet, "token_config")
        return calls.pool_unstake({"amount": amount}, accounts | {"wallet": wallet})

    def pool_withdraw(self, wallet: Pubkey) -> Instruction:
        return calls.pool_withdraw(self._accounts(wallet, "stake_vault"))

    def pool_claim(self, wallet: Pubkey) -> Instruction:
        return calls.pool_claim(self._accounts(wallet, "token_config", "pool_vault"))

    def pool_advance(self) -> Instruction:
        return calls.pool_advance(
            {"config": addresses.staking_config(), "token_config": addresses.token_config()}
        )

    def _accounts(self, wallet: Pubkey, *named: str) -> dict[str, Any]:
        return {
            "config": addresses.staking_config(),
            "backer": addresses.backer(wallet),
            "wallet_tokens": addresses.tokens(wallet),
        } | {name: getattr(addresses, name)() for name in named}

    # --- what tests do often ----------------------------------------------------------------------

    def wallet(self, funds: int = FUNDS) -> Keypair:
        """A new wallet with tokens."""
        key = self.world.keypair()
        self.net.fund(key.pubkey(), funds)
        return key

    def backed(self, amount: int = LEAST) -> Keypair:
        """A new wallet that has just staked."""
        key = self.wallet()
        self.stake(key, amount)
        return key

    def stake(self, key: Keypair, amount: int) -> list[Any]:
        return self._send(self.pool_stake(key.pubkey(), amount), key)

    def unstake(self, key: Keypair, amount: int) -> list[Any]:
        return self._send(self.pool_unstake(key.pubkey(), amount), key)

    def withdraw(self, key: Keypair) -> list[Any]:
        return self._send(self.pool_withdraw(key.pubkey()))

    def claim(self, key: Keypair) -> list[Any]:
        return self._send(self.pool_claim(key.pubkey()))

    def advance(self) -> list[Any]:
        return self._send(self.pool_advance())

    def hours(self, count: int = 1) -> None:
        """Hours pass, and what they emit is minted; the pool has not taken it over."""
        self.net.pass_hours(count)
        self.world.send(advance())

    def donate(self, vault: Pubkey, amount: int) -> None:
        """Tokens arrive in a vault behind the program's back."""
        self.net.fund(self.net.authority.pubkey(), amount)
        source = addresses.tokens(self.net.authority.pubkey())
        moved = transfer_tokens(self.net.authority.pubkey(), source, vault, amount)
        self.world.send(moved, signers=[self.net.authority])

    def pause(self) -> None:
        stopper = self.net.guardian
        accounts = {"stopper": stopper.pubkey(), "config": addresses.staking_config()}
        self._send(calls.staking_pause(accounts), stopper)

    def _send(self, call: Instruction, *signers: Keypair) -> list[Any]:
        return self.world.events(self.world.send(call, signers=signers))

    # --- reading ----------------------------------------------------------------------------------

    def read(self) -> staking_accounts.Config:
        return self.world.account(staking_accounts.Config, addresses.staking_config())

    def read_backer(self, key: Keypair) -> staking_accounts.Backer:
        return self.world.account(staking_accounts.Backer, addresses.backer(key.pubkey()))

    def claimable(self, key: Keypair) -> int:
        """What a claim would pay now, if the pool had taken over nothing since."""
        if not self.world.exists(addresses.backer(key.pubkey())):
            return 0
        backer = self.read_backer(key)
        growth = number(self.read().pool_per_share) - number(backer.per_share)
        earned = int(backer.staked) * growth + int(backer.fraction)
        return int(backer.unclaimed) + (earned >> 64)

    def tokens(self, key: Keypair) -> int:
        return self.world.balance(addresses.tokens(key.pubkey()))


def number(per_share: bytes) -> int:
    """The accumulator, which accounts and events keep as little-endian bytes."""
    return int.from_bytes(per_share, "little")
