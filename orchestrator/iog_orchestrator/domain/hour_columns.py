"""The nodes of an hour as columns, and the rule of `hours_rule` over them; exact, no I/O.

A column holds one value a node, in the order of the devices. Keys and signatures stay the base58
text that they are published in. `Columns.allocate` gives what `hours_rule.allocate` gives for the
same nodes, to the base unit: the rules are vectors, and amounts that can pass 64 bits are Python's
integers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iog_client.amounts import BPS
from iog_client.hours_rule import (
    POOLS,
    STATES,
    HourInputs,
    HourNode,
    Parameters,
    Period,
    PoolAmounts,
    pool_shares,
)

CHUNK = 4096
REASONS = (
    "not_active",
    "active_later",
    "stake_short",
    "own_stake_short",
    "class_disabled",
    "blocked",
    "no_statement",
    "too_few_seconds",
    "no_proof",
    "proof_old",
)
"""In the order in which a node lists them; the bit of each in `Allocated.reasons` is its place."""
U64_MAX = (1 << 64) - 1

ROW = np.dtype(
    [
        ("device", "S44"),
        ("owner", "S44"),
        ("payee", "S44"),
        ("costaker", "S44"),
        ("signature", "S88"),
        ("stake", "u8"),
        ("requirement", "u8"),
        ("costake", "u8"),
        ("proof", "u8"),
        ("counter", "u8"),
        ("seconds", "u8"),
        ("multiplier", "u4"),
        ("active_from_hour", "u4"),
        ("gpu_class", "u4"),
        ("gpus", "u2"),
        ("costake_share_bps", "u2"),
        ("pool", "u1"),
        ("state", "u1"),
        ("class_enabled", "?"),
        ("simulated", "?"),
        ("blocked", "?"),
        ("signed", "?"),
    ]
)
"""Names and types of the columns. `costaker` is empty without one; `counter`, `seconds` and
`signature` count where `signed`; `gpu_class` is a place in `Columns.classes`."""

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Said:
    """Statements on an hour as a store joins them: device, counter, seconds and signature of each,
    and a comma between any two of these; `last` is the greatest device."""

    last: str
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Nodes in the order of their devices; `why` says why those are blocked that are, by row,
    `classes` are the slugs of their classes."""

    of: Mapping[str, Array]
    why: Mapping[int, str]
    classes: Sequence[str]

    def __len__(self) -> int:
        return len(self.of["device"])

    @classmethod
    def collect(cls, nodes: Iterable[HourNode], count: int) -> "Columns":
        """The columns of `count` nodes, given in any order.

        Raises:
            ValueError: there are more or fewer nodes, or a device stands twice.
        """
        of = {name: np.zeros(count, dtype) for name, (dtype, *_) in (ROW.fields or {}).items()}
        why: dict[int, str] = {}
        classes: dict[str, int] = {}
        at, rows = 0, iter(nodes)
        while chunk := list(islice(rows, CHUNK)):
            if at + len(chunk) > count:
                raise ValueError(f"more than {count} nodes")
            _fill(of, slice(at, at + len(chunk)), chunk)
            of["gpu_class"][at : at + len(chunk)] = [
                classes.setdefault(node.gpu_class, len(classes)) for node in chunk
            ]
            why |= {at + i: node.blocked for i, node in enumerate(chunk) if node.blocked}
            at += len(chunk)
        if at != count:
            raise ValueError(f"{at} nodes instead of {count}")
        return cls(of, why, list(classes))._sorted()

    def say(self, said: Said) -> None:
        """Put statements on the hour into the rows of their devices; those of others are left
        out."""
        devices, cells = self.of["device"], said.text.encode().split(b",")
        if not len(devices):
            return
        key = np.array(cells[0::4], "S44")
        values = {
            "counter": np.array(cells[1::4]).astype("u8"),
            "seconds": np.array(cells[2::4]).astype("u8"),
            "signature": np.array(cells[3::4], "S88"),
        }
        begin = int(np.searchsorted(devices, key[0]))
        rows: Array | slice = slice(begin, begin + len(key))
        # mostly all devices have something to say, and then no row has to be looked for
        if not np.array_equal(devices[rows], key):
            rows = np.minimum(np.searchsorted(devices, key), len(devices) - 1)
            known = devices[rows] == key
            rows = rows[known]
            values = {name: column[known] for name, column in values.items()}
        for name, column in values.items():
            self.of[name][rows] = column
        self.of["signed"][rows] = True

    def reasons(self, period: Period, rule: Parameters) -> NDArray[np.uint16]:
        """Which of `REASONS` hold against each node, as bits: `hours_rule.reasons` over all."""
        of = self.of
        active = of["state"] == STATES.index("active")
        stake, needed = of["stake"], of["requirement"]
        # a sum of two u64 may pass 64 bits; what is missing beside the stake does not
        short = (stake < needed) & (of["costake"] < np.where(stake < needed, needed - stake, 0))
        least = -(-rule.proven_numerator * period.length // rule.proven_denominator)
        few = of["seconds"] < np.uint64(least) if least <= U64_MAX else np.ones(len(self), bool)
        proof, asked = of["proof"], rule.proof_max_age > 0
        lacking = (proof == 0) | (proof > np.uint64(max(period.end, 0)))
        oldest = np.uint64(max(period.end - rule.proof_max_age, 0))
        found = (
            ~active,
            active & (of["active_from_hour"] > period.hour),
            short,
            ~short & (stake < needed - needed // 2),
            ~of["class_enabled"],
            of["blocked"],
            ~of["signed"],
            of["signed"] & few,
            lacking & asked,
            ~lacking & asked & (proof < oldest),
        )
        bits = np.zeros(len(self), np.uint16)
        for place, holds in enumerate(found):
            bits |= holds.astype(np.uint16) << np.uint16(place)
        return bits

    def allocate(self, inputs: HourInputs) -> "Allocated":
        """What the hour gives to whom; `inputs.nodes` are not looked at.

        Raises:
            ValueError: less was minted than before.
        """
        if inputs.to_rewards < 0:
            raise ValueError("less was minted to rewards than in the hour before")
        why = self.reasons(inputs.period, inputs.parameters)
        before = inputs.previous.carry
        shares, released = pool_shares(inputs.to_rewards, before, inputs.parameters)
        granted = np.zeros(len(self), np.uint64)
        carry = []
        for place, pool in enumerate(POOLS):
            rows = np.flatnonzero((why == 0) & (self.of["pool"] == place))
            granted[rows], given = self._split(rows, released.of(pool), inputs.hour_length)
            carry.append(before.of(pool) + shares.of(pool) - given)
        return Allocated(why, granted, released, PoolAmounts(*carry))

    def shared(self, granted: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """The co-stakers' parts of grants, rounded down."""
        bps = np.where(self.of["costaker"] != b"", self.of["costake_share_bps"], 0)
        whole, rest = granted // BPS, granted % BPS
        return whole * bps.astype(np.uint64) + rest * bps.astype(np.uint64) // BPS

    def _split(
        self, rows: NDArray[np.intp], released: int, length: int
    ) -> tuple[NDArray[np.uint64], int]:
        """Grants of the rows by score, each rounded down, and their sum."""
        score = self._scores(rows, length)
        different, place, times = np.unique(score, return_inverse=True, return_counts=True)
        values, often = [int(one) for one in different], [int(one) for one in times]
        total = sum(value * count for value, count in zip(values, often, strict=True))
        grants = [released * value // total if total else 0 for value in values]
        given = sum(grant * count for grant, count in zip(grants, often, strict=True))
        return np.array(grants, np.uint64)[place.reshape(-1)], given

    def _scores(self, rows: NDArray[np.intp], length: int) -> Array:
        parts = [
            self.of["multiplier"][rows],
            self.of["gpus"][rows],
            np.minimum(self.of["seconds"][rows], np.uint64(length)),
        ]
        highest = 1
        for part in parts:
            highest *= int(part.max(initial=0))
        kind = np.uint64 if highest <= U64_MAX else object
        one, two, three = (part.astype(kind) for part in parts)
        scores: Array = one * two * three
        return scores

    def _sorted(self) -> "Columns":
        order = np.argsort(self.of["device"], kind="stable")
        devices = self.of["device"][order]
        if (devices[1:] == devices[:-1]).any():
            raise ValueError("a device stands twice")
        if (order == np.arange(len(order))).all():
            return self
        place = {int(row): at for at, row in enumerate(order)} if self.why else {}
        why = {place[row]: text for row, text in self.why.items()}
        return Columns({name: column[order] for name, column in self.of.items()}, why, self.classes)


@dataclass(frozen=True, slots=True)
class Allocated:
    """What the rule gives; `reasons` as bits, `granted` in base units, both by row."""

    reasons: NDArray[np.uint16]
    granted: NDArray[np.uint64]
    released: PoolAmounts
    carry: PoolAmounts


def names(bits: int) -> tuple[str, ...]:
    """The reasons that bits stand for."""
    return tuple(reason for place, reason in enumerate(REASONS) if bits >> place & 1)


def _fill(of: Mapping[str, Array], rows: slice, nodes: list[HourNode]) -> None:
    for name in ("owner", "device", "payee"):
        of[name][rows] = [getattr(node, name).encode() for node in nodes]
    for name in ("stake", "requirement", "costake", "proof", "multiplier", "active_from_hour"):
        of[name][rows] = [getattr(node, name) for node in nodes]
    for name in ("gpus", "costake_share_bps", "class_enabled", "simulated"):
        of[name][rows] = [getattr(node, name) for node in nodes]
    of["costaker"][rows] = [(node.costaker or "").encode() for node in nodes]
    of["pool"][rows] = [POOLS.index(node.pool) for node in nodes]
    of["state"][rows] = [STATES.index(node.state) for node in nodes]
    of["blocked"][rows] = [node.blocked is not None for node in nodes]
    said = [node.statement for node in nodes]
    of["signed"][rows] = [one is not None for one in said]
    of["counter"][rows] = [one.counter if one else 0 for one in said]
    of["seconds"][rows] = [one.seconds if one else 0 for one in said]
    of["signature"][rows] = [one.signature.encode() if one else b"" for one in said]
