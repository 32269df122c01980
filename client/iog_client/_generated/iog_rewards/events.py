from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import borsh_construct as borsh
from construct import Bytes, Construct
from solders.pubkey import Pubkey

from .._support import BorshPubkey, parse


@dataclass(frozen=True)
class DistributorInitialized:
    """DistributorInitialized, as the program writes it."""

    discriminator: ClassVar[bytes] = b"$\xcfj\xb1\x11NT\xaf"
    layout: ClassVar[Any] = borsh.CStruct(
        "authority" / BorshPubkey,
        "guardian" / BorshPubkey,
        "vault" / BorshPubkey,
        "threshold" / borsh.U8,
        "oracle_count" / borsh.U8,
        "hour_length" / borsh.U32,
    )

    authority: Pubkey
    guardian: Pubkey
    vault: Pubkey
    threshold: int
    oracle_count: int
    hour_length: int

    @classmethod
    def decode(cls, data: bytes) -> DistributorInitialized:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "DistributorInitialized")
        return cls(
            authority=read.authority,
            guardian=read.guardian,
            vault=read.vault,
            threshold=read.threshold,
            oracle_count=read.oracle_count,
            hour_length=read.hour_length,
        )


@dataclass(frozen=True)
class RewardClaimed:
    """RewardClaimed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"1\x1cWT\x9e0\xe5\xaf"
    layout: ClassVar[Any] = borsh.CStruct(
        "wallet" / BorshPubkey,
        "epoch" / borsh.U32,
        "amount" / borsh.U64,
        "cumulative" / borsh.U64,
        "claimed" / borsh.U64,
    )

    wallet: Pubkey
    epoch: int
    amount: int
    cumulative: int
    claimed: int

    @classmethod
    def decode(cls, data: bytes) -> RewardClaimed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "RewardClaimed")
        return cls(
            wallet=read.wallet,
            epoch=read.epoch,
            amount=read.amount,
            cumulative=read.cumulative,
            claimed=read.claimed,
        )


@dataclass(frozen=True)
class RootActivated:
    """RootActivated, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x18;\xec6\x83\x1b\x95\x13"
    layout: ClassVar[Any] = borsh.CStruct(
        "epoch" / borsh.U32, "root" / Bytes(32), "total" / borsh.U64
    )

    epoch: int
    root: bytes
    total: int

    @classmethod
    def decode(cls, data: bytes) -> RootActivated:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "RootActivated")
        return cls(epoch=read.epoch, root=read.root, total=read.total)


@dataclass(frozen=True)
class RootProposed:
    """RootProposed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"*%\x1c.c\xd7\xb7\xa3"
    layout: ClassVar[Any] = borsh.CStruct(
        "epoch" / borsh.U32,
        "root" / Bytes(32),
        "data_hash" / Bytes(32),
        "total" / borsh.U64,
        "count" / borsh.U32,
        "active_at" / borsh.I64,
    )

    epoch: int
    root: bytes
    data_hash: bytes
    total: int
    count: int
    active_at: int

    @classmethod
    def decode(cls, data: bytes) -> RootProposed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "RootProposed")
        return cls(
            epoch=read.epoch,
            root=read.root,
            data_hash=read.data_hash,
            total=read.total,
            count=read.count,
            active_at=read.active_at,
        )


BY_DISCRIMINATOR: dict[bytes, Any] = {
    DistributorInitialized.discriminator: DistributorInitialized,
    RewardClaimed.discriminator: RewardClaimed,
    RootActivated.discriminator: RootActivated,
    RootProposed.discriminator: RootProposed,
}
