from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import borsh_construct as borsh
from construct import Bytes, Construct
from solders.pubkey import Pubkey

from .._support import BorshPubkey, parse


@dataclass(frozen=True)
class ArbiterSet:
    """ArbiterSet, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xe1@\x9eJW\x89A\x87"
    layout: ClassVar[Any] = borsh.CStruct("old" / BorshPubkey, "new" / BorshPubkey)

    old: Pubkey
    new: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> ArbiterSet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "ArbiterSet")
        return cls(old=read.old, new=read.new)


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
class DelegateClosed:
    """DelegateClosed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xea\x80b5\xffp\xed\x15"
    layout: ClassVar[Any] = borsh.CStruct(
        "delegate" / BorshPubkey, "wallet" / BorshPubkey, "key" / BorshPubkey
    )

    delegate: Pubkey
    wallet: Pubkey
    key: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> DelegateClosed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "DelegateClosed")
        return cls(delegate=read.delegate, wallet=read.wallet, key=read.key)


@dataclass(frozen=True)
class DelegateSet:
    """DelegateSet, as the program writes it."""

    discriminator: ClassVar[bytes] = b"g~\xef\x83\xc9\x1f\xd4\xfd"
    layout: ClassVar[Any] = borsh.CStruct(
        "delegate" / BorshPubkey,
        "wallet" / BorshPubkey,
        "key" / BorshPubkey,
        "per_job" / borsh.U64,
        "per_day" / borsh.U64,
    )

    delegate: Pubkey
    wallet: Pubkey
    key: Pubkey
    per_job: int
    per_day: int

    @classmethod
    def decode(cls, data: bytes) -> DelegateSet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "DelegateSet")
        return cls(
            delegate=read.delegate,
            wallet=read.wallet,
            key=read.key,
            per_job=read.per_job,
            per_day=read.per_day,
        )


@dataclass(frozen=True)
class FeesCollected:
    """FeesCollected, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xe9\x17u\xe1k\xb2\xfe\x08"
    layout: ClassVar[Any] = borsh.CStruct(
        "treasury" / BorshPubkey, "burned" / borsh.U64, "paid" / borsh.U64
    )

    treasury: Pubkey
    burned: int
    paid: int

    @classmethod
    def decode(cls, data: bytes) -> FeesCollected:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "FeesCollected")
        return cls(treasury=read.treasury, burned=read.burned, paid=read.paid)


@dataclass(frozen=True)
class GangOpened:
    """GangOpened, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xfb\x8f\xf4\x95\x93\xeeE\x10"
    layout: ClassVar[Any] = borsh.CStruct(
        "gang" / BorshPubkey,
        "client" / BorshPubkey,
        "number" / borsh.U64,
        "members" / borsh.U16,
        "deadline" / borsh.I64,
    )

    gang: Pubkey
    client: Pubkey
    number: int
    members: int
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> GangOpened:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "GangOpened")
        return cls(
            gang=read.gang,
            client=read.client,
            number=read.number,
            members=read.members,
            deadline=read.deadline,
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
class JobDisputed:
    """JobDisputed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xcb\x07\xd4\xd3\xbdK@\x0f"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "reason" / borsh.U8,
        "proven_seconds" / borsh.U64,
        "at" / borsh.I64,
        "deadline" / borsh.I64,
    )

    job: Pubkey
    run: int
    reason: int
    proven_seconds: int
    at: int
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> JobDisputed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobDisputed")
        return cls(
            job=read.job,
            run=read.run,
            reason=read.reason,
            proven_seconds=read.proven_seconds,
            at=read.at,
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
class JobExtended:
    """JobExtended, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xad\xc8y\xb1\x9e\xb1\xa2j"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "signer" / BorshPubkey,
        "max_seconds" / borsh.U32,
        "funded" / borsh.U64,
        "added" / borsh.U64,
        "deadline" / borsh.I64,
    )

    job: Pubkey
    run: int
    signer: Pubkey
    max_seconds: int
    funded: int
    added: int
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> JobExtended:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobExtended")
        return cls(
            job=read.job,
            run=read.run,
            signer=read.signer,
            max_seconds=read.max_seconds,
            funded=read.funded,
            added=read.added,
            deadline=read.deadline,
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
class JobJoined:
    """The node holds its GPUs for a member of a gang."""

    discriminator: ClassVar[bytes] = b"\x98\xa8y\x01\xa0\xf6\xc8_"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "node" / BorshPubkey,
        "device" / BorshPubkey,
        "payee" / BorshPubkey,
        "gang" / BorshPubkey,
        "joined" / borsh.U16,
        "members" / borsh.U16,
        "started_at" / borsh.I64,
    )

    job: Pubkey
    run: int
    node: Pubkey
    device: Pubkey
    payee: Pubkey
    gang: Pubkey
    joined: int
    members: int
    started_at: int

    @classmethod
    def decode(cls, data: bytes) -> JobJoined:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobJoined")
        return cls(
            job=read.job,
            run=read.run,
            node=read.node,
            device=read.device,
            payee=read.payee,
            gang=read.gang,
            joined=read.joined,
            members=read.members,
            started_at=read.started_at,
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
        "gang" / BorshPubkey,
        "signer" / BorshPubkey,
        "spec_hash" / Bytes(32),
        "min_multiplier" / borsh.U32,
        "gpus" / borsh.U16,
        "max_price" / borsh.U64,
        "max_seconds" / borsh.U32,
        "max_runs" / borsh.U32,
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
    gang: Pubkey
    signer: Pubkey
    spec_hash: bytes
    min_multiplier: int
    gpus: int
    max_price: int
    max_seconds: int
    max_runs: int
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
            gang=read.gang,
            signer=read.signer,
            spec_hash=read.spec_hash,
            min_multiplier=read.min_multiplier,
            gpus=read.gpus,
            max_price=read.max_price,
            max_seconds=read.max_seconds,
            max_runs=read.max_runs,
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
class JobReleased:
    """A run was given up; the job is open again. Nothing is paid for the run."""

    discriminator: ClassVar[bytes] = b'I\r\xde\x907"\xe9O'
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "node" / BorshPubkey,
        "device" / BorshPubkey,
        "by" / BorshPubkey,
        "reason" / borsh.U8,
        "proven_seconds" / borsh.U64,
        "at" / borsh.I64,
        "deadline" / borsh.I64,
    )

    job: Pubkey
    run: int
    node: Pubkey
    device: Pubkey
    by: Pubkey
    reason: int
    proven_seconds: int
    at: int
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> JobReleased:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobReleased")
        return cls(
            job=read.job,
            run=read.run,
            node=read.node,
            device=read.device,
            by=read.by,
            reason=read.reason,
            proven_seconds=read.proven_seconds,
            at=read.at,
            deadline=read.deadline,
        )


@dataclass(frozen=True)
class JobResolved:
    """JobResolved, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x844+*\xaa\x94\x88\xc4"
    layout: ClassVar[Any] = borsh.CStruct(
        "job" / BorshPubkey,
        "run" / borsh.U32,
        "reason" / borsh.U8,
        "proven_seconds" / borsh.U64,
        "at" / borsh.I64,
    )

    job: Pubkey
    run: int
    reason: int
    proven_seconds: int
    at: int

    @classmethod
    def decode(cls, data: bytes) -> JobResolved:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobResolved")
        return cls(
            job=read.job,
            run=read.run,
            reason=read.reason,
            proven_seconds=read.proven_seconds,
            at=read.at,
        )


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


@dataclass(frozen=True)
class JobsPaused:
    """No job is opened or extended from now on."""

    discriminator: ClassVar[bytes] = b"=e\xaf\xff\xe8a\xb8A"
    layout: ClassVar[Any] = borsh.CStruct("by" / BorshPubkey)

    by: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> JobsPaused:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobsPaused")
        return cls(by=read.by)


@dataclass(frozen=True)
class JobsResumed:
    """JobsResumed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x87\xea\x81\xc3O\x19\xa8\xc4"
    layout: ClassVar[Any] = borsh.CStruct("by" / BorshPubkey)

    by: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> JobsResumed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "JobsResumed")
        return cls(by=read.by)


@dataclass(frozen=True)
class TreasurySet:
    """TreasurySet, as the program writes it."""

    discriminator: ClassVar[bytes] = b"E\xe7\xa3\x87\xfe\xc2m\xa6"
    layout: ClassVar[Any] = borsh.CStruct(
        "old" / BorshPubkey,
        "new" / BorshPubkey,
        "old_burn_bps" / borsh.U16,
        "new_burn_bps" / borsh.U16,
    )

    old: Pubkey
    new: Pubkey
    old_burn_bps: int
    new_burn_bps: int

    @classmethod
    def decode(cls, data: bytes) -> TreasurySet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "TreasurySet")
        return cls(
            old=read.old,
            new=read.new,
            old_burn_bps=read.old_burn_bps,
            new_burn_bps=read.new_burn_bps,
        )


BY_DISCRIMINATOR: dict[bytes, Any] = {
    ArbiterSet.discriminator: ArbiterSet,
    AuthorityAccepted.discriminator: AuthorityAccepted,
    AuthorityProposed.discriminator: AuthorityProposed,
    ClientOpened.discriminator: ClientOpened,
    DelegateClosed.discriminator: DelegateClosed,
    DelegateSet.discriminator: DelegateSet,
    FeesCollected.discriminator: FeesCollected,
    GangOpened.discriminator: GangOpened,
    GuardianSet.discriminator: GuardianSet,
    JobAssigned.discriminator: JobAssigned,
    JobCancelled.discriminator: JobCancelled,
    JobDisputed.discriminator: JobDisputed,
    JobExpired.discriminator: JobExpired,
    JobExtended.discriminator: JobExtended,
    JobFinished.discriminator: JobFinished,
    JobJoined.discriminator: JobJoined,
    JobOpened.discriminator: JobOpened,
    JobProved.discriminator: JobProved,
    JobReleased.discriminator: JobReleased,
    JobResolved.discriminator: JobResolved,
    JobSettled.discriminator: JobSettled,
    JobStarted.discriminator: JobStarted,
    JobsInitialized.discriminator: JobsInitialized,
    JobsPaused.discriminator: JobsPaused,
    JobsResumed.discriminator: JobsResumed,
    TreasurySet.discriminator: TreasurySet,
}
