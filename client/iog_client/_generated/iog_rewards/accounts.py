from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import borsh_construct as borsh
from construct import Bytes, Construct
from solders.pubkey import Pubkey

from .._support import BorshPubkey, parse


@dataclass(frozen=True)
class Distributor:
    """The one distributor, PDA `[b'distributor']`; owner of the vault, PDA `[b'vault']`."""

    discriminator: ClassVar[bytes] = b"ZZ\xd9\x93\x06 \x87\x04"
    layout: ClassVar[Any] = borsh.CStruct(
        "authority" / BorshPubkey,
        "pending_authority" / BorshPubkey,
        "guardian" / BorshPubkey,
        "mint" / BorshPubkey,
        "vault" / BorshPubkey,
        "oracles" / BorshPubkey[7],
        "root" / Bytes(32),
        "pending_root" / Bytes(32),
        "data_hash" / Bytes(32),
        "pending_data_hash" / Bytes(32),
        "total" / borsh.U64,
        "claimed" / borsh.U64,
        "pending_total" / borsh.U64,
        "active_at" / borsh.I64,
        "epoch" / borsh.U32,
        "pending_epoch" / borsh.U32,
        "count" / borsh.U32,
        "pending_count" / borsh.U32,
        "hour_length" / borsh.U32,
        "oracle_count" / borsh.U8,
        "threshold" / borsh.U8,
        "paused" / borsh.U8,
        "bump" / borsh.U8,
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    authority: Pubkey
    pending_authority: Pubkey
    guardian: Pubkey
    mint: Pubkey
    vault: Pubkey
    oracles: list[Pubkey]
    root: bytes
    pending_root: bytes
    data_hash: bytes
    pending_data_hash: bytes
    total: int
    claimed: int
    pending_total: int
    active_at: int
    epoch: int
    pending_epoch: int
    count: int
    pending_count: int
    hour_length: int
    oracle_count: int
    threshold: int
    paused: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Distributor:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Distributor")
        return cls(
            authority=read.authority,
            pending_authority=read.pending_authority,
            guardian=read.guardian,
            mint=read.mint,
            vault=read.vault,
            oracles=read.oracles,
            root=read.root,
            pending_root=read.pending_root,
            data_hash=read.data_hash,
            pending_data_hash=read.pending_data_hash,
            total=read.total,
            claimed=read.claimed,
            pending_total=read.pending_total,
            active_at=read.active_at,
            epoch=read.epoch,
            pending_epoch=read.pending_epoch,
            count=read.count,
            pending_count=read.pending_count,
            hour_length=read.hour_length,
            oracle_count=read.oracle_count,
            threshold=read.threshold,
            paused=read.paused,
            bump=read.bump,
        )


@dataclass(frozen=True)
class Recipient:
    """What a wallet was paid, PDA `[b'recipient', wallet]`. Never closed: it is what stops a second payment."""

    discriminator: ClassVar[bytes] = b"P\xba/\xc4\xe8\xfb\x15\x94"
    layout: ClassVar[Any] = borsh.CStruct(
        "wallet" / BorshPubkey,
        "claimed" / borsh.U64,
        "bump" / borsh.U8,
        "reserved" / Bytes(7),
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    wallet: Pubkey
    claimed: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Recipient:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Recipient")
        return cls(wallet=read.wallet, claimed=read.claimed, bump=read.bump)


BY_DISCRIMINATOR: dict[bytes, Any] = {
    Distributor.discriminator: Distributor,
    Recipient.discriminator: Recipient,
}
