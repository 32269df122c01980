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
    """AuthorityProposed, as the program writes it."""

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
class CaseAppealed:
    """CaseAppealed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"(\x07\x0bk\x14\xc6\x10\xdf"
    layout: ClassVar[Any] = borsh.CStruct(
        "case" / BorshPubkey,
        "node" / BorshPubkey,
        "party" / BorshPubkey,
        "deadline" / borsh.I64,
    )

    case: Pubkey
    node: Pubkey
    party: Pubkey
    deadline: int

    @classmethod
    def decode(cls, data: bytes) -> CaseAppealed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CaseAppealed")
        return cls(case=read.case, node=read.node, party=read.party, deadline=read.deadline)


@dataclass(frozen=True)
class CaseDropped:
    """CaseDropped, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xcf\xf4\xe8J_w\xa9i"
    layout: ClassVar[Any] = borsh.CStruct(
        "case" / BorshPubkey,
        "node" / BorshPubkey,
        "amount" / borsh.U64,
        "stake" / borsh.U64,
        "costake" / borsh.U64,
        "cooling" / borsh.U64,
        "cooling_costake" / borsh.U64,
        "node_state" / borsh.U8,
        "active_from_hour" / borsh.U32,
        "frozen" / borsh.U64,
    )

    case: Pubkey
    node: Pubkey
    amount: int
    stake: int
    costake: int
    cooling: int
    cooling_costake: int
    node_state: int
    active_from_hour: int
    frozen: int

    @classmethod
    def decode(cls, data: bytes) -> CaseDropped:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CaseDropped")
        return cls(
            case=read.case,
            node=read.node,
            amount=read.amount,
            stake=read.stake,
            costake=read.costake,
            cooling=read.cooling,
            cooling_costake=read.cooling_costake,
            node_state=read.node_state,
            active_from_hour=read.active_from_hour,
            frozen=read.frozen,
        )


@dataclass(frozen=True)
class CaseOpened:
    """CaseOpened, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xf5i\xbck\x86\x1c\xd5\x8b"
    layout: ClassVar[Any] = borsh.CStruct(
        "case" / BorshPubkey,
        "node" / BorshPubkey,
        "slasher" / BorshPubkey,
        "owner" / BorshPubkey,
        "costaker" / BorshPubkey,
        "kind" / borsh.U8,
        "bps" / borsh.U16,
        "evidence_hash" / Bytes(32),
        "own" / borsh.U64,
        "costake" / borsh.U64,
        "cooling" / borsh.U64,
        "cooling_costake" / borsh.U64,
        "deadline" / borsh.I64,
        "node_state" / borsh.U8,
        "frozen" / borsh.U64,
    )

    case: Pubkey
    node: Pubkey
    slasher: Pubkey
    owner: Pubkey
    costaker: Pubkey
    kind: int
    bps: int
    evidence_hash: bytes
    own: int
    costake: int
    cooling: int
    cooling_costake: int
    deadline: int
    node_state: int
    frozen: int

    @classmethod
    def decode(cls, data: bytes) -> CaseOpened:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CaseOpened")
        return cls(
            case=read.case,
            node=read.node,
            slasher=read.slasher,
            owner=read.owner,
            costaker=read.costaker,
            kind=read.kind,
            bps=read.bps,
            evidence_hash=read.evidence_hash,
            own=read.own,
            costake=read.costake,
            cooling=read.cooling,
            cooling_costake=read.cooling_costake,
            deadline=read.deadline,
            node_state=read.node_state,
            frozen=read.frozen,
        )


@dataclass(frozen=True)
class CaseUpheld:
    """CaseUpheld, as the program writes it."""

    discriminator: ClassVar[bytes] = b"R\r4\xc5E\xb4\x01'"
    layout: ClassVar[Any] = borsh.CStruct(
        "case" / BorshPubkey,
        "node" / BorshPubkey,
        "amount" / borsh.U64,
        "frozen" / borsh.U64,
        "total_staked" / borsh.U64,
    )

    case: Pubkey
    node: Pubkey
    amount: int
    frozen: int
    total_staked: int

    @classmethod
    def decode(cls, data: bytes) -> CaseUpheld:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CaseUpheld")
        return cls(
            case=read.case,
            node=read.node,
            amount=read.amount,
            frozen=read.frozen,
            total_staked=read.total_staked,
        )


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
class CostakeAccepted:
    """CostakeAccepted, as the program writes it."""

    discriminator: ClassVar[bytes] = b"|\xc5\x82\xe7\x11\xacW0"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "owner" / BorshPubkey,
        "costaker" / BorshPubkey,
        "amount" / borsh.U64,
        "share_bps" / borsh.U16,
        "costake_from_hour" / borsh.U32,
        "costakes" / borsh.U8,
        "total_staked" / borsh.U64,
    )

    node: Pubkey
    owner: Pubkey
    costaker: Pubkey
    amount: int
    share_bps: int
    costake_from_hour: int
    costakes: int
    total_staked: int

    @classmethod
    def decode(cls, data: bytes) -> CostakeAccepted:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CostakeAccepted")
        return cls(
            node=read.node,
            owner=read.owner,
            costaker=read.costaker,
            amount=read.amount,
            share_bps=read.share_bps,
            costake_from_hour=read.costake_from_hour,
            costakes=read.costakes,
            total_staked=read.total_staked,
        )


@dataclass(frozen=True)
class CostakeEnded:
    """CostakeEnded, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xbf\xfbk!\xc1 \xb0\x93"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "owner" / BorshPubkey,
        "costaker" / BorshPubkey,
        "amount" / borsh.U64,
        "costake_cooling_until" / borsh.I64,
        "costake_from_hour" / borsh.U32,
        "costakes" / borsh.U8,
        "state" / borsh.U8,
        "active_from_hour" / borsh.U32,
    )

    node: Pubkey
    owner: Pubkey
    costaker: Pubkey
    amount: int
    costake_cooling_until: int
    costake_from_hour: int
    costakes: int
    state: int
    active_from_hour: int

    @classmethod
    def decode(cls, data: bytes) -> CostakeEnded:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CostakeEnded")
        return cls(
            node=read.node,
            owner=read.owner,
            costaker=read.costaker,
            amount=read.amount,
            costake_cooling_until=read.costake_cooling_until,
            costake_from_hour=read.costake_from_hour,
            costakes=read.costakes,
            state=read.state,
            active_from_hour=read.active_from_hour,
        )


@dataclass(frozen=True)
class CostakeLeft:
    """CostakeLeft, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xeb\xec\xe2U\xe7 y\x93"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "costaker" / BorshPubkey,
        "amount" / borsh.U64,
        "leave_at" / borsh.I64,
    )

    node: Pubkey
    costaker: Pubkey
    amount: int
    leave_at: int

    @classmethod
    def decode(cls, data: bytes) -> CostakeLeft:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CostakeLeft")
        return cls(
            node=read.node, costaker=read.costaker, amount=read.amount, leave_at=read.leave_at
        )


@dataclass(frozen=True)
class CostakeOffered:
    """CostakeOffered, as the program writes it."""

    discriminator: ClassVar[bytes] = b"Z-o\x1fE}r^"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "owner" / BorshPubkey,
        "amount" / borsh.U64,
        "share_bps" / borsh.U16,
    )

    node: Pubkey
    owner: Pubkey
    amount: int
    share_bps: int

    @classmethod
    def decode(cls, data: bytes) -> CostakeOffered:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CostakeOffered")
        return cls(node=read.node, owner=read.owner, amount=read.amount, share_bps=read.share_bps)


@dataclass(frozen=True)
class CostakeRevoked:
    """CostakeRevoked, as the program writes it."""

    discriminator: ClassVar[bytes] = b"F(\xea\x0c\xb6'N\x17"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey, "amount" / borsh.U64, "share_bps" / borsh.U16
    )

    node: Pubkey
    amount: int
    share_bps: int

    @classmethod
    def decode(cls, data: bytes) -> CostakeRevoked:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CostakeRevoked")
        return cls(node=read.node, amount=read.amount, share_bps=read.share_bps)


@dataclass(frozen=True)
class CostakeWithdrawn:
    """CostakeWithdrawn, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xb3\xd9vR\x8d\x1e\xfe\xf6"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "costaker" / BorshPubkey,
        "amount" / borsh.U64,
        "total_staked" / borsh.U64,
    )

    node: Pubkey
    costaker: Pubkey
    amount: int
    total_staked: int

    @classmethod
    def decode(cls, data: bytes) -> CostakeWithdrawn:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "CostakeWithdrawn")
        return cls(
            node=read.node,
            costaker=read.costaker,
            amount=read.amount,
            total_staked=read.total_staked,
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
class NodeAskSet:
    """NodeAskSet, as the program writes it."""

    discriminator: ClassVar[bytes] = b"J\x9c\x007\xa0\xec\xdb\xaf"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey, "old" / borsh.U64, "ask" / borsh.U64
    )

    node: Pubkey
    old: int
    ask: int

    @classmethod
    def decode(cls, data: bytes) -> NodeAskSet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "NodeAskSet")
        return cls(node=read.node, old=read.old, ask=read.ask)


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
class NodePaused:
    """NodePaused, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xc1*Z\xfb\xf9c\x04\xee"
    layout: ClassVar[Any] = borsh.CStruct("node" / BorshPubkey, "running" / borsh.U16)

    node: Pubkey
    running: int

    @classmethod
    def decode(cls, data: bytes) -> NodePaused:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "NodePaused")
        return cls(node=read.node, running=read.running)


@dataclass(frozen=True)
class NodePayeeSet:
    """NodePayeeSet, as the program writes it."""

    discriminator: ClassVar[bytes] = b"!\x92\xd1u\xf3T 4"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "payee" / BorshPubkey,
        "prev_payee" / BorshPubkey,
        "payee_from_hour" / borsh.U32,
    )

    node: Pubkey
    payee: Pubkey
    prev_payee: Pubkey
    payee_from_hour: int

    @classmethod
    def decode(cls, data: bytes) -> NodePayeeSet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "NodePayeeSet")
        return cls(
            node=read.node,
            payee=read.payee,
            prev_payee=read.prev_payee,
            payee_from_hour=read.payee_from_hour,
        )


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
class NodeResumed:
    """NodeResumed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xa4\xc9\xba^\x1f\xec\xae\x10"
    layout: ClassVar[Any] = borsh.CStruct("node" / BorshPubkey, "active_from_hour" / borsh.U32)

    node: Pubkey
    active_from_hour: int

    @classmethod
    def decode(cls, data: bytes) -> NodeResumed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "NodeResumed")
        return cls(node=read.node, active_from_hour=read.active_from_hour)


@dataclass(frozen=True)
class NodeRetired:
    """NodeRetired, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xe4`\x9cT\xdc\xf0\xe8\x0e"
    layout: ClassVar[Any] = borsh.CStruct("node" / BorshPubkey, "owner" / BorshPubkey)

    node: Pubkey
    owner: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> NodeRetired:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "NodeRetired")
        return cls(node=read.node, owner=read.owner)


@dataclass(frozen=True)
class PoolAdvanced:
    """PoolAdvanced, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xb8\x9fg!\x01-)\x19"
    layout: ClassVar[Any] = borsh.CStruct(
        "hour" / borsh.U32,
        "released" / borsh.U64,
        "pool_released" / borsh.U64,
        "pool_seen" / borsh.U64,
        "pool_total" / borsh.U64,
        "per_share" / Bytes(16),
    )

    hour: int
    released: int
    pool_released: int
    pool_seen: int
    pool_total: int
    per_share: bytes

    @classmethod
    def decode(cls, data: bytes) -> PoolAdvanced:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "PoolAdvanced")
        return cls(
            hour=read.hour,
            released=read.released,
            pool_released=read.pool_released,
            pool_seen=read.pool_seen,
            pool_total=read.pool_total,
            per_share=read.per_share,
        )


@dataclass(frozen=True)
class PoolClaimed:
    """PoolClaimed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"$\x0b\xbeS\x80M\xc4\x96"
    layout: ClassVar[Any] = borsh.CStruct(
        "wallet" / BorshPubkey, "amount" / borsh.U64, "staked" / borsh.U64
    )

    wallet: Pubkey
    amount: int
    staked: int

    @classmethod
    def decode(cls, data: bytes) -> PoolClaimed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "PoolClaimed")
        return cls(wallet=read.wallet, amount=read.amount, staked=read.staked)


@dataclass(frozen=True)
class PoolStaked:
    """PoolStaked, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xed\x08aSXwE\xcb"
    layout: ClassVar[Any] = borsh.CStruct(
        "wallet" / BorshPubkey,
        "amount" / borsh.U64,
        "staked" / borsh.U64,
        "unclaimed" / borsh.U64,
        "pool_total" / borsh.U64,
    )

    wallet: Pubkey
    amount: int
    staked: int
    unclaimed: int
    pool_total: int

    @classmethod
    def decode(cls, data: bytes) -> PoolStaked:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "PoolStaked")
        return cls(
            wallet=read.wallet,
            amount=read.amount,
            staked=read.staked,
            unclaimed=read.unclaimed,
            pool_total=read.pool_total,
        )


@dataclass(frozen=True)
class PoolUnstaked:
    """PoolUnstaked, as the program writes it."""

    discriminator: ClassVar[bytes] = b"(;\xe9g\xf3W\xff\x18"
    layout: ClassVar[Any] = borsh.CStruct(
        "wallet" / BorshPubkey,
        "amount" / borsh.U64,
        "staked" / borsh.U64,
        "unclaimed" / borsh.U64,
        "unbonding" / borsh.U64,
        "unbonding_until" / borsh.I64,
        "pool_total" / borsh.U64,
    )

    wallet: Pubkey
    amount: int
    staked: int
    unclaimed: int
    unbonding: int
    unbonding_until: int
    pool_total: int

    @classmethod
    def decode(cls, data: bytes) -> PoolUnstaked:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "PoolUnstaked")
        return cls(
            wallet=read.wallet,
            amount=read.amount,
            staked=read.staked,
            unclaimed=read.unclaimed,
            unbonding=read.unbonding,
            unbonding_until=read.unbonding_until,
            pool_total=read.pool_total,
        )


@dataclass(frozen=True)
class PoolWithdrawn:
    """PoolWithdrawn, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x17>\xdd\x175\xdeE\xcf"
    layout: ClassVar[Any] = borsh.CStruct(
        "wallet" / BorshPubkey, "amount" / borsh.U64, "pool_unbonding" / borsh.U64
    )

    wallet: Pubkey
    amount: int
    pool_unbonding: int

    @classmethod
    def decode(cls, data: bytes) -> PoolWithdrawn:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "PoolWithdrawn")
        return cls(wallet=read.wallet, amount=read.amount, pool_unbonding=read.pool_unbonding)


@dataclass(frozen=True)
class SlasherSet:
    """SlasherSet, as the program writes it."""

    discriminator: ClassVar[bytes] = b"/\x88a\xfd5\x13\xd0)"
    layout: ClassVar[Any] = borsh.CStruct("old" / BorshPubkey, "new" / BorshPubkey)

    old: Pubkey
    new: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> SlasherSet:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "SlasherSet")
        return cls(old=read.old, new=read.new)


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
class StakeReduced:
    """StakeReduced, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\xc54N}\x87H\x1e\xe6"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "owner" / BorshPubkey,
        "amount" / borsh.U64,
        "stake" / borsh.U64,
        "stake_from_hour" / borsh.U32,
        "total_staked" / borsh.U64,
    )

    node: Pubkey
    owner: Pubkey
    amount: int
    stake: int
    stake_from_hour: int
    total_staked: int

    @classmethod
    def decode(cls, data: bytes) -> StakeReduced:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "StakeReduced")
        return cls(
            node=read.node,
            owner=read.owner,
            amount=read.amount,
            stake=read.stake,
            stake_from_hour=read.stake_from_hour,
            total_staked=read.total_staked,
        )


@dataclass(frozen=True)
class StakeUnstaked:
    """StakeUnstaked, as the program writes it."""

    discriminator: ClassVar[bytes] = b"bc\x0e\r\xc8\x04\xc6\x9d"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "owner" / BorshPubkey,
        "amount" / borsh.U64,
        "cooling" / borsh.U64,
        "cooling_until" / borsh.I64,
        "stake_from_hour" / borsh.U32,
    )

    node: Pubkey
    owner: Pubkey
    amount: int
    cooling: int
    cooling_until: int
    stake_from_hour: int

    @classmethod
    def decode(cls, data: bytes) -> StakeUnstaked:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "StakeUnstaked")
        return cls(
            node=read.node,
            owner=read.owner,
            amount=read.amount,
            cooling=read.cooling,
            cooling_until=read.cooling_until,
            stake_from_hour=read.stake_from_hour,
        )


@dataclass(frozen=True)
class StakeWithdrawn:
    """StakeWithdrawn, as the program writes it."""

    discriminator: ClassVar[bytes] = b"!x\x9f:\x8c\xff\xaeO"
    layout: ClassVar[Any] = borsh.CStruct(
        "node" / BorshPubkey,
        "owner" / BorshPubkey,
        "amount" / borsh.U64,
        "total_staked" / borsh.U64,
    )

    node: Pubkey
    owner: Pubkey
    amount: int
    total_staked: int

    @classmethod
    def decode(cls, data: bytes) -> StakeWithdrawn:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "StakeWithdrawn")
        return cls(
            node=read.node, owner=read.owner, amount=read.amount, total_staked=read.total_staked
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


@dataclass(frozen=True)
class StakingPaused:
    """StakingPaused, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x17\xb5\xd6\x18,\x15\xc7\xa9"
    layout: ClassVar[Any] = borsh.CStruct("by" / BorshPubkey)

    by: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> StakingPaused:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "StakingPaused")
        return cls(by=read.by)


@dataclass(frozen=True)
class StakingResumed:
    """StakingResumed, as the program writes it."""

    discriminator: ClassVar[bytes] = b"\x1f:\x99\x9a\xb8\xf8\x88o"
    layout: ClassVar[Any] = borsh.CStruct("by" / BorshPubkey)

    by: Pubkey

    @classmethod
    def decode(cls, data: bytes) -> StakingResumed:
        """Raises `ValueError` for the bytes of anything else."""
        read = parse(cls.layout, cls.discriminator, data, "StakingResumed")
        return cls(by=read.by)


BY_DISCRIMINATOR: dict[bytes, Any] = {
    ArbiterSet.discriminator: ArbiterSet,
    AuthorityAccepted.discriminator: AuthorityAccepted,
    AuthorityProposed.discriminator: AuthorityProposed,
    CaseAppealed.discriminator: CaseAppealed,
    CaseDropped.discriminator: CaseDropped,
    CaseOpened.discriminator: CaseOpened,
    CaseUpheld.discriminator: CaseUpheld,
    ClassSet.discriminator: ClassSet,
    CostakeAccepted.discriminator: CostakeAccepted,
    CostakeEnded.discriminator: CostakeEnded,
    CostakeLeft.discriminator: CostakeLeft,
    CostakeOffered.discriminator: CostakeOffered,
    CostakeRevoked.discriminator: CostakeRevoked,
    CostakeWithdrawn.discriminator: CostakeWithdrawn,
    GuardianSet.discriminator: GuardianSet,
    NodeAskSet.discriminator: NodeAskSet,
    NodeHeld.discriminator: NodeHeld,
    NodePaused.discriminator: NodePaused,
    NodePayeeSet.discriminator: NodePayeeSet,
    NodeRegistered.discriminator: NodeRegistered,
    NodeReleased.discriminator: NodeReleased,
    NodeResumed.discriminator: NodeResumed,
    NodeRetired.discriminator: NodeRetired,
    PoolAdvanced.discriminator: PoolAdvanced,
    PoolClaimed.discriminator: PoolClaimed,
    PoolStaked.discriminator: PoolStaked,
    PoolUnstaked.discriminator: PoolUnstaked,
    PoolWithdrawn.discriminator: PoolWithdrawn,
    SlasherSet.discriminator: SlasherSet,
    StakeAdded.discriminator: StakeAdded,
    StakeReduced.discriminator: StakeReduced,
    StakeUnstaked.discriminator: StakeUnstaked,
    StakeWithdrawn.discriminator: StakeWithdrawn,
    StakingInitialized.discriminator: StakingInitialized,
    StakingPaused.discriminator: StakingPaused,
    StakingResumed.discriminator: StakingResumed,
}
