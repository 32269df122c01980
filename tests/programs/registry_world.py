"""Brings a network to where nodes are registered: iog_staking, a class, a node and its owner.

Verbs named like an instruction build it; stages include those before them and send.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from solders.account import Account
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_staking import accounts as staking_accounts
from iog_client._generated.iog_staking.instructions.class_set import class_set
from iog_client._generated.iog_staking.instructions.node_register import node_register
from iog_client._generated.iog_staking.instructions.stake_add import stake_add
from iog_client.statements import ed25519_instruction, registration_bytes
from stages import GENESIS_HASH, IO, Network
from world import ProgramFailed, World

SLUG = "h100-pcie"
MULTIPLIER = 2_500
GPUS = 8
ASK = 1_000_000
STAKE = 200 * IO * MULTIPLIER * GPUS // 1_000
FUNDS = 1_000_000 * IO
NOBODY = Pubkey.default()

# offsets of fields that no instruction changes yet, discriminator included
NODE_STATE, NODE_BUSY, NODE_ASK, NODE_PAYEE = 8 + 313, 8 + 302, 8 + 192, 8 + 96
CLASS_ENABLED = 8 + 29

NODE_STATES = {"registered": 0, "active": 1, "paused": 2, "retired": 3}


@dataclass
class Registry:
    """A started network with the keys of one class, one node and its owner."""

    net: Network
    owner: Keypair
    device: Keypair
    payee: Pubkey = field(default_factory=lambda: Keypair().pubkey())
    genesis: Hash = field(default_factory=lambda: Hash(GENESIS_HASH))

    @property
    def world(self) -> World:
        return self.net.world

    @property
    def node(self) -> Pubkey:
        return addresses.node(self.device.pubkey())

    # --- instructions -----------------------------------------------------------------------------

    def class_set(self, slug: str | bytes = SLUG, **changes: int) -> Instruction:
        raw = slug if isinstance(slug, bytes) else addresses.slug_bytes(slug)
        args = {"slug": raw, "multiplier": MULTIPLIER, "pool": 0, "enabled": 1} | changes
        return class_set(
            args,
            {
                "authority": self.net.authority.pubkey(),
                "payer": self.world.payer.pubkey(),
                "config": addresses.staking_config(),
                "class_": Pubkey.find_program_address([b"class", raw], addresses.STAKING)[0],
                "token_config": addresses.token_config(),
            },
        )

    def node_register(self, **changes: Any) -> Instruction:
        args = {"gpus": GPUS, "ask": ASK, "payee": self.payee} | changes
        return node_register(
            args,
            {
                "owner": self.owner.pubkey(),
                "config": addresses.staking_config(),
                "class_": addresses.class_address(SLUG),
                "node": self.node,
                "token_config": addresses.token_config(),
                "instructions": addresses.INSTRUCTIONS_SYSVAR,
                "device": self.device.pubkey(),
            },
        )

    def agreement(self, **changes: Any) -> Instruction:
        """The device's signature over the registration, with changes to what it says."""
        said = {
            "genesis_hash": self.genesis,
            "staking_program": addresses.STAKING,
            "device": self.device.pubkey(),
            "owner": self.owner.pubkey(),
            "class_address": addresses.class_address(SLUG),
            "gpus": GPUS,
        } | changes
        return signed(registration_bytes(**said), self.device)

    def stake_add(self, amount: int = STAKE) -> Instruction:
        return stake_add(
            {"amount": amount},
            {
                "owner": self.owner.pubkey(),
                "config": addresses.staking_config(),
                "node": self.node,
                "owner_tokens": addresses.tokens(self.owner.pubkey()),
                "stake_vault": addresses.stake_vault(),
                "token_config": addresses.token_config(),
            },
        )

    # --- stages -----------------------------------------------------------------------------------

    def classed(self) -> "Registry":
        """The class exists."""
        self.world.send(self.class_set(), signers=[self.net.authority])
        return self

    def registered(self) -> "Registry":
        """The node too; its owner has tokens."""
        self.classed()
        self.world.send(self.agreement(), self.node_register(), signers=[self.owner])
        self.net.fund(self.owner.pubkey(), FUNDS)
        return self

    def active(self) -> "Registry":
        """The node's stake is met."""
        self.registered()
        self.world.send(self.stake_add(), signers=[self.owner])
        return self

    # --- reading ----------------------------------------------------------------------------------

    def read_node(self) -> staking_accounts.Node:
        return self.world.account(staking_accounts.Node, self.node)

    def read_staking(self) -> staking_accounts.Config:
        return self.world.account(staking_accounts.Config, addresses.staking_config())

    def set_node_state(self, state: int) -> None:
        self.world.write(self.node, NODE_STATE, bytes([state]))


def registry(net: Network) -> Registry:
    """A started network with iog_staking; neither class nor node exists yet."""
    net.started().staking()
    return Registry(net, net.world.keypair(), net.world.keypair())


def copy(world: World, address: Pubkey, *, owner: Pubkey | None = None) -> Pubkey:
    """An account elsewhere with the same bytes, of the same owner unless named."""
    real, fake = world.svm.get_account(address), Keypair().pubkey()
    assert real is not None
    made = Account(real.lamports, bytes(real.data), owner or real.owner, real.executable)
    world.svm.set_account(fake, made)
    return fake


def signed(message: bytes, *keys: Keypair) -> Instruction:
    """The precompile instruction that checks these keys' signatures over the message."""
    return ed25519_instruction(message, [(key.pubkey(), key.sign_message(message)) for key in keys])


@contextmanager
def refused(name: str) -> Iterator[None]:
    """The block's transaction is refused with exactly this error."""
    with pytest.raises(ProgramFailed) as caught:
        yield
    assert caught.value.name == name, str(caught.value)
