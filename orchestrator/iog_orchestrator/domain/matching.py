"""Which nodes get a job: filter, then score, the same for a plan, a placement and its record.

A node counts for the first filter of `FILTERS` that turns it down, so the counts add up to the
nodes there are. Among the nodes left the highest score wins, equal scores by device key, so that
the same fleet and request always give the same answer.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as made

import numpy as np

from iog_orchestrator.domain import vectors
from iog_orchestrator.domain.candidates import (
    FILTERS,
    FITS,
    Candidate,
    Parts,
    Shape,
    Wanted,
    parts,
    shape,
)
from iog_orchestrator.domain.columns import Columns
from iog_orchestrator.domain.shortlist import Shortlist
from iog_orchestrator.domain.together import choose_all

__all__ = ["FILTERS", "Candidate", "Change", "Choice", "Fleet", "Group", "Parts", "Wanted"]

LISTS = 48
"""Shapes of requests for which the best nodes are kept in mind."""

Group = Sequence[Wanted]
"""What is placed at once: one job, or all members of a gang."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change to a request that would place it: the field, the value it needs, and how many
    nodes would then fit (of a gang: take part). `size`: how much of the old value it is."""

    field: str
    value: int | str
    nodes: int
    size: float = made(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """Outcome of a search: devices that fit, best first, and how many each filter turned down."""

    devices: tuple[str, ...]
    rejected: dict[str, int] = made(default_factory=dict)


class Fleet(Columns):
    """The nodes, and the search among them."""

    def __init__(self) -> None:
        super().__init__()
        self._lists: OrderedDict[Shape, Shortlist] = OrderedDict()

    def choose(self, wanted: Wanted, limit: int = 1) -> Choice:
        """The best `limit` nodes for `wanted`, and why the others are not among them."""
        found = vectors.verdicts(self, wanted)
        rows = np.flatnonzero(found == FITS)
        chosen = vectors.best(self, rows, vectors.scores(self, wanted, rows), limit)
        devices = tuple(self.candidates[row].device for row in chosen)
        return Choice(devices, vectors.counted(found))

    def place(self, group: Group, *, holder: bool = False) -> tuple[str, ...] | None:
        """Devices for all of a group at once, in its order, or None.

        `holder`: the GPUs that are held are for this group.
        """
        if len(group) == 1 and not holder:
            found = self.ranked(group[0], 1)
            return (self.candidates[found[0][1]].device,) if found else None
        return choose_all(self, group, holder=holder)

    def ranked(self, wanted: Wanted, limit: int) -> list[tuple[float, int]]:
        """The best nodes with their scores and rows, from the lists kept for such requests."""
        return self.list_of(wanted).best(wanted, limit)

    def counts(self, wanted: Wanted) -> dict[str, int]:
        """How many nodes each filter turns down now."""
        return self.list_of(wanted).counts(wanted)

    def scored(self, wanted: Wanted, device: str) -> Parts | None:
        """The score of a node for a request as things are; None where it has no room."""
        row = self.rows.get(device)
        if row is None or self.slots[row] < wanted.gpus:
            return None
        return parts(self.candidates[row], wanted, self.slots[row])

    def list_of(self, wanted: Wanted) -> Shortlist:
        """The list of the best nodes for requests like this one."""
        key = shape(wanted)
        known = self._lists.get(key)
        if known is None:
            known = self._lists[key] = Shortlist(self, wanted)
            if len(self._lists) > LISTS:
                self._lists.popitem(last=False)
        self._lists.move_to_end(key)
        return known
