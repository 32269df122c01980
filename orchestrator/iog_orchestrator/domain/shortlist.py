"""The best nodes for requests of one shape, kept up to date change by change.

Placing thousands of jobs a second leaves no time to look at every node for each. Requests that
differ in price and length alone rank nodes alike, so one list serves them all: the best nodes when
it was made, and whatever changed since. A node that is not in the list has not changed, and ranks
behind the list's last.
"""

import heapq
from array import array
from bisect import bisect_left, bisect_right, insort

import numpy as np

from iog_orchestrator.domain import vectors
from iog_orchestrator.domain.candidates import (
    FILTERS,
    FIT_WEIGHT,
    FITS,
    LEAVING,
    PRICE,
    Wanted,
    lasting,
    locality,
    own,
    room,
)
from iog_orchestrator.domain.columns import Columns

LENGTH = 256
"""Nodes in a new list."""
TOO_FAR = 32
"""Nodes that do not suit a request's price or length, after which it is not worth going on."""
MOST = 4 * LENGTH
"""Entries, old ones among them, after which the list is cleared."""

Entry = tuple[float, str, int]
"""A node's place in the list: its score negated, its device key, its row."""


class Shortlist:
    """Nodes that fit a request but for its price and length, best first."""

    def __init__(self, fleet: Columns, wanted: Wanted) -> None:
        self._fleet = fleet
        self._wanted = wanted
        self.text = ""
        """Such requests as records have them, but for price and length."""
        self._log = fleet.log_of(wanted.node_class)
        self._heap: list[Entry] = []
        self._floor: Entry | None = None
        self._seen = 0
        self._counts: list[int] = []
        """Nodes by verdict; the last are those that fit."""
        self._asks: list[int] = []
        """The asks of those that fit, lowest first."""
        self._build()

    @property
    def sees(self) -> bool:
        """Whether the fleet remembers all changes since this was last up to date."""
        missed = self._log.end - self._seen
        return self._seen >= self._log.dropped and missed <= len(self._fleet) + LENGTH

    def catch_up(self) -> None:
        """Take in what changed."""
        fleet, log = self._fleet, self._log
        if self._seen == log.end and len(self._lasting) == len(fleet):
            return
        if not self.sees or len(self._lasting) != len(fleet):
            self._build()
            return
        known = self._lasting
        asks: dict[int, int | None] = {}
        for row, ask in log.entries[self._seen - log.dropped :]:
            if ask is not None:
                known[row] = lasting(fleet.candidates[row], self._wanted)
                if asks.get(row) is None:
                    asks[row] = ask
            elif known[row] == FITS and row not in asks:
                asks[row] = None
        for row, ask in asks.items():
            self._take(row, ask)
        self._seen = log.end

    def best(self, wanted: Wanted, limit: int) -> list[tuple[float, int]]:
        """The best nodes for a request of this shape, with their scores: at most `limit`."""
        self.catch_up()
        found, passed = self._walk(wanted, limit)
        if len(found) < limit and self._floor is not None and not passed:
            # the list is used up: another one
            self._build()
            found, passed = self._walk(wanted, limit)
        if len(found) < limit and (self._floor is not None or passed == TOO_FAR):
            return self._search(wanted, limit)
        return found

    def counts(self, wanted: Wanted) -> dict[str, int]:
        """How many nodes each filter turns down."""
        self.catch_up()
        found = {
            name: lost for name, lost in zip(FILTERS, self._counts[:FITS], strict=True) if lost
        }
        leaving, dear = self._turned_down(wanted)
        if leaving:
            found[FILTERS[LEAVING]] = leaving
        if dear:
            found[FILTERS[PRICE]] = dear
        return found

    def _turned_down(self, wanted: Wanted) -> tuple[int, int]:
        """Of the nodes that else fit, those that leave too soon, and of the others the too dear."""
        fleet = self._fleet
        if not (wanted.ends_at and fleet.leaving):
            if wanted.max_price is None:
                return 0, 0
            return 0, len(self._asks) - bisect_right(self._asks, wanted.max_price)
        found = vectors.with_own(fleet, wanted, np.frombuffer(self._verdicts, np.uint8))
        return int((found == LEAVING).sum()), int((found == PRICE).sum())

    def _walk(self, wanted: Wanted, limit: int) -> tuple[list[tuple[float, int]], int]:
        """Nodes from the list in its order, down to its floor; and how many only others take."""
        found: list[tuple[float, int]] = []
        kept: list[Entry] = []
        heap, candidates, passed = self._heap, self._fleet.candidates, 0
        while heap and len(found) < limit and passed < TOO_FAR:
            entry = heap[0]
            if self._floor is not None and entry > self._floor:
                break
            heapq.heappop(heap)
            negated, _, row = entry
            if self._listed[row] != negated or (kept and kept[-1] == entry):
                continue
            kept.append(entry)
            if own(candidates[row], wanted) == FITS:
                found.append((-negated, row))
            else:
                passed += 1
        for entry in kept:
            heapq.heappush(heap, entry)
        return found, passed

    def _search(self, wanted: Wanted, limit: int) -> list[tuple[float, int]]:
        """The same, from all nodes."""
        fleet = self._fleet
        current = np.frombuffer(self._verdicts, np.uint8)
        rows = np.flatnonzero(vectors.with_own(fleet, wanted, current) == FITS)
        scored = np.frombuffer(self._listed, np.float64)[rows]
        return [(-self._listed[row], int(row)) for row in vectors.best(fleet, rows, -scored, limit)]

    def _take(self, row: int, asked: int | None) -> None:
        """Bring one node up to date; `asked`: what it asked before, if it is not as it was."""
        fleet, wanted = self._fleet, self._wanted
        verdict = self._lasting[row]
        free, gpus = fleet.slots[row], wanted.gpus
        if verdict == FITS and free - fleet.held_slots[row] < gpus:
            verdict = room(free, fleet.held_slots[row], gpus)
        before = self._verdicts[row]
        if before != verdict or asked is not None:
            self._judge(row, before, verdict, asked)
        if verdict != FITS:
            self._listed[row] = NOT_LISTED
            return
        near = locality(fleet.candidates[row], wanted) if wanted.near else 0.0
        # in the order of `Parts.total`, for the same bits
        negated = -(fleet.bases[row] + near + FIT_WEIGHT * (gpus / free))
        if self._listed[row] != negated:
            self._listed[row] = negated
            heapq.heappush(self._heap, (negated, fleet.candidates[row].device, row))
            if len(self._heap) > MOST:
                self._clear()

    def _judge(self, row: int, before: int, verdict: int, asked: int | None) -> None:
        """Count a node under another verdict, or with another ask."""
        ask = self._fleet.candidates[row].ask
        if before == FITS:
            del self._asks[bisect_left(self._asks, ask if asked is None else asked)]
        if verdict == FITS:
            insort(self._asks, ask)
        self._counts[before] -= 1
        self._counts[verdict] += 1
        self._verdicts[row] = verdict

    def _clear(self) -> None:
        """Drop the entries that do not count any more."""
        self._heap = [entry for entry in {*self._heap} if self._listed[entry[2]] == entry[0]]
        heapq.heapify(self._heap)

    def _build(self) -> None:
        """Start anew from all nodes."""
        fleet, wanted = self._fleet, self._wanted
        steady = vectors.lasting(fleet, wanted)
        found = vectors.with_room(fleet, wanted, steady, holder=False)
        rows = np.flatnonzero(found == FITS)
        negated = np.full(len(fleet), NOT_LISTED)
        negated[rows] = -vectors.scores(fleet, wanted, rows)
        chosen = vectors.best(fleet, rows, -negated[rows], LENGTH)
        self._lasting, self._verdicts = bytearray(steady.tobytes()), bytearray(found.tobytes())
        self._listed = array("d", negated.tobytes())
        self._asks = np.sort(fleet.asks[rows]).tolist()
        self._counts = np.bincount(found, minlength=FITS + 1).tolist()
        entries = [(self._listed[row], fleet.candidates[row].device, int(row)) for row in chosen]
        self._heap = entries
        self._floor = entries[-1] if len(entries) < rows.size else None
        self._seen = self._log.end


NOT_LISTED = float("inf")
"""The negated score of a node that does not fit."""
