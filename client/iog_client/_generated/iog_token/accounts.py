from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import borsh_construct as borsh
from construct import Bytes, Construct
from solders.pubkey import Pubkey

from .._support import BorshPubkey, parse


@dataclass(frozen=True)
class Bucket:
    """A part of the genesis supply, PDA `[b'bucket', index]`. Never closed."""

    discriminator: ClassVar[bytes] = b"\x1b\xcbdL\xda\x0c:\xa8"
    layout: ClassVar[Any] = borsh.CStruct(
        "beneficiary" / BorshPubkey,
        "amount" / borsh.U64,
        "claimed" / borsh.U64,
        "launch_bps" / borsh.U16,
        "cliff_months" / borsh.U16,
        "linear_months" / borsh.U16,
        "index" / borsh.U8,
        "bump" / borsh.U8,
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    beneficiary: Pubkey
    amount: int
    claimed: int
    launch_bps: int
    cliff_months: int
    linear_months: int
    index: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Bucket:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Bucket")
        return cls(
            beneficiary=read.beneficiary,
            amount=read.amount,
            claimed=read.claimed,
            launch_bps=read.launch_bps,
            cliff_months=read.cliff_months,
            linear_months=read.linear_months,
            index=read.index,
            bump=read.bump,
        )


@dataclass(frozen=True)
class Config:
    """The one configuration, PDA `[b'config']`; authority of the mint, owner of the vesting vault."""

    discriminator: ClassVar[bytes] = b"\x9b\x0c\xaa\xe0\x1e\xfa\xcc\x82"
    layout: ClassVar[Any] = borsh.CStruct(
        "authority" / BorshPubkey,
        "pending_authority" / BorshPubkey,
        "guardian" / BorshPubkey,
        "mint" / BorshPubkey,
        "vesting_vault" / BorshPubkey,
        "start" / borsh.I64,
        "minted" / borsh.U64,
        "to_rewards" / borsh.U64,
        "to_pool" / borsh.U64,
        "pool_base" / borsh.U64,
        "allocated" / borsh.U64,
        "hour_length" / borsh.U32,
        "advanced_hour" / borsh.U32,
        "split_from_hour" / borsh.U32,
        "next_split_hour" / borsh.U32,
        "pool_bps" / borsh.U16,
        "next_pool_bps" / borsh.U16,
        "sealed" / borsh.U8,
        "buckets" / borsh.U8,
        "bump" / borsh.U8,
        "mint_bump" / borsh.U8,
        "vesting_bump" / borsh.U8,
        "rewards_vault_bump" / borsh.U8,
        "pool_vault_bump" / borsh.U8,
        "reserved" / Bytes(5),
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    authority: Pubkey
    pending_authority: Pubkey
    guardian: Pubkey
    mint: Pubkey
    vesting_vault: Pubkey
    start: int
    minted: int
    to_rewards: int
    to_pool: int
    pool_base: int
    allocated: int
    hour_length: int
    advanced_hour: int
    split_from_hour: int
    next_split_hour: int
    pool_bps: int
    next_pool_bps: int
    sealed: int
    buckets: int
    bump: int
    mint_bump: int
    vesting_bump: int
    rewards_vault_bump: int
    pool_vault_bump: int

    @classmethod
    def decode(cls, data: bytes) -> Config:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Config")
        return cls(
            authority=read.authority,
            pending_authority=read.pending_authority,
            guardian=read.guardian,
            mint=read.mint,
            vesting_vault=read.vesting_vault,
            start=read.start,
            minted=read.minted,
            to_rewards=read.to_rewards,
            to_pool=read.to_pool,
            pool_base=read.pool_base,
            allocated=read.allocated,
            hour_length=read.hour_length,
            advanced_hour=read.advanced_hour,
            split_from_hour=read.split_from_hour,
            next_split_hour=read.next_split_hour,
            pool_bps=read.pool_bps,
            next_pool_bps=read.next_pool_bps,
            sealed=read.sealed,
            buckets=read.buckets,
            bump=read.bump,
            mint_bump=read.mint_bump,
            vesting_bump=read.vesting_bump,
            rewards_vault_bump=read.rewards_vault_bump,
            pool_vault_bump=read.pool_vault_bump,
        )


BY_DISCRIMINATOR: dict[bytes, Any] = {
    Bucket.discriminator: Bucket,
    Config.discriminator: Config,
}
