"""All nodes of the network as columns, and what is promised of them."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from iog_orchestrator.domain.candidates import UNREADY_VERDICTS, Candidate, standing

_START = 64
_KEY_BYTES = 8
LOG = 8_192
"""How many changes are remembered for those who keep lists of nodes."""

Rows = NDArray[np.intp]

_but_busy = attrgetter(*(one.name for one in fields(Candidate) if one.name != "busy"))


class Log:
    """Rows that changed, oldest first: of a change of more than its free GPUs with the ask that
    the node had before, else with None."""

    __slots__ = ("dropped", "entries")

    def __init__(self) -> None:
        self.entries: list[tuple[int, int | None]] = []
        self.dropped = 0
        """How many there were before those in `entries`."""

    @property
    def end(self) -> int:
        """How many changes there have been."""
        return self.dropped + len(self.entries)

    def add(self, row: int, ask: int | None) -> None:
        """Note a change; the oldest are dropped in time."""
        self.entries.append((row, ask))
        if len(self.entries) > 2 * LOG:
            del self.entries[:LOG]
            self.dropped += LOG


class Columns:
    """Nodes by row. Node accounts are never closed, so no row ever leaves.

    `free` of a row are its GPUs that are neither busy on chain nor promised here; `held` are those
    of them that wait for one job which could not be placed for long (see `core.matching`).
    """

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.candidates: list[Candidate] = []
        self.slots: list[int] = []
        """Free GPUs by row: the column `free` again, for reading one at a time."""
        self.held_slots: list[int] = []
        self.bases: list[float] = []
        """What no request changes of a node's score, by row."""
        self.texts: dict[int, tuple[Candidate, str]] = {}
        """Nodes as they were last written into a record, by row."""
        self.numbers: NDArray[np.int64] = np.zeros((len(_NUMBERS), _START), np.int64)
        self.asks: NDArray[np.uint64] = np.zeros(_START, np.uint64)
        self.keys: NDArray[np.uint64] = np.zeros(_START, np.uint64)
        """The first eight bytes of device keys: in the same order as they, where they differ."""
        self.flags: NDArray[np.bool_] = np.zeros((len(_FLAGS), _START), np.bool_)
        self.scores: NDArray[np.float64] = np.zeros((3, _START), np.float64)
        """Parts of the score by price and by reliability, and reliability itself."""
        self.codes: dict[str, dict[str, int]] = {"class": {}, "country": {"": 0}, "owner": {}}
        self.logs: dict[str, Log] = {"": Log()}
        """Changes of nodes by their class, and under no name those of all."""
        self.leaving: set[int] = set()
        """Rows of nodes that have announced to be away."""
        self._reserved: dict[str, tuple[str, int]] = {}
        self._promised: dict[str, int] = {}
        self._held: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, device: str) -> bool:
        return device in self.rows

    def get(self, device: str) -> Candidate | None:
        """The node of that device key."""
        row = self.rows.get(device)
        return None if row is None else self.candidates[row]

    def all(self) -> Iterable[Candidate]:
        """Every node, in no order."""
        return iter(self.candidates)

    def free(self, device: str) -> int:
        """GPUs of the node that are neither busy on chain nor promised here."""
        row = self.rows.get(device)
        return 0 if row is None else self.slots[row]

    def number(self, name: str) -> NDArray[np.int64]:
        """A column of whole numbers, as long as there are nodes."""
        column: NDArray[np.int64] = self.numbers[_NUMBERS[name], : len(self.rows)]
        return column

    def flag(self, name: str) -> NDArray[np.bool_]:
        """A column of yes and no."""
        column: NDArray[np.bool_] = self.flags[_FLAGS[name], : len(self.rows)]
        return column

    def put(self, candidate: Candidate) -> bool:
        """Add a node or replace what is known of it; whether anything is different now."""
        row = self.rows.get(candidate.device)
        known = None if row is None else self.candidates[row]
        if known == candidate:
            return False
        if row is None:
            row = self._new_row(candidate)
        elif known is not None and known.node_class != candidate.node_class:
            self.log_of(known.node_class).add(row, known.ask)
        self.candidates[row] = candidate
        self._write(row, candidate)
        if known is None:
            self._note(row, candidate.ask)
        else:
            self._note(row, None if _but_busy(known) == _but_busy(candidate) else known.ask)
        return True

    def reserve(self, job: str, device: str, gpus: int) -> None:
        """Promise GPUs of a node to a job until `release`; promising again replaces it."""
        self.release(job)
        self._reserved[job] = (device, gpus)
        self._promise(device, gpus)

    def release(self, job: str) -> bool:
        """Take back what was promised to a job; whether there was anything."""
        device, gpus = self._reserved.pop(job, ("", 0))
        if device:
            self._promise(device, -gpus)
        return bool(device)

    def promises(self) -> dict[str, tuple[str, int]]:
        """Device and GPUs promised to each job."""
        return dict(self._reserved)

    def hold(self, gpus: Mapping[str, int]) -> None:
        """Keep so many GPUs of these nodes from all jobs but one; replaces what was held."""
        if gpus == self._held:
            return
        before, self._held = self._held, dict(gpus)
        for device in {*before, *gpus}:
            row = self.rows.get(device)
            if row is not None and before.get(device, 0) != gpus.get(device, 0):
                self.held_slots[row] = self.numbers[_NUMBERS["held"], row] = gpus.get(device, 0)
                self._note(row)

    def row_of(self, name: str) -> Rows:
        """The rows of a device key or of an owner's nodes; none for what is neither."""
        if (row := self.rows.get(name)) is not None:
            return np.array([row], np.intp)
        return np.flatnonzero(self.number("owner") == self.codes["owner"].get(name, -1))

    def _promise(self, device: str, gpus: int) -> None:
        promised = self._promised.get(device, 0) + gpus
        if promised:
            self._promised[device] = promised
        else:
            self._promised.pop(device, None)
        if (row := self.rows.get(device)) is not None:
            self._room(row, self.slots[row] - gpus)
            self._note(row)

    def _room(self, row: int, free: int) -> None:
        self.slots[row] = free
        self.numbers[_NUMBERS["free"], row] = free

    def log_of(self, node_class: str) -> Log:
        """The changes of the nodes of a class; of all for the empty name."""
        return self.logs.setdefault(node_class, Log())

    def _note(self, row: int, ask: int | None = None) -> None:
        self.logs[""].add(row, ask)
        if node_class := self.candidates[row].node_class:
            self.log_of(node_class).add(row, ask)

    def _write(self, row: int, node: Candidate) -> None:
        self._room(row, node.gpus - node.busy - self._promised.get(node.device, 0))
        self.held_slots[row] = self._held.get(node.device, 0)
        self.numbers[: _NUMBERS["free"], row] = (
            self._code("class", node.node_class),
            node.multiplier,
            node.memory,
            node.gpus,
            self._code("country", node.country),
            self._code("owner", node.owner),
            node.connectivity,
            node.until,
            node.cpus,
            node.ram,
            node.disk,
            UNREADY_VERDICTS[node.unready],
        )
        self.numbers[_NUMBERS["held"], row] = self.held_slots[row]
        (self.leaving.add if node.until else self.leaving.discard)(row)
        self.asks[row] = node.ask
        self.flags[:, row] = (
            node.confined,
            node.containers,
            node.network,
        )
        price, reliability = standing(node)
        self.scores[:, row] = (price, reliability, node.reliability)
        self.bases[row] = price + reliability

    def _code(self, what: str, text: str) -> int:
        known = self.codes[what]
        return known.setdefault(text, len(known))

    def _new_row(self, candidate: Candidate) -> int:
        row = len(self.rows)
        if row == self.asks.size:
            self._grow()
        self.rows[candidate.device] = row
        self.candidates.append(candidate)
        self.slots.append(0)
        self.bases.append(0.0)
        self.held_slots.append(0)
        first = candidate.device.encode()[:_KEY_BYTES].ljust(_KEY_BYTES, b"\0")
        self.keys[row] = int.from_bytes(first, "big")
        return row

    def _grow(self) -> None:
        for name in ("numbers", "asks", "keys", "flags", "scores"):
            column = getattr(self, name)
            setattr(self, name, np.concatenate([column, np.zeros_like(column)], axis=-1))


_NUMBERS = {
    name: place
    for place, name in enumerate(
        (
            "class",
            "multiplier",
            "memory",
            "gpus",
            "country",
            "owner",
            "connectivity",
            "until",
            "cpus",
            "ram",
            "disk",
            "unready",
            "free",
            "held",
        )
    )
}
_FLAGS = {name: place for place, name in enumerate(("confined", "containers", "network"))}
