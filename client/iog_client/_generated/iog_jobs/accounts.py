from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import borsh_construct as borsh
from construct import Bytes, Construct
from solders.pubkey import Pubkey

from .._support import BorshPubkey, parse


@dataclass(frozen=True)
class Client:
    """A wallet that opens jobs. Seeds: `client`, wallet. Signs for what the wallet lets its delegates spend: it is the SPL delegate of the wallet's token account."""

    discriminator: ClassVar[bytes] = b"\xdd\xed\x91\x8f\xaa\xc2\x85s"
    layout: ClassVar[Any] = borsh.CStruct(
        "wallet" / BorshPubkey,
        "matchers" / BorshPubkey[4],
        "next_job" / borsh.U64,
        "next_gang" / borsh.U64,
        "matcher_count" / borsh.U8,
        "bump" / borsh.U8,
        "reserved" / Bytes(6),
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    wallet: Pubkey
    matchers: list[Pubkey]
    next_job: int
    next_gang: int
    matcher_count: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Client:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Client")
        return cls(
            wallet=read.wallet,
            matchers=read.matchers,
            next_job=read.next_job,
            next_gang=read.next_gang,
            matcher_count=read.matcher_count,
            bump=read.bump,
        )


@dataclass(frozen=True)
class Config:
    """Keys and terms of the network. Seeds: `config`. Signs for the fee vault and to iog_staking.  There is only one: [`crate::instructions::JobsInitialize`] alone makes it, so type and owner pin it wherever it is only read."""

    discriminator: ClassVar[bytes] = b"\x9b\x0c\xaa\xe0\x1e\xfa\xcc\x82"
    layout: ClassVar[Any] = borsh.CStruct(
        "authority" / BorshPubkey,
        "pending_authority" / BorshPubkey,
        "guardian" / BorshPubkey,
        "arbiter" / BorshPubkey,
        "treasury" / BorshPubkey,
        "mint" / BorshPubkey,
        "fee_vault" / BorshPubkey,
        "genesis_hash" / Bytes(32),
        "hour_length" / borsh.U32,
        "fee_bps" / borsh.U16,
        "burn_bps" / borsh.U16,
        "paused" / borsh.U8,
        "bump" / borsh.U8,
        "reserved" / Bytes(2),
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    authority: Pubkey
    pending_authority: Pubkey
    guardian: Pubkey
    arbiter: Pubkey
    treasury: Pubkey
    mint: Pubkey
    fee_vault: Pubkey
    genesis_hash: bytes
    hour_length: int
    fee_bps: int
    burn_bps: int
    paused: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Config:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Config")
        return cls(
            authority=read.authority,
            pending_authority=read.pending_authority,
            guardian=read.guardian,
            arbiter=read.arbiter,
            treasury=read.treasury,
            mint=read.mint,
            fee_vault=read.fee_vault,
            genesis_hash=read.genesis_hash,
            hour_length=read.hour_length,
            fee_bps=read.fee_bps,
            burn_bps=read.burn_bps,
            paused=read.paused,
            bump=read.bump,
        )


@dataclass(frozen=True)
class Delegate:
    """A key that may open and extend a wallet's jobs within limits. Seeds: `delegate`, wallet, key."""

    discriminator: ClassVar[bytes] = b"\\\x91\xa6o\x0b&&\xf7"
    layout: ClassVar[Any] = borsh.CStruct(
        "wallet" / BorshPubkey,
        "key" / BorshPubkey,
        "per_job" / borsh.U64,
        "per_day" / borsh.U64,
        "spent" / borsh.U64[25],
        "last_hour" / borsh.U32,
        "bump" / borsh.U8,
        "reserved" / borsh.U8,
        "reserved2" / borsh.U16,
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    wallet: Pubkey
    key: Pubkey
    per_job: int
    per_day: int
    spent: list[int]
    last_hour: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Delegate:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Delegate")
        return cls(
            wallet=read.wallet,
            key=read.key,
            per_job=read.per_job,
            per_day=read.per_day,
            spent=read.spent,
            last_hour=read.last_hour,
            bump=read.bump,
        )


@dataclass(frozen=True)
class Gang:
    """Jobs of one client that start together or not at all. Seeds: `gang`, wallet, number."""

    discriminator: ClassVar[bytes] = b"ve\n\xa4\x98\xd8nm"
    layout: ClassVar[Any] = borsh.CStruct(
        "client" / BorshPubkey,
        "number" / borsh.U64,
        "started_at" / borsh.I64,
        "deadline" / borsh.I64,
        "members" / borsh.U16,
        "opened" / borsh.U16,
        "joined" / borsh.U16,
        "bump" / borsh.U8,
        "reserved" / borsh.U8,
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    client: Pubkey
    number: int
    started_at: int
    deadline: int
    members: int
    opened: int
    joined: int
    bump: int

    @classmethod
    def decode(cls, data: bytes) -> Gang:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Gang")
        return cls(
            client=read.client,
            number=read.number,
            started_at=read.started_at,
            deadline=read.deadline,
            members=read.members,
            opened=read.opened,
            joined=read.joined,
            bump=read.bump,
        )


@dataclass(frozen=True)
class Job:
    """One escrowed piece of work. Seeds: `job`, wallet, number. Signs for its vault (seeds: `vault`, job). Never closed: it is the record of what was paid."""

    discriminator: ClassVar[bytes] = b"K|P\xcb\xa1\xb4\xcaP"
    layout: ClassVar[Any] = borsh.CStruct(
        "client" / BorshPubkey,
        "payer" / BorshPubkey,
        "matcher" / BorshPubkey,
        "node" / BorshPubkey,
        "device" / BorshPubkey,
        "payee" / BorshPubkey,
        "class_" / BorshPubkey,
        "gang" / BorshPubkey,
        "spec_hash" / Bytes(32),
        "result_hash" / Bytes(32),
        "number" / borsh.U64,
        "max_price" / borsh.U64,
        "price" / borsh.U64,
        "funded" / borsh.U64,
        "paid" / borsh.U64,
        "fees" / borsh.U64,
        "refunded" / borsh.U64,
        "proven_seconds" / borsh.U64,
        "counter" / borsh.U64,
        "opened_at" / borsh.I64,
        "started_at" / borsh.I64,
        "proven_at" / borsh.I64,
        "ended_at" / borsh.I64,
        "deadline" / borsh.I64,
        "place_by" / borsh.I64,
        "max_seconds" / borsh.U32,
        "window" / borsh.U32,
        "min_multiplier" / borsh.U32,
        "run" / borsh.U32,
        "max_runs" / borsh.U32,
        "gpus" / borsh.U16,
        "state" / borsh.U8,
        "reason" / borsh.U8,
        "bump" / borsh.U8,
        "vault_bump" / borsh.U8,
        "reserved" / Bytes(6),
    )
    size: ClassVar[int] = 8 + layout.sizeof()

    client: Pubkey
    payer: Pubkey
    matcher: Pubkey
    node: Pubkey
    device: Pubkey
    payee: Pubkey
    class_: Pubkey
    gang: Pubkey
    spec_hash: bytes
    result_hash: bytes
    number: int
    max_price: int
    price: int
    funded: int
    paid: int
    fees: int
    refunded: int
    proven_seconds: int
    counter: int
    opened_at: int
    started_at: int
    proven_at: int
    ended_at: int
    deadline: int
    place_by: int
    max_seconds: int
    window: int
    min_multiplier: int
    run: int
    max_runs: int
    gpus: int
    state: int
    reason: int
    bump: int
    vault_bump: int

    @classmethod
    def decode(cls, data: bytes) -> Job:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "Job")
        return cls(
            client=read.client,
            payer=read.payer,
            matcher=read.matcher,
            node=read.node,
            device=read.device,
            payee=read.payee,
            class_=read.class_,
            gang=read.gang,
            spec_hash=read.spec_hash,
            result_hash=read.result_hash,
            number=read.number,
            max_price=read.max_price,
            price=read.price,
            funded=read.funded,
            paid=read.paid,
            fees=read.fees,
            refunded=read.refunded,
            proven_seconds=read.proven_seconds,
            counter=read.counter,
            opened_at=read.opened_at,
            started_at=read.started_at,
            proven_at=read.proven_at,
            ended_at=read.ended_at,
            deadline=read.deadline,
            place_by=read.place_by,
            max_seconds=read.max_seconds,
            window=read.window,
            min_multiplier=read.min_multiplier,
            run=read.run,
            max_runs=read.max_runs,
            gpus=read.gpus,
            state=read.state,
            reason=read.reason,
            bump=read.bump,
            vault_bump=read.vault_bump,
        )


BY_DISCRIMINATOR: dict[bytes, Any] = {
    Client.discriminator: Client,
    Config.discriminator: Config,
    Delegate.discriminator: Delegate,
    Gang.discriminator: Gang,
    Job.discriminator: Job,
}
