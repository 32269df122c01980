"""The single changes to a request that would place it, the smallest first.

Every field is tried by itself, with the engine that places. A field whose values are ordered is
searched for the value nearest to what was asked; one that is a choice is tried with each other
choice, or without. The size of a change is the part of the old value by which it differs; giving up
a class, a country or a list counts as all of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from iog_orchestrator.domain import vectors
from iog_orchestrator.domain.candidates import FITS, SHARED
from iog_orchestrator.domain.columns import Columns
from iog_orchestrator.domain.matching import Change, Fleet, Group

WHOLE = 1.0


def changes(fleet: Fleet, group: Group, now: int) -> list[Change]:
    """All single changes that would place a group that no nodes fit now, the smallest first.

    `now`: chain time, from which a shorter duration counts.
    """
    found = [
        *_ordered(fleet, group),
        *_shorter(fleet, group, now),
        *_choices(fleet, group),
        *_fewer(fleet, group),
    ]
    return sorted(found, key=lambda one: one.size)


def _ordered(fleet: Fleet, group: Group) -> Iterator[Change]:
    """Changes of what can be a little more or a little less."""
    first = group[0]
    asks = np.unique(fleet.asks[: len(fleet)])
    if first.max_price is not None:
        dearer = asks[asks > np.uint64(first.max_price)].tolist()
        yield from _nearest(fleet, group, "max_price", dearer, max(1, first.max_price))
    below = range(first.gpus - 1, 0, -1)
    yield from _nearest(fleet, group, "gpus", below, first.gpus)
    for name, old in (("memory", first.memory), ("connectivity", first.connectivity)):
        lower = [one for one in np.unique(fleet.number(name)).tolist() if one < old]
        yield from _nearest(fleet, group, name, [*reversed(lower)], max(1, old))
    for name in SHARED:
        if old := getattr(first, name):
            shares = np.unique(fleet.number(name) * first.gpus // fleet.number("gpus")).tolist()
            lower = [one for one in shares if one < old]
            yield from _nearest(fleet, group, name, [*reversed(lower)], old)
    old = first.reliability
    known = np.unique(np.floor(fleet.scores[2, : len(fleet)] * 1000).astype(int)).tolist()
    lower = [one for one in known if one < old]
    yield from _nearest(fleet, group, "reliability", [*reversed(lower)], max(1, old))


def _shorter(fleet: Fleet, group: Group, now: int) -> Iterator[Change]:
    """Being over before a node goes away that has announced it; the value is in seconds."""
    ends_at, old = group[0].ends_at, max(1, group[0].ends_at - now)
    leaving = {one.until for one in fleet.all() if now < one.until < ends_at}
    for change in _nearest(fleet, group, "ends_at", sorted(leaving, reverse=True), old):
        seconds = int(change.value) - now
        yield replace(change, field="duration", value=seconds, size=(old - seconds) / old)


def _nearest(
    fleet: Fleet, group: Group, name: str, values: Sequence[int], old: int
) -> Iterator[Change]:
    """The first of `values`, from the nearest to the farthest, with which the group is placed."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if fleet.place(_with(group, name, values[middle])) is not None:
            high = middle
        else:
            low = middle + 1
    if low < len(values):
        value = values[low]
        yield _change(fleet, _with(group, name, value), name, value, abs(value - old) / old)


def _choices(fleet: Fleet, group: Group) -> Iterator[Change]:
    """Changes of what is this or that."""
    first = group[0]
    if first.node_class:
        yield from _other_class(fleet, group)
    for name, empty in _NAMED.items():
        if getattr(first, name):
            other = _with(group, name, empty)
            if fleet.place(other) is not None:
                value = _named(fleet, other, name)
                yield _change(fleet, other, name, value, WHOLE)


def _other_class(fleet: Fleet, group: Group) -> Iterator[Change]:
    slugs = {one.node_class: (one.ask, one.slug) for one in sorted(fleet.all(), key=_dearest_first)}
    for node_class, (_, slug) in sorted(slugs.items(), key=lambda item: item[1]):
        other = _with(group, "node_class", node_class)
        if fleet.place(other) is not None:
            yield _change(fleet, other, "class", slug, WHOLE)
            return


def _fewer(fleet: Fleet, group: Group) -> Iterator[Change]:
    """Fewer members."""
    low, high = 0, len(group) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fleet.place(group[:middle]) is not None:
            low = middle
        else:
            high = middle - 1
    if low:
        size = (len(group) - low) / len(group)
        yield _change(fleet, group[:low], "nodes", low, size)


def _change(fleet: Fleet, group: Group, name: str, value: int | str, size: float) -> Change:
    found = vectors.verdicts(fleet, group[0])
    return Change(name, value, int((found == FITS).sum()), size)


def _with(group: Group, name: str, value: Any) -> Group:
    return [replace(one, **{name: value}) for one in group]


def _named(fleet: Columns, group: Group, name: str) -> str:
    """What a list would have to say: the country where the best node lies; else that it goes."""
    if name != "country":
        return ""
    found = np.flatnonzero(vectors.verdicts(fleet, group[0]) == FITS)
    chosen = vectors.best(fleet, found, vectors.scores(fleet, group[0], found), 1)
    return str(fleet.candidates[chosen[0]].country)


def _dearest_first(one: Any) -> tuple[int, str]:
    return -one.ask, one.device


_NAMED: dict[str, object] = {
    "country": frozenset(),
    "allow": frozenset(),
    "deny": frozenset(),
    "confined": False,
    "containers": False,
    "network": False,
    "together": "",
}
