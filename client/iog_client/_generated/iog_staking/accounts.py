from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import borsh_construct as borsh
from construct import Bytes, Construct
from solders.pubkey import Pubkey

from .._support import BorshPubkey, parse


@dataclass(frozen=True)
class Backer:
    """A wallet's part of the pool. Seeds: `backer`, wallet."""

    discriminator: ClassVar[bytes] = b"\xc7\x80\xb3\xbe\x02Bv\xfc"
    layout: ClassVar[Any] = borsh.CStruct(
        "wallet" / BorshPubkey,
        "staked" / borsh.U64,
        "unclaimed" / borsh.U64,
        "fraction" / borsh.U64,
        "unbonding" / borsh.U64,
        "unbonding_until" / borsh.I64,
        "per_share" / Bytes(16),
        "bump" / borsh.U8,
        "reserved" / Bytes(7),
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    wallet: Pubkey
    staked: int
    unclaimed: int
    fraction: int
    unbonding: int
    unbonding_until: int
    per_share: bytes
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Backer:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Backer")
        return cls(
            wallet=read.wallet,
            staked=read.staked,
            unclaimed=read.unclaimed,
            fraction=read.fraction,
            unbonding=read.unbonding,
            unbonding_until=read.unbonding_until,
            per_share=read.per_share,
            bump=read.bump,
        )


@dataclass(frozen=True)
class Class:
    """A GPU model. Seeds: `class`, slug."""

    discriminator: ClassVar[bytes] = b"_\xa7k\x88\x8e&\x85\xe8"
    layout: ClassVar[Any] = borsh.CStruct(
        "slug" / Bytes(16),
        "multiplier" / borsh.U32,
        "next_multiplier" / borsh.U32,
        "next_from_hour" / borsh.U32,
        "pool" / borsh.U8,
        "enabled" / borsh.U8,
        "next_enabled" / borsh.U8,
        "bump" / borsh.U8,
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    slug: bytes
    multiplier: int
    next_multiplier: int
    next_from_hour: int
    pool: int
    enabled: int
    next_enabled: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Class:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Class")
        return cls(
            slug=read.slug,
            multiplier=read.multiplier,
            next_multiplier=read.next_multiplier,
            next_from_hour=read.next_from_hour,
            pool=read.pool,
            enabled=read.enabled,
            next_enabled=read.next_enabled,
            bump=read.bump,
        )


@dataclass(frozen=True)
class Config:
    """Keys and sums of the network. Seeds: `config`. Signs for both vaults."""

    discriminator: ClassVar[bytes] = b"\x9b\x0c\xaa\xe0\x1e\xfa\xcc\x82"
    layout: ClassVar[Any] = borsh.CStruct(
        "authority" / BorshPubkey,
        "pending_authority" / BorshPubkey,
        "guardian" / BorshPubkey,
        "slasher" / BorshPubkey,
        "arbiter" / BorshPubkey,
        "mint" / BorshPubkey,
        "stake_vault" / BorshPubkey,
        "pool_vault" / BorshPubkey,
        "genesis_hash" / Bytes(32),
        "total_staked" / borsh.U64,
        "frozen" / borsh.U64,
        "pool_total" / borsh.U64,
        "pool_unbonding" / borsh.U64,
        "pool_per_share" / Bytes(16),
        "pool_released" / borsh.U64,
        "pool_seen" / borsh.U64,
        "pool_hour" / borsh.U32,
        "hour_length" / borsh.U32,
        "bump" / borsh.U8,
        "stake_vault_bump" / borsh.U8,
        "pool_vault_bump" / borsh.U8,
        "paused" / borsh.U8,
        "reserved" / Bytes(4),
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    authority: Pubkey
    pending_authority: Pubkey
    guardian: Pubkey
    slasher: Pubkey
    arbiter: Pubkey
    mint: Pubkey
    stake_vault: Pubkey
    pool_vault: Pubkey
    genesis_hash: bytes
    total_staked: int
    frozen: int
    pool_total: int
    pool_unbonding: int
    pool_per_share: bytes
    pool_released: int
    pool_seen: int
    pool_hour: int
    hour_length: int
    bump: int
    stake_vault_bump: int
    pool_vault_bump: int
    paused: int

    @classmethod
    def decode(cls, data: bytes) -> Config:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Config")
        return cls(
            authority=read.authority,
            pending_authority=read.pending_authority,
            guardian=read.guardian,
            slasher=read.slasher,
            arbiter=read.arbiter,
            mint=read.mint,
            stake_vault=read.stake_vault,
            pool_vault=read.pool_vault,
            genesis_hash=read.genesis_hash,
            total_staked=read.total_staked,
            frozen=read.frozen,
            pool_total=read.pool_total,
            pool_unbonding=read.pool_unbonding,
            pool_per_share=read.pool_per_share,
            pool_released=read.pool_released,
            pool_seen=read.pool_seen,
            pool_hour=read.pool_hour,
            hour_length=read.hour_length,
            bump=read.bump,
            stake_vault_bump=read.stake_vault_bump,
            pool_vault_bump=read.pool_vault_bump,
            paused=read.paused,
        )


@dataclass(frozen=True)
class Node:
    """One machine. Seeds: `node`, device."""

    discriminator: ClassVar[bytes] = b"\xd05\x01\x031z\xb41"
    layout: ClassVar[Any] = borsh.CStruct(
        "device" / BorshPubkey,
        "owner" / BorshPubkey,
        "class_" / BorshPubkey,
        "payee" / BorshPubkey,
        "prev_payee" / BorshPubkey,
        "costaker" / BorshPubkey,
        "ask" / borsh.U64,
        "stake" / borsh.U64,
        "prev_stake" / borsh.U64,
        "costake" / borsh.U64,
        "cooling" / borsh.U64,
        "cooling_costake" / borsh.U64,
        "offer_amount" / borsh.U64,
        "cooling_until" / borsh.I64,
        "costake_cooling_until" / borsh.I64,
        "costake_leave_at" / borsh.I64,
        "registered_at" / borsh.I64,
        "payee_from_hour" / borsh.U32,
        "stake_from_hour" / borsh.U32,
        "active_from_hour" / borsh.U32,
        "costake_from_hour" / borsh.U32,
        "multiplier" / borsh.U32,
        "gpus" / borsh.U16,
        "busy" / borsh.U16,
        "running" / borsh.U16,
        "costake_share_bps" / borsh.U16,
        "prev_costake_share_bps" / borsh.U16,
        "offer_share_bps" / borsh.U16,
        "case_open" / borsh.U8,
        "state" / borsh.U8,
        "bump" / borsh.U8,
        "reserved" / Bytes(5),
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    device: Pubkey
    owner: Pubkey
    class_: Pubkey
    payee: Pubkey
    prev_payee: Pubkey
    costaker: Pubkey
    ask: int
    stake: int
    prev_stake: int
    costake: int
    cooling: int
    cooling_costake: int
    offer_amount: int
    cooling_until: int
    costake_cooling_until: int
    costake_leave_at: int
    registered_at: int
    payee_from_hour: int
    stake_from_hour: int
    active_from_hour: int
    costake_from_hour: int
    multiplier: int
    gpus: int
    busy: int
    running: int
    costake_share_bps: int
    prev_costake_share_bps: int
    offer_share_bps: int
    case_open: int
    state: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Node:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Node")
        return cls(
            device=read.device,
            owner=read.owner,
            class_=read.class_,
            payee=read.payee,
            prev_payee=read.prev_payee,
            costaker=read.costaker,
            ask=read.ask,
            stake=read.stake,
            prev_stake=read.prev_stake,
            costake=read.costake,
            cooling=read.cooling,
            cooling_costake=read.cooling_costake,
            offer_amount=read.offer_amount,
            cooling_until=read.cooling_until,
            costake_cooling_until=read.costake_cooling_until,
            costake_leave_at=read.costake_leave_at,
            registered_at=read.registered_at,
            payee_from_hour=read.payee_from_hour,
            stake_from_hour=read.stake_from_hour,
            active_from_hour=read.active_from_hour,
            costake_from_hour=read.costake_from_hour,
            multiplier=read.multiplier,
            gpus=read.gpus,
            busy=read.busy,
            running=read.running,
            costake_share_bps=read.costake_share_bps,
            prev_costake_share_bps=read.prev_costake_share_bps,
            offer_share_bps=read.offer_share_bps,
            case_open=read.case_open,
            state=read.state,
            bump=read.bump,
        )


@dataclass(frozen=True)
class OwnerRecord:
    """What an owner has on all nodes together. Seeds: `owner`, wallet."""

    discriminator: ClassVar[bytes] = b"\x05$\x11E\xf6\xecS\xa6"
    layout: ClassVar[Any] = borsh.CStruct(
        "owner" / BorshPubkey, "costakes" / borsh.U8, "bump" / borsh.U8
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    owner: Pubkey
    costakes: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> OwnerRecord:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "OwnerRecord")
        return cls(owner=read.owner, costakes=read.costakes, bump=read.bump)


@dataclass(frozen=True)
class SlashCase:
    """A judgement of one node's conduct. Seeds: `case`, node, evidence hash. Never closed, so that the same evidence is never judged twice."""

    discriminator: ClassVar[bytes] = b"\xd0E\xdf\xbd\x85\xa8#2"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "slasher" / BorshPubkey,
        "owner" / BorshPubkey,
        "costaker" / BorshPubkey,
        "evidence_hash" / Bytes(32),
        "opened_at" / borsh.I64,
        "deadline" / borsh.I64,
        "own" / borsh.U64,
        "costake" / borsh.U64,
        "cooling" / borsh.U64,
        "cooling_costake" / borsh.U64,
        "cooling_until" / borsh.I64,
        "costake_cooling_until" / borsh.I64,
        "bps" / borsh.U16,
        "kind" / borsh.U8,
        "state" / borsh.U8,
        "was_paused" / borsh.U8,
        "bump" / borsh.U8,
        "reserved" / Bytes(2),
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    node: Pubkey
    slasher: Pubkey
    owner: Pubkey
    costaker: Pubkey
    evidence_hash: bytes
    opened_at: int
    deadline: int
    own: int
    costake: int
    cooling: int
    cooling_costake: int
    cooling_until: int
    costake_cooling_until: int
    bps: int
    kind: int
    state: int
    was_paused: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> SlashCase:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "SlashCase")
        return cls(
            node=read.node,
            slasher=read.slasher,
            owner=read.owner,
            costaker=read.costaker,
            evidence_hash=read.evidence_hash,
            opened_at=read.opened_at,
            deadline=read.deadline,
            own=read.own,
            costake=read.costake,
            cooling=read.cooling,
            cooling_costake=read.cooling_costake,
            cooling_until=read.cooling_until,
            costake_cooling_until=read.costake_cooling_until,
            bps=read.bps,
            kind=read.kind,
            state=read.state,
            was_paused=read.was_paused,
            bump=read.bump,
        )


BY_DISCRIMINATOR: dict[bytes, Any] = {
    Backer.discriminator: Backer,
    Class.discriminator: Class,
    Config.discriminator: Config,
    Node.discriminator: Node,
    OwnerRecord.discriminator: OwnerRecord,
    SlashCase.discriminator: SlashCase,
}
