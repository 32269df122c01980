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
class EmissionAdvanced:
    """The amounts are cumulative."""

    discriminator: ClassVar[bytes] = b"\x05\x9a\xb79K\x820\xd7"
    layout: ClassVar[Any] = borsh.CStruct(
        "hour" / borsh.U32,
        "minted" / borsh.U64,
        "to_rewards" / borsh.U64,
        "to_pool" / borsh.U64,
    )

    hour: int
    minted: int
    to_rewards: int
    to_pool: int

    @classmethod
    def decode(cls, data: bytes) -> EmissionAdvanced:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "EmissionAdvanced")
        return cls(
            hour=read.hour, minted=read.minted, to_rewards=read.to_rewards, to_pool=read.to_pool
        )


@dataclass(frozen=True)
class EmissionStarted:
    """EmissionStarted, as the program writes it."""

    discriminator: ClassVar[bytes] = b'@\xa9\xc5\xb8}7\xc7"'
    layout: ClassVar[Any] = borsh.CStruct("start" / borsh.I64)

    start: int

    @classmethod
    def decode(cls, data: bytes) -> EmissionStarted:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "EmissionStarted")
        return cls(start=read.start)


@dataclass(frozen=True)
class GenesisAllocated:
    """GenesisAllocated, as the program writes it."""

    discriminator: ClassVar[bytes] = b"`\xa8\xd2\x19\x0b\xe1qk"
    layout: ClassVar[Any] = borsh.CStruct(
        "index" / borsh.U8,
        "amount" / borsh.U64,
        "beneficiary" / BorshPubkey,
        "launch_bps" / borsh.U16,
        "cliff_months" / borsh.U16,
        "linear_months" / borsh.U16,
        "allocated" / borsh.U64,
    )

    index: int
    amount: int
    beneficiary: Pubkey
    launch_bps: int
    cliff_months: int
    linear_months: int
    allocated: int

    @classmethod
    def decode(cls, data: bytes) -> GenesisAllocated:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "GenesisAllocated")
        return cls(
            index=read.index,
            amount=read.amount,
            beneficiary=read.beneficiary,
            launch_bps=read.launch_bps,
            cliff_months=read.cliff_months,
            linear_months=read.linear_months,
            allocated=read.allocated,
        )


@dataclass(frozen=True)
class GenesisSealed:
    """GenesisSealed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"c\xcbJ\x18\x01\x88\xd5]"
    layout: ClassVar[Any] = borsh.CStruct("amount" / borsh.U64, "buckets" / borsh.U8)

    amount: int
    buckets: int

    @classmethod
    def decode(cls, data: bytes) -> GenesisSealed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "GenesisSealed")
        return cls(amount=read.amount, buckets=read.buckets)


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
class SplitCancelled:
    """SplitCancelled, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x82\x18\x9c\x1bl\x90O\xc0"
    layout: ClassVar[Any] = borsh.CStruct(
        "by" / BorshPubkey, "new_bps" / borsh.U16, "from_hour" / borsh.U32
    )

    by: Pubkey
    new_bps: int
    from_hour: int

    @classmethod
    def decode(cls, data: bytes) -> SplitCancelled:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "SplitCancelled")
        return cls(by=read.by, new_bps=read.new_bps, from_hour=read.from_hour)


@dataclass(frozen=True)
class SplitSet:
    """Another share of the backers' pool is announced, in place of one announced before."""

    discriminator: ClassVar[bytes] = b"\xd7\xa7\x8aDJC,~"
    layout: ClassVar[Any] = borsh.CStruct(
        "old_bps" / borsh.U16, "new_bps" / borsh.U16, "from_hour" / borsh.U32
    )

    old_bps: int
    new_bps: int
    from_hour: int

    @classmethod
    def decode(cls, data: bytes) -> SplitSet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "SplitSet")
        return cls(old_bps=read.old_bps, new_bps=read.new_bps, from_hour=read.from_hour)


@dataclass(frozen=True)
class TokenInitialized:
    """TokenInitialized, as the program writes it."""

    discriminator: ClassVar[bytes] = b"MF\xe9|\xec\\\xcc\x00"
    layout: ClassVar[Any] = borsh.CStruct(
        "authority" / BorshPubkey,
        "guardian" / BorshPubkey,
        "mint" / BorshPubkey,
        "hour_length" / borsh.U32,
        "pool_bps" / borsh.U16,
    )

    authority: Pubkey
    guardian: Pubkey
    mint: Pubkey
    hour_length: int
    pool_bps: int

    @classmethod
    def decode(cls, data: bytes) -> TokenInitialized:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "TokenInitialized")
        return cls(
            authority=read.authority,
            guardian=read.guardian,
            mint=read.mint,
            hour_length=read.hour_length,
            pool_bps=read.pool_bps,
        )


@dataclass(frozen=True)
class VestingClaimed:
    """VestingClaimed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xa6>\x87\x9e\x89\x01U\x0f"
    layout: ClassVar[Any] = borsh.CStruct(
        "index" / borsh.U8,
        "beneficiary" / BorshPubkey,
        "amount" / borsh.U64,
        "claimed" / borsh.U64,
    )

    index: int
    beneficiary: Pubkey
    amount: int
    claimed: int

    @classmethod
    def decode(cls, data: bytes) -> VestingClaimed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "VestingClaimed")
        return cls(
            index=read.index, beneficiary=read.beneficiary, amount=read.amount, claimed=read.claimed
        )


BY_DISCRIMINATOR: dict[bytes, Any] = {
    AuthorityAccepted.discriminator: AuthorityAccepted,
    AuthorityProposed.discriminator: AuthorityProposed,
    EmissionAdvanced.discriminator: EmissionAdvanced,
    EmissionStarted.discriminator: EmissionStarted,
    GenesisAllocated.discriminator: GenesisAllocated,
    GenesisSealed.discriminator: GenesisSealed,
    GuardianSet.discriminator: GuardianSet,
    SplitCancelled.discriminator: SplitCancelled,
    SplitSet.discriminator: SplitSet,
    TokenInitialized.discriminator: TokenInitialized,
    VestingClaimed.discriminator: VestingClaimed,
}
