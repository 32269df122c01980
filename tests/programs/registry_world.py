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
from iog_client._generated.iog_staking import instructions as calls
from iog_client._generated.iog_staking.instructions.class_set import class_set
from iog_client._generated.iog_staking.instructions.node_register import node_register
from iog_client._generated.iog_staking.instructions.stake_add import stake_add
from iog_client.statements import ed25519_instruction, registration_bytes
from stages import GENESIS_HASH, HOUR, IO, Network
from world import ProgramFailed, World, swap, unsigned

SLUG = "h100-pcie"
MULTIPLIER = 2_500
GPUS = 8
ASK = 1_000_000
STAKE = 200 * IO * MULTIPLIER * GPUS // 1_000
FUNDS = 1_000_000 * IO
COOLING = 14 * 24 * HOUR
NOTICE = 7 * 24 * HOUR
COSTAKE = STAKE // 4
SHARE_BPS = 2_500
NOBODY = Pubkey.default()

# offsets of fields that no instruction changes yet, discriminator included
NODE_STATE, NODE_BUSY, NODE_ASK, NODE_PAYEE = 8 + 313, 8 + 302, 8 + 192, 8 + 96
NODE_STAKE, NODE_COSTAKE, NODE_ACTIVE_FROM = 8 + 200, 8 + 216, 8 + 288
NODE_CASE_OPEN = 8 + 312
CLASS_ENABLED = 8 + 29
CONFIG_HOUR_LENGTH, CONFIG_PAUSED = 8 + 356, 8 + 363

NODE_STATES = {"registered": 0, "active": 1, "paused": 2, "retired": 3}


@dataclass
class Registry:
    """A started network with the keys of one class, one node and its owner."""

    net: Network
    owner: Keypair
    device: Keypair
    payee: Pubkey = field(default_factory=lambda: Keypair().pubkey())
    genesis: Hash = field(default_factory=lambda: Hash(GENESIS_HASH))
    costaker: Keypair = field(default_factory=Keypair)

    @property
    def world(self) -> World:
        return self.net.world

    @property
    def node(self) -> Pubkey:
        return addresses.node(self.device.pubkey())

    @property
    def record(self) -> Pubkey:
        return addresses.owner_record(self.owner.pubkey())

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

    def node_ask(self, ask: int = ASK + 1) -> Instruction:
        return calls.node_ask({"ask": ask}, self._owned())

    def node_payee(self, payee: Pubkey) -> Instruction:
        return calls.node_payee({"payee": payee}, self._owned() | self._timed())

    def node_pause(self) -> Instruction:
        return calls.node_pause(self._owned())

    def node_resume(self) -> Instruction:
        return calls.node_resume(self._owned() | self._timed())

    def node_retire(self) -> Instruction:
        return calls.node_retire(self._owned())

    def stake_reduce(self, amount: int) -> Instruction:
        accounts = self._owned() | self._timed() | self._paid(self.owner.pubkey())
        return calls.stake_reduce({"amount": amount}, accounts)

    def stake_unstake(self, *, record: bool = False) -> Instruction:
        accounts = self._owned() | self._timed() | {"config": addresses.staking_config()}
        return calls.stake_unstake(accounts | {"owner_record": self.record if record else None})

    def stake_withdraw(self) -> Instruction:
        return calls.stake_withdraw({"node": self.node} | self._paid(self.owner.pubkey()))

    def costake_offer(self, amount: int = COSTAKE, share_bps: int = SHARE_BPS) -> Instruction:
        args = {"amount": amount, "share_bps": share_bps}
        return calls.costake_offer(args, self._owned() | {"owner_record": self.record})

    def costake_revoke(self) -> Instruction:
        return calls.costake_revoke(self._owned())

    def costake_accept(self, amount: int = COSTAKE, share_bps: int = SHARE_BPS) -> Instruction:
        return calls.costake_accept(
            {"amount": amount, "share_bps": share_bps},
            {
                "costaker": self.costaker.pubkey(),
                "config": addresses.staking_config(),
                "node": self.node,
                "owner_record": self.record,
                "costaker_tokens": addresses.tokens(self.costaker.pubkey()),
                "stake_vault": addresses.stake_vault(),
            }
            | self._timed(),
        )

    def costake_leave(self) -> Instruction:
        return calls.costake_leave(
            {
                "costaker": self.costaker.pubkey(),
                "config": addresses.staking_config(),
                "node": self.node,
            }
        )

    def costake_end(self) -> Instruction:
        return calls.costake_end(
            {
                "config": addresses.staking_config(),
                "node": self.node,
                "owner_record": self.record,
            }
            | self._timed()
        )

    def costake_withdraw(self) -> Instruction:
        return calls.costake_withdraw({"node": self.node} | self._paid(self.costaker.pubkey()))

    def _owned(self) -> dict[str, Any]:
        return {"owner": self.owner.pubkey(), "node": self.node}

    def _timed(self) -> dict[str, Any]:
        return {"token_config": addresses.token_config()}

    def _paid(self, wallet: Pubkey) -> dict[str, Any]:
        return {
            "config": addresses.staking_config(),
            "stake_vault": addresses.stake_vault(),
            "destination": addresses.tokens(wallet),
        }

    def act(self, call: Instruction, *signers: Keypair) -> list[Any]:
        """Sends one instruction; the events it logged."""
        return self.world.events(self.world.send(call, signers=signers))

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

    def offered(self) -> "Registry":
        """The node offers a co-stake; the co-staker has tokens."""
        self.active()
        self.net.fund(self.costaker.pubkey(), FUNDS)
        self.world.send(self.costake_offer(), signers=[self.owner])
        return self

    def costaked(self) -> "Registry":
        """The offer is taken."""
        self.offered()
        self.world.send(self.costake_accept(), signers=[self.costaker])
        return self

    def unstaked(self) -> "Registry":
        """The stake of an active node has just begun to cool."""
        self.active()
        self.world.send(self.stake_unstake(), signers=[self.owner])
        return self

    def retired(self) -> "Registry":
        """The stake was withdrawn, the node is retired."""
        self.unstaked()
        self.world.now += COOLING
        self.world.send(self.stake_withdraw())
        self.world.send(self.node_retire(), signers=[self.owner])
        return self

    # --- reading ----------------------------------------------------------------------------------

    def read_node(self) -> staking_accounts.Node:
        return self.world.account(staking_accounts.Node, self.node)

    def read_record(self) -> staking_accounts.OwnerRecord:
        return self.world.account(staking_accounts.OwnerRecord, self.record)

    def read_staking(self) -> staking_accounts.Config:
        return self.world.account(staking_accounts.Config, addresses.staking_config())

    def set_node_state(self, state: int) -> None:
        """Writes a state, and what always holds of a node in it."""
        self.world.write(self.node, NODE_STATE, bytes([state]))
        if state != NODE_STATES["active"]:
            self.world.write(self.node, NODE_ACTIVE_FROM, bytes(4))
        if state == NODE_STATES["retired"]:
            self.world.write(self.node, NODE_STAKE, bytes(8))

    def open_case(self, flag: int = 1) -> None:
        """Only the flag of a case, which is all that stake looks at."""
        self.world.write(self.node, NODE_CASE_OPEN, bytes([flag]))

    def pause_program(self, paused: bool = True) -> None:
        self.world.write(addresses.staking_config(), CONFIG_PAUSED, bytes([paused]))

    def hold(self, gpus: int = 1) -> None:
        """Writes GPUs held by one job, which only iog_jobs brings about."""
        held = [gpus, 1] if gpus else [0, 0]
        self.world.write(
            self.node, NODE_BUSY, b"".join(value.to_bytes(2, "little") for value in held)
        )


def registry(net: Network) -> Registry:
    """A started network with iog_staking; neither class nor node exists yet."""
    net.started().staking()
    world = net.world
    return Registry(net, world.keypair(), world.keypair(), costaker=world.keypair())


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


def refuses_strangers(registry: Registry, call: Instruction, key: Keypair, error: str) -> None:
    """Whoever is not `key` is refused with `error`, and nobody acts without a signature."""
    other = registry.world.keypair()
    with refused(error):
        registry.world.send(swap(call, key.pubkey(), other.pubkey()), signers=[other])
    with refused("MissingRequiredSignature"):
        registry.world.send(unsigned(call, key.pubkey()))


def refuses_foreign_accounts(
    registry: Registry, call: Instruction, *signers: Keypair, **others: str
) -> None:
    """Every account of the network that the instruction names is refused in another's shape.

    `others` are errors that differ from the usual ones, by the name of the account.
    """
    world, config = registry.world, addresses.staking_config()
    wrong = {
        "node": (registry.node, copy(world, registry.node, owner=addresses.JOBS), "IllegalOwner"),
        "type": (registry.node, copy(world, config), "InvalidAccountData"),
        "config": (config, copy(world, config), "InvalidSeeds"),
        "token_config": (addresses.token_config(), copy(world, registry.node), "IllegalOwner"),
        "stake_vault": (
            addresses.stake_vault(),
            world.tokens(Keypair().pubkey()),
            "VaultMismatch",
        ),
        "token_program": (addresses.SPL_TOKEN, addresses.SYSTEM, "IncorrectProgramId"),
    }
    named = {meta.pubkey for meta in call.accounts}
    for name, (right, other, error) in wrong.items():
        if right in named:
            with refused(others.get(name, error)):
                world.send(swap(call, right, other), signers=signers)


@contextmanager
def refused(name: str) -> Iterator[None]:
    """The block's transaction is refused with exactly this error."""
    with pytest.raises(ProgramFailed) as caught:
        yield
    assert caught.value.name == name, str(caught.value)
