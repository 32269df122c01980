"""Which node gets a job: filter, then score, both as vectors over all nodes.

The filters run in the order of `FILTERS`; a node counts for the first that turns it down, so the
counts add up to the nodes there are. Among the nodes left the highest score wins, equal scores by
device key, so that the same fleet and request always give the same answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FILTERS = ("not_ready", "class", "memory", "gpus", "busy", "price", "unconfined", "excluded")
"""Names of the filters, in the order they are applied."""

PRICE_WEIGHT = 0.6
RELIABILITY_WEIGHT = 0.3
FIT_WEIGHT = 0.1

_START = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node as placing sees it. `ask`: base units a GPU-second; `memory`: MiB of its smallest
    GPU; `until`: chain time from which it will be away, 0 if it has not said so."""

    device: str
    node: str
    node_class: str
    slug: str
    multiplier: int
    gpus: int
    busy: int
    ask: int
    memory: int
    ready: bool
    simulated: bool
    confined: bool
    reliability: float = 1.0
    country: str = ""
    connectivity: int = 0
    until: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a job asks of a node; `node_class` empty: any, `max_price` None: any."""

    gpus: int
    max_price: int | None = None
    node_class: str = ""
    min_multiplier: int = 0
    memory: int = 0
    confined: bool = False
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change to a request that would place it: the field, and the value it needs."""

    field: str
    value: int | str
    nodes: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Outcome of a search: devices that fit, best first, and how many each filter turned down."""

    devices: tuple[str, ...]
    rejected: dict[str, int] = field(default_factory=dict)
    change: Change | None = None


class Fleet:
    """All nodes of the network as columns. Node accounts are never closed, so no row ever
    leaves."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._candidates: list[Candidate | None] = []
        self._reserved: dict[str, tuple[str, int]] = {}
        self._ask: NDArray[np.uint64] = np.zeros(_START, np.uint64)
        self._numbers: NDArray[np.int64] = np.zeros((5, _START), np.int64)
        self._flags: NDArray[np.bool_] = np.zeros((3, _START), np.bool_)
        self._reliability: NDArray[np.float64] = np.zeros(_START, np.float64)
        self._classes: dict[str, int] = {}
        self._used = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, device: str) -> bool:
        return device in self._rows

    def get(self, device: str) -> Candidate | None:
        """The node of that device key."""
        row = self._rows.get(device)
        return None if row is None else self._candidates[row]

    def all(self) -> Iterable[Candidate]:
        """Every node, in no order."""
        return (item for item in self._candidates if item is not None)

    def free(self, device: str) -> int:
        """GPUs of the node that are neither busy on chain nor promised here."""
        row = self._rows.get(device)
        return 0 if row is None else int(self._numbers[4, row])

    def put(self, candidate: Candidate) -> bool:
        """Add a node or replace what is known of it; whether anything is different now."""
        row = self._rows.get(candidate.device)
        if row is not None and self._candidates[row] == candidate:
            return False
        if row is None:
            row = self._new_row(candidate.device)
        self._candidates[row] = candidate
        self._ask[row] = candidate.ask
        class_id = self._classes.setdefault(candidate.node_class, len(self._classes))
        self._numbers[:, row] = (
            class_id,
            candidate.multiplier,
            candidate.memory,
            candidate.gpus,
            candidate.gpus - candidate.busy - self._promised(candidate.device),
        )
        self._flags[:, row] = (True, candidate.ready, candidate.confined)
        self._reliability[row] = candidate.reliability
        return True

    def reserve(self, job: str, device: str, gpus: int) -> None:
        """Promise GPUs of a node to a job until `release`; promising again replaces it."""
        self.release(job)
        self._reserved[job] = (device, gpus)
        row = self._rows.get(device)
        if row is not None:
            self._numbers[4, row] -= gpus

    def release(self, job: str) -> bool:
        """Take back what was promised to a job; whether there was anything."""
        device, gpus = self._reserved.pop(job, ("", 0))
        row = self._rows.get(device)
        if row is not None:
            self._numbers[4, row] += gpus
        return bool(device)

    def promises(self) -> dict[str, tuple[str, int]]:
        """Device and GPUs promised to each job."""
        return dict(self._reserved)

    def choose(self, wanted: Wanted, limit: int = 1, explain: bool = True) -> Choice:
        """The best `limit` nodes for `wanted`, and why the others are not among them.

        Without `explain` the others are only counted when no node fits.
        """
        masks = self._masks(wanted)
        rows = np.flatnonzero(np.logical_and.reduce(masks))
        rejected = self._count(masks) if explain or rows.size == 0 else {}
        if rows.size == 0:
            return Choice((), rejected, self._change(masks))
        return Choice(self._best(rows, wanted.gpus, limit), rejected)

    def _count(self, masks: list[NDArray[np.bool_]]) -> dict[str, int]:
        left = self._flags[0, : self._used].copy()
        rejected: dict[str, int] = {}
        for name, mask in zip(FILTERS, masks, strict=True):
            passed = left & mask
            lost = int(left.sum()) - int(passed.sum())
            if lost:
                rejected[name] = lost
            left = passed
        return rejected

    def _best(self, rows: NDArray[np.intp], gpus: int, limit: int) -> tuple[str, ...]:
        ask = self._ask[rows].astype(np.float64)
        score = (
            PRICE_WEIGHT * (ask.min() / ask)
            + RELIABILITY_WEIGHT * self._reliability[rows]
            + FIT_WEIGHT * (gpus / self._numbers[4, rows])
        )
        if limit < rows.size:
            edge = np.partition(score, rows.size - limit)[rows.size - limit]
            kept = score >= edge
            rows, score = rows[kept], score[kept]
        named = [(-value, self._device(row)) for value, row in zip(score, rows, strict=True)]
        return tuple(device for _, device in sorted(named)[:limit])

    def _masks(self, wanted: Wanted) -> list[NDArray[np.bool_]]:
        used = self._used
        classes, multiplier, memory, gpus, free = self._numbers[:, :used]
        every = np.ones(used, np.bool_)
        class_ok = multiplier >= wanted.min_multiplier
        if wanted.node_class:
            class_ok &= classes == self._classes.get(wanted.node_class, -1)
        price_ok = every
        if wanted.max_price is not None:
            price_ok = self._ask[:used] <= np.uint64(wanted.max_price)
        excluded = every.copy()
        for device in wanted.excluded:
            if device in self._rows:
                excluded[self._rows[device]] = False
        return [
            self._flags[1, :used],
            class_ok,
            memory >= wanted.memory,
            gpus >= wanted.gpus,
            free >= wanted.gpus,
            price_ok,
            self._flags[2, :used] if wanted.confined else every,
            excluded,
        ]

    def _change(self, masks: list[NDArray[np.bool_]]) -> Change | None:
        """The cheapest change by the client that would find a node: price first, then others."""
        if (rows := self._only(masks, "price")).size:
            return Change("max_price", int(self._ask[rows].min()), int(rows.size))
        rows = self._only(masks, "gpus", "busy")
        if rows.size and (best := int(self._numbers[4, rows].max())) > 0:
            nodes = int((self._numbers[4, rows] == best).sum())
            return Change("gpus", best, nodes)
        if (rows := self._only(masks, "memory")).size:
            return Change("memory", int(self._numbers[2, rows].max()), int(rows.size))
        if (rows := self._only(masks, "class")).size:
            cheapest = min(rows, key=lambda row: (int(self._ask[row]), self._device(row)))
            candidate = self._candidates[cheapest]
            return Change("class", candidate.slug if candidate else "", int(rows.size))
        return None

    def _only(self, masks: list[NDArray[np.bool_]], *names: str) -> NDArray[np.intp]:
        """Rows that would be taken if the filters `names` were not there."""
        kept = self._flags[0, : self._used].copy()
        for name, mask in zip(FILTERS, masks, strict=True):
            if name not in names:
                kept &= mask
        return np.flatnonzero(kept)

    def _device(self, row: "np.intp | int") -> str:
        candidate = self._candidates[row]
        return candidate.device if candidate is not None else ""

    def _promised(self, device: str) -> int:
        return sum(gpus for owner, gpus in self._reserved.values() if owner == device)

    def _new_row(self, device: str) -> int:
        row = self._used
        if row == self._ask.size:
            self._grow()
        self._used += 1
        self._rows[device] = row
        self._candidates.append(None)
        return row

    def _grow(self) -> None:
        size = self._ask.size
        self._ask = np.concatenate([self._ask, np.zeros(size, np.uint64)])
        self._numbers = np.concatenate([self._numbers, np.zeros((5, size), np.int64)], axis=1)
        self._flags = np.concatenate([self._flags, np.zeros((3, size), np.bool_)], axis=1)
        self._reliability = np.concatenate([self._reliability, np.zeros(size, np.float64)])
