from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import borsh_construct as borsh
from construct import Bytes, Construct
from solders.pubkey import Pubkey

from .._support import BorshPubkey, parse


@dataclass(frozen=True)
class ClassSet:
    """ClassSet, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x96\xc6\xd1\xb0$\x86\xc1\xf1"
    layout: ClassVar[Any] = borsh.CStruct(
        "class_" / BorshPubkey,
        "slug" / Bytes(16),
        "pool" / borsh.U8,
        "multiplier" / borsh.U32,
        "enabled" / borsh.U8,
        "next_multiplier" / borsh.U32,
        "next_enabled" / borsh.U8,
        "next_from_hour" / borsh.U32,
    )

    class_: Pubkey
    slug: bytes
    pool: int
    multiplier: int
    enabled: int
    next_multiplier: int
    next_enabled: int
    next_from_hour: int

    @classmethod
    def decode(cls, data: bytes) -> ClassSet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "ClassSet")
        return cls(
            class_=read.class_,
            slug=read.slug,
            pool=read.pool,
            multiplier=read.multiplier,
            enabled=read.enabled,
            next_multiplier=read.next_multiplier,
            next_enabled=read.next_enabled,
            next_from_hour=read.next_from_hour,
        )


@dataclass(frozen=True)
class NodeHeld:
    """NodeHeld, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xac\x9b\xc0(\x87\xa4%S"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "gpus" / borsh.U16,
        "busy" / borsh.U16,
        "running" / borsh.U16,
    )

    node: Pubkey
    gpus: int
    busy: int
    running: int

    @classmethod
    def decode(cls, data: bytes) -> NodeHeld:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "NodeHeld")
        return cls(node=read.node, gpus=read.gpus, busy=read.busy, running=read.running)


@dataclass(frozen=True)
class NodeRegistered:
    """NodeRegistered, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x0f9\xb7;]7\x9d\xc3"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "device" / BorshPubkey,
        "owner" / BorshPubkey,
        "class_" / BorshPubkey,
        "payee" / BorshPubkey,
        "gpus" / borsh.U16,
        "ask" / borsh.U64,
        "multiplier" / borsh.U32,
        "requirement" / borsh.U64,
        "at" / borsh.I64,
    )

    node: Pubkey
    device: Pubkey
    owner: Pubkey
    class_: Pubkey
    payee: Pubkey
    gpus: int
    ask: int
    multiplier: int
    requirement: int
    at: int

    @classmethod
    def decode(cls, data: bytes) -> NodeRegistered:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "NodeRegistered")
        return cls(
            node=read.node,
            device=read.device,
            owner=read.owner,
            class_=read.class_,
            payee=read.payee,
            gpus=read.gpus,
            ask=read.ask,
            multiplier=read.multiplier,
            requirement=read.requirement,
            at=read.at,
        )


@dataclass(frozen=True)
class NodeReleased:
    """NodeReleased, as the program writes it."""

    discriminator: ClassVar[bytes] = b"#o\x1cU\x08C5F"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "gpus" / borsh.U16,
        "busy" / borsh.U16,
        "running" / borsh.U16,
    )

    node: Pubkey
    gpus: int
    busy: int
    running: int

    @classmethod
    def decode(cls, data: bytes) -> NodeReleased:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "NodeReleased")
        return cls(node=read.node, gpus=read.gpus, busy=read.busy, running=read.running)


@dataclass(frozen=True)
class StakeAdded:
    """StakeAdded, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x8b\xaa\x86Z\x16`\x17\xc1"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "owner" / BorshPubkey,
        "amount" / borsh.U64,
        "stake" / borsh.U64,
        "stake_from_hour" / borsh.U32,
        "state" / borsh.U8,
        "active_from_hour" / borsh.U32,
        "total_staked" / borsh.U64,
    )

    node: Pubkey
    owner: Pubkey
    amount: int
    stake: int
    stake_from_hour: int
    state: int
    active_from_hour: int
    total_staked: int

    @classmethod
    def decode(cls, data: bytes) -> StakeAdded:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "StakeAdded")
        return cls(
            node=read.node,
            owner=read.owner,
            amount=read.amount,
            stake=read.stake,
            stake_from_hour=read.stake_from_hour,
            state=read.state,
            active_from_hour=read.active_from_hour,
            total_staked=read.total_staked,
        )


@dataclass(frozen=True)
class StakingInitialized:
    """StakingInitialized, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x16\x9b\xe6\xa3d\t>\xa5"
    layout: ClassVar[Any] = borsh.CStruct(
        "authority" / BorshPubkey,
        "guardian" / BorshPubkey,
        "slasher" / BorshPubkey,
        "arbiter" / BorshPubkey,
        "mint" / BorshPubkey,
        "genesis_hash" / Bytes(32),
        "hour_length" / borsh.U32,
    )

    authority: Pubkey
    guardian: Pubkey
    slasher: Pubkey
    arbiter: Pubkey
    mint: Pubkey
    genesis_hash: bytes
    hour_length: int

    @classmethod
    def decode(cls, data: bytes) -> StakingInitialized:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "StakingInitialized")
        return cls(
            authority=read.authority,
            guardian=read.guardian,
            slasher=read.slasher,
            arbiter=read.arbiter,
            mint=read.mint,
            genesis_hash=read.genesis_hash,
            hour_length=read.hour_length,
        )


BY_DISCRIMINATOR: dict[bytes, Any] = {
    ClassSet.discriminator: ClassSet,
    NodeHeld.discriminator: NodeHeld,
    NodeRegistered.discriminator: NodeRegistered,
    NodeReleased.discriminator: NodeReleased,
    StakeAdded.discriminator: StakeAdded,
    StakingInitialized.discriminator: StakingInitialized,
}
