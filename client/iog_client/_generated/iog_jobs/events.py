from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import borsh_construct as borsh
from construct import Bytes, Construct
from solders.pubkey import Pubkey

from .._support import BorshPubkey, parse


@dataclass(frozen=True)
class ClientOpened:
    """ClientOpened, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xe7\x17\xeb\xf0 \x88x\x9a"
    layout: ClassVar[Any] = borsh.CStruct(
        "client" / BorshPubkey,
        "wallet" / BorshPubkey,
        "matchers" / BorshPubkey[4],
        "matcher_count" / borsh.U8,
        "next_job" / borsh.U64,
    )

    client: Pubkey
    wallet: Pubkey
    matchers: list[Pubkey]
    matcher_count: int
    next_job: int

    @classmethod
    def decode(cls, data: bytes) -> ClientOpened:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "ClientOpened")
        return cls(
            client=read.client,
            wallet=read.wallet,
            matchers=read.matchers,
            matcher_count=read.matcher_count,
            next_job=read.next_job,
        )


@dataclass(frozen=True)
class JobAssigned:
    """JobAssigned, as the program writes it."""

    discriminator: ClassVar[bytes] = b"%)x!\x1a\xecL\xdb"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "node" / BorshPubkey,
        "device" / BorshPubkey,
        "price" / borsh.U64,
        "at" / borsh.I64,
        "deadline" / borsh.I64,
    )

    job: Pubkey
    run: int
    node: Pubkey
    device: Pubkey
    price: int
    at: int
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> JobAssigned:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobAssigned")
        return cls(
            job=read.job,
            run=read.run,
            node=read.node,
            device=read.device,
            price=read.price,
            at=read.at,
            deadline=read.deadline,
        )


@dataclass(frozen=True)
class JobCancelled:
    """JobCancelled, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xcbT\x8f\x820\x86J\xbf"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "reason" / borsh.U8,
        "proven_seconds" / borsh.U64,
        "ended_at" / borsh.I64,
        "deadline" / borsh.I64,
    )

    job: Pubkey
    run: int
    reason: int
    proven_seconds: int
    ended_at: int
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> JobCancelled:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobCancelled")
        return cls(
            job=read.job,
            run=read.run,
            reason=read.reason,
            proven_seconds=read.proven_seconds,
            ended_at=read.ended_at,
            deadline=read.deadline,
        )


@dataclass(frozen=True)
class JobExpired:
    """JobExpired, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xd5{s\xad\x9d\xf2\x0cG"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "reason" / borsh.U8,
        "proven_seconds" / borsh.U64,
        "ended_at" / borsh.I64,
    )

    job: Pubkey
    run: int
    reason: int
    proven_seconds: int
    ended_at: int

    @classmethod
    def decode(cls, data: bytes) -> JobExpired:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobExpired")
        return cls(
            job=read.job,
            run=read.run,
            reason=read.reason,
            proven_seconds=read.proven_seconds,
            ended_at=read.ended_at,
        )


@dataclass(frozen=True)
class JobFinished:
    """JobFinished, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xcca\xf2\x93\x81Ur\xd9"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "node" / BorshPubkey,
        "reason" / borsh.U8,
        "result_hash" / Bytes(32),
        "proven_seconds" / borsh.U64,
        "ended_at" / borsh.I64,
        "deadline" / borsh.I64,
    )

    job: Pubkey
    run: int
    node: Pubkey
    reason: int
    result_hash: bytes
    proven_seconds: int
    ended_at: int
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> JobFinished:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobFinished")
        return cls(
            job=read.job,
            run=read.run,
            node=read.node,
            reason=read.reason,
            result_hash=read.result_hash,
            proven_seconds=read.proven_seconds,
            ended_at=read.ended_at,
            deadline=read.deadline,
        )


@dataclass(frozen=True)
class JobOpened:
    """JobOpened, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xc2\xa9K\xaa\xfd\x99\xc8\xdc"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "client" / BorshPubkey,
        "number" / borsh.U64,
        "matcher" / BorshPubkey,
        "class_" / BorshPubkey,
        "spec_hash" / Bytes(32),
        "min_multiplier" / borsh.U32,
        "gpus" / borsh.U16,
        "max_price" / borsh.U64,
        "max_seconds" / borsh.U32,
        "window" / borsh.U32,
        "funded" / borsh.U64,
        "opened_at" / borsh.I64,
        "deadline" / borsh.I64,
    )

    job: Pubkey
    client: Pubkey
    number: int
    matcher: Pubkey
    class_: Pubkey
    spec_hash: bytes
    min_multiplier: int
    gpus: int
    max_price: int
    max_seconds: int
    window: int
    funded: int
    opened_at: int
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> JobOpened:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobOpened")
        return cls(
            job=read.job,
            client=read.client,
            number=read.number,
            matcher=read.matcher,
            class_=read.class_,
            spec_hash=read.spec_hash,
            min_multiplier=read.min_multiplier,
            gpus=read.gpus,
            max_price=read.max_price,
            max_seconds=read.max_seconds,
            window=read.window,
            funded=read.funded,
            opened_at=read.opened_at,
            deadline=read.deadline,
        )


@dataclass(frozen=True)
class JobProved:
    """JobProved, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xf9\xab\xb9\xb0\x14d\r\xb1"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "counter" / borsh.U64,
        "seconds" / borsh.U64,
    )

    job: Pubkey
    run: int
    counter: int
    seconds: int

    @classmethod
    def decode(cls, data: bytes) -> JobProved:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobProved")
        return cls(job=read.job, run=read.run, counter=read.counter, seconds=read.seconds)


@dataclass(frozen=True)
class JobSettled:
    """JobSettled, as the program writes it."""

    discriminator: ClassVar[bytes] = b'\x82i\xcd"WV\x98\x1b'
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "client" / BorshPubkey,
        "node" / BorshPubkey,
        "payee" / BorshPubkey,
        "settler" / BorshPubkey,
        "run" / borsh.U32,
        "reason" / borsh.U8,
        "proven_seconds" / borsh.U64,
        "paid" / borsh.U64,
        "node_fee" / borsh.U64,
        "client_fee" / borsh.U64,
        "refunded" / borsh.U64,
        "donated" / borsh.U64,
    )

    job: Pubkey
    client: Pubkey
    node: Pubkey
    payee: Pubkey
    settler: Pubkey
    run: int
    reason: int
    proven_seconds: int
    paid: int
    node_fee: int
    client_fee: int
    refunded: int
    donated: int

    @classmethod
    def decode(cls, data: bytes) -> JobSettled:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobSettled")
        return cls(
            job=read.job,
            client=read.client,
            node=read.node,
            payee=read.payee,
            settler=read.settler,
            run=read.run,
            reason=read.reason,
            proven_seconds=read.proven_seconds,
            paid=read.paid,
            node_fee=read.node_fee,
            client_fee=read.client_fee,
            refunded=read.refunded,
            donated=read.donated,
        )


@dataclass(frozen=True)
class JobStarted:
    """JobStarted, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x08,t\xab3wJ\xbc"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "node" / BorshPubkey,
        "device" / BorshPubkey,
        "payee" / BorshPubkey,
        "started_at" / borsh.I64,
        "deadline" / borsh.I64,
    )

    job: Pubkey
    run: int
    node: Pubkey
    device: Pubkey
    payee: Pubkey
    started_at: int
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> JobStarted:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobStarted")
        return cls(
            job=read.job,
            run=read.run,
            node=read.node,
            device=read.device,
            payee=read.payee,
            started_at=read.started_at,
            deadline=read.deadline,
        )


@dataclass(frozen=True)
class JobsInitialized:
    """JobsInitialized, as the program writes it."""

    discriminator: ClassVar[bytes] = b"9\x07DyB\xb0Qi"
    layout: ClassVar[Any] = borsh.CStruct(
        "authority" / BorshPubkey,
        "guardian" / BorshPubkey,
        "arbiter" / BorshPubkey,
        "mint" / BorshPubkey,
        "fee_vault" / BorshPubkey,
        "genesis_hash" / Bytes(32),
        "hour_length" / borsh.U32,
        "fee_bps" / borsh.U16,
    )

    authority: Pubkey
    guardian: Pubkey
    arbiter: Pubkey
    mint: Pubkey
    fee_vault: Pubkey
    genesis_hash: bytes
    hour_length: int
    fee_bps: int

    @classmethod
    def decode(cls, data: bytes) -> JobsInitialized:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobsInitialized")
        return cls(
            authority=read.authority,
            guardian=read.guardian,
            arbiter=read.arbiter,
            mint=read.mint,
            fee_vault=read.fee_vault,
            genesis_hash=read.genesis_hash,
            hour_length=read.hour_length,
            fee_bps=read.fee_bps,
        )


BY_DISCRIMINATOR: dict[bytes, Any] = {
    ClientOpened.discriminator: ClientOpened,
    JobAssigned.discriminator: JobAssigned,
    JobCancelled.discriminator: JobCancelled,
    JobExpired.discriminator: JobExpired,
    JobFinished.discriminator: JobFinished,
    JobOpened.discriminator: JobOpened,
    JobProved.discriminator: JobProved,
    JobSettled.discriminator: JobSettled,
    JobStarted.discriminator: JobStarted,
    JobsInitialized.discriminator: JobsInitialized,
}
