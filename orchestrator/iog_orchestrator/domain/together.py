"""Nodes for the members of a gang: one for each, or none for any.

The search goes through the members from the one that asks for most, and through each one's nodes
from the best; a member that finds none sends it back to the one before. Of identical members it
never has to go back. It is bounded in steps, so that a gang of 64 different jobs for which there is
hardly a way may count as not fitting.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from iog_orchestrator.domain import vectors
from iog_orchestrator.domain.candidates import FITS, Wanted, parts
from iog_orchestrator.domain.columns import Columns, Rows

Counts = NDArray[np.int64]

STEPS = 2_000
"""Tries of one node for one member, over the whole search."""
MORE = 1
"""Nodes looked at for each member beyond as many as there are members: those that are left when
each of the others has one of them."""


@dataclass(slots=True)
class _Search:
    """What one search knows: free GPUs by row as they would be, and the choice so far."""

    free: dict[int, int]
    steps: int
    chosen: dict[int, int] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    """Members by row."""


def choose_all(
    fleet: Columns,
    members: Sequence[Wanted],
    *,
    holder: bool = False,
    empty: bool = False,
    steps: int = STEPS,
) -> tuple[str, ...] | None:
    """Device keys for `members`, in their order, or None where not all of them fit at once.

    Members that want to be `together` are so with the first: the best such group of nodes is taken
    for which the whole gang fits. `holder` and `empty` as in `vectors.verdicts`.
    """
    fitting: dict[Wanted, Rows] = {}
    for wanted in members:
        if wanted not in fitting:
            found = vectors.verdicts(fleet, wanted, holder=holder, empty=empty)
            fitting[wanted] = np.flatnonzero(found == FITS)
            if fitting[wanted].size == 0:
                return None
    free = _free(fleet, holder=holder, empty=empty)
    by = members[0].together
    groups = _groups(fleet, members, fitting, by, free) if by else [fitting]
    best: tuple[float, tuple[str, ...]] | None = None
    for group in groups:
        found_rows = _in_group(fleet, members, group, free, steps)
        if found_rows is None:
            continue
        devices = tuple(fleet.candidates[row].device for row in found_rows)
        if not by:
            return devices
        entry = (-_total(fleet, members, found_rows), devices)
        best = entry if best is None else min(best, entry)
    return None if best is None else best[1]


def order(members: Sequence[Wanted]) -> list[int]:
    """Places of the members in the order in which they choose: what is hardest to place first."""
    return sorted(range(len(members)), key=lambda at: (-members[at].gpus, -members[at].memory, at))


def _free(fleet: Columns, *, holder: bool, empty: bool) -> Counts:
    """Free GPUs by row, as far as they are for this gang."""
    if empty:
        return fleet.number("gpus")
    free = fleet.number("free")
    return free if holder else free - fleet.number("held")


def _may_fit(members: Sequence[Wanted], fitting: dict[Wanted, Rows], free: Counts) -> bool:
    """Whether each kind of members fits by itself. Of a gang of one kind that says all."""
    return all(
        int((free[rows] // wanted.gpus).sum()) >= sum(one == wanted for one in members)
        for wanted, rows in fitting.items()
    )


def _groups(
    fleet: Columns,
    members: Sequence[Wanted],
    fitting: dict[Wanted, Rows],
    by: str,
    free: Counts,
) -> list[dict[Wanted, Rows]]:
    """The fitting nodes of each owner or country that has enough GPUs for all members."""
    column = fleet.number(by)
    most = max(fleet.codes[by].values(), default=0) + 1
    union = np.unique(np.concatenate(list(fitting.values())))
    if by == "country":
        union = union[column[union] != 0]
    total = np.bincount(column[union], weights=free[union], minlength=most)
    enough = np.flatnonzero(total >= sum(one.gpus for one in members))
    groups = []
    for code in enough.tolist():
        group = {wanted: rows[column[rows] == code] for wanted, rows in fitting.items()}
        if all(rows.size for rows in group.values()):
            groups.append(group)
    return groups


def _in_group(
    fleet: Columns,
    members: Sequence[Wanted],
    fitting: dict[Wanted, Rows],
    free: Counts,
    steps: int,
) -> list[int] | None:
    if not _may_fit(members, fitting, free):
        return None
    limit = len(members) + MORE
    nodes: dict[Wanted, list[int]] = {}
    for wanted, rows in fitting.items():
        scored = vectors.scores(fleet, wanted, rows, free[rows])
        nodes[wanted] = vectors.best(fleet, rows, scored, limit).tolist()
    seen = {row for rows in nodes.values() for row in rows}
    search = _Search({row: int(free[row]) for row in seen}, steps)
    if not _place(fleet, members, order(members), nodes, search):
        return None
    return [search.chosen[at] for at in range(len(members))]


def _place(
    fleet: Columns,
    members: Sequence[Wanted],
    left: list[int],
    nodes: dict[Wanted, list[int]],
    search: _Search,
) -> bool:
    """Choose for the members in `left`; whether that can be done."""
    if not left:
        return True
    at, wanted = left[0], members[left[0]]
    for row in _ranked(fleet, wanted, nodes[wanted], search):
        if search.steps <= 0:
            return False
        search.steps -= 1
        search.chosen[at] = row
        search.free[row] -= wanted.gpus
        search.used[row] = search.used.get(row, 0) + 1
        if _place(fleet, members, left[1:], nodes, search):
            return True
        search.free[row] += wanted.gpus
        search.used[row] -= 1
        del search.chosen[at]
    return False


def _ranked(fleet: Columns, wanted: Wanted, rows: list[int], search: _Search) -> list[int]:
    """The nodes that still have room for a member, best first."""
    ranked = []
    for row in rows:
        if (free := search.free[row]) >= wanted.gpus:
            node = fleet.candidates[row]
            score = parts(node, wanted, free, beside=search.used.get(row, 0) > 0).total
            ranked.append((-score, node.device, row))
    return [row for _, _, row in sorted(ranked)]


def _total(fleet: Columns, members: Sequence[Wanted], rows: list[int]) -> float:
    """What a gang's nodes are worth by price and reliability alone, which order does not change."""
    return float(sum(fleet.scores[:2, row].sum() for row in rows))
