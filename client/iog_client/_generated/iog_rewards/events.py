from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import borsh_construct as borsh
from construct import Bytes, Construct
from solders.pubkey import Pubkey

from .._support import BorshPubkey, parse


@dataclass(frozen=True)
class AuthorityAccepted:
    """AuthorityAccepted, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xa6\xc0\xdb\xbc)\xd1\xc3\x1a"
    layout: ClassVar[Any] = borsh.CStruct("old" / BorshPubkey, "new" / BorshPubkey)

    old: Pubkey
    new: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> AuthorityAccepted:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "AuthorityAccepted")
        return cls(old=read.old, new=read.new)


@dataclass(frozen=True)
class AuthorityProposed:
    """`new` is zero when the offer was withdrawn."""

    discriminator: ClassVar[bytes] = b"\xf4u^p5\x97#Y"
    layout: ClassVar[Any] = borsh.CStruct("old" / BorshPubkey, "new" / BorshPubkey)

    old: Pubkey
    new: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> AuthorityProposed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "AuthorityProposed")
        return cls(old=read.old, new=read.new)


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
class GuardianSet:
    """GuardianSet, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x9f1\x9b\x9c\xb0X\x1d\xbe"
    layout: ClassVar[Any] = borsh.CStruct("old" / BorshPubkey, "new" / BorshPubkey)

    old: Pubkey
    new: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> GuardianSet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "GuardianSet")
        return cls(old=read.old, new=read.new)


@dataclass(frozen=True)
class OraclesSet:
    """OraclesSet, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xd3\x01\xd6B\xf1\xe1\xa1f"
    layout: ClassVar[Any] = borsh.CStruct(
        "threshold" / borsh.U8, "oracle_count" / borsh.U8, "oracles" / BorshPubkey[7]
    )

    threshold: int
    oracle_count: int
    oracles: list[Pubkey]

    @classmethod
    def decode(cls, data: bytes) -> OraclesSet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "OraclesSet")
        return cls(threshold=read.threshold, oracle_count=read.oracle_count, oracles=read.oracles)


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
class RewardsPaused:
    """RewardsPaused, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x7f\x00.\xfe\xb0\xde3\x9e"
    layout: ClassVar[Any] = borsh.CStruct("by" / BorshPubkey)

    by: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> RewardsPaused:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "RewardsPaused")
        return cls(by=read.by)


@dataclass(frozen=True)
class RewardsResumed:
    """RewardsResumed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xf3\x17\xcd\xe3\xebN\xcbX"
    layout: ClassVar[Any] = borsh.CStruct("by" / BorshPubkey)

    by: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> RewardsResumed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "RewardsResumed")
        return cls(by=read.by)


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


@dataclass(frozen=True)
class RootVetoed:
    """The pending root as it was proposed."""

    discriminator: ClassVar[bytes] = b"h\xcb\xe5\xb8\xb2Q@u"
    layout: ClassVar[Any] = borsh.CStruct(
        "epoch" / borsh.U32,
        "root" / Bytes(32),
        "data_hash" / Bytes(32),
        "total" / borsh.U64,
        "count" / borsh.U32,
    )

    epoch: int
    root: bytes
    data_hash: bytes
    total: int
    count: int

    @classmethod
    def decode(cls, data: bytes) -> RootVetoed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "RootVetoed")
        return cls(
            epoch=read.epoch,
            root=read.root,
            data_hash=read.data_hash,
            total=read.total,
            count=read.count,
        )


BY_DISCRIMINATOR: dict[bytes, Any] = {
    AuthorityAccepted.discriminator: AuthorityAccepted,
    AuthorityProposed.discriminator: AuthorityProposed,
    DistributorInitialized.discriminator: DistributorInitialized,
    GuardianSet.discriminator: GuardianSet,
    OraclesSet.discriminator: OraclesSet,
    RewardClaimed.discriminator: RewardClaimed,
    RewardsPaused.discriminator: RewardsPaused,
    RewardsResumed.discriminator: RewardsResumed,
    RootActivated.discriminator: RootActivated,
    RootProposed.discriminator: RootProposed,
    RootVetoed.discriminator: RootVetoed,
}
