"""The rules of `domain.candidates` over all nodes at once."""

import numpy as np
from numpy.typing import NDArray

from iog_orchestrator.domain.candidates import (
    BUSY,
    CLASS,
    FILTERS,
    FIT_WEIGHT,
    FITS,
    HELD,
    LEAVING,
    LOCALITY_WEIGHT,
    PRICE,
    SHARED,
    Wanted,
)
from iog_orchestrator.domain.columns import Columns, Rows

Mask = NDArray[np.bool_]
Verdicts = NDArray[np.uint8]
Scores = NDArray[np.float64]


def lasting(fleet: Columns, wanted: Wanted) -> Verdicts:
    """For each node the first filter that turns it down whatever runs on it, or `FITS`."""
    # backwards: what is written last is what came first
    verdicts = np.full(len(fleet), FITS, np.uint8)
    for name, passed in reversed(list(_masks(fleet, wanted).items())):
        verdicts[~passed] = FILTERS.index(name)
    unready = fleet.number("unready")
    np.copyto(verdicts, unready, where=unready != FITS, casting="unsafe")
    if (of_class := _of_class(fleet, wanted)) is not None:
        verdicts[~of_class] = CLASS
    return verdicts


def with_room(fleet: Columns, wanted: Wanted, verdicts: Verdicts, *, holder: bool) -> Verdicts:
    """`verdicts` with those turned down that have too few free GPUs. `holder`: what is held is
    for this job. Where nodes fail neither, the result is the same array."""
    free, fits = fleet.number("free"), verdicts == FITS
    found = verdicts.copy()
    if not holder:
        found[fits & (free - fleet.number("held") < wanted.gpus)] = HELD
    found[fits & (free < wanted.gpus)] = BUSY
    return found


def with_own(fleet: Columns, wanted: Wanted, verdicts: Verdicts) -> Verdicts:
    """`verdicts` with those turned down that are away too soon or ask too much."""
    fits = verdicts == FITS
    found = verdicts.copy()
    if wanted.max_price is not None:
        found[fits & (fleet.asks[: len(fleet)] > np.uint64(wanted.max_price))] = PRICE
    if wanted.ends_at:
        until = fleet.number("until")
        found[fits & (until != 0) & (until < wanted.ends_at)] = LEAVING
    return found


def verdicts(
    fleet: Columns, wanted: Wanted, *, holder: bool = False, empty: bool = False
) -> Verdicts:
    """For each node the first filter that turns it down, or `FITS`.

    `empty`: as if nothing ran or was promised anywhere.
    """
    found = lasting(fleet, wanted)
    if not empty:
        found = with_room(fleet, wanted, found, holder=holder)
    return with_own(fleet, wanted, found)


def scores(
    fleet: Columns, wanted: Wanted, rows: Rows, free: NDArray[np.int64] | None = None
) -> Scores:
    """The scores of nodes that fit, in the order of `rows`; `free` GPUs of each, if not those that
    are free now."""
    near = np.zeros(rows.size)
    if wanted.near:
        codes = [code for name, code in fleet.codes["country"].items() if name in wanted.near]
        near[np.isin(fleet.number("country")[rows], codes)] = LOCALITY_WEIGHT
    room = fleet.number("free")[rows] if free is None else free
    price, reliability, _ = fleet.scores[:, rows]
    total: Scores = price + reliability + near + FIT_WEIGHT * (wanted.gpus / room)
    return total


def best(fleet: Columns, rows: Rows, scored: Scores, limit: int) -> Rows:
    """The `limit` rows of highest score, equal scores by device key: best first."""
    if limit < rows.size:
        edge = np.partition(scored, rows.size - limit)[rows.size - limit]
        kept = scored >= edge
        rows, scored = _some_of_equals(fleet, rows[kept], scored[kept], edge, limit)
    devices = [fleet.candidates[row].device for row in rows]
    named = sorted(zip((-scored).tolist(), devices, rows.tolist(), strict=True))
    return np.array([row for _, _, row in named[:limit]], np.intp)


def counted(verdicts: Verdicts) -> dict[str, int]:
    """How many nodes each filter turns down, those apart that turn down none."""
    counts = np.bincount(verdicts, minlength=FITS + 1)[:FITS].tolist()
    return {name: lost for name, lost in zip(FILTERS, counts, strict=True) if lost}


def _some_of_equals(
    fleet: Columns, rows: Rows, scored: Scores, edge: np.float64, limit: int
) -> tuple[Rows, Scores]:
    """Without those of the lowest score that come too late by their device keys."""
    last = np.flatnonzero(scored == edge)
    spare = rows.size - limit
    if spare <= 0:
        return rows, scored
    keys = fleet.keys[rows[last]]
    wanted = last.size - spare
    limit_key = np.partition(keys, wanted - 1)[wanted - 1]
    kept = np.ones(rows.size, np.bool_)
    kept[last[keys > limit_key]] = False
    return rows[kept], scored[kept]


def _of_class(fleet: Columns, wanted: Wanted) -> Mask | None:
    """Which nodes are of the class that is asked for; None where none is."""
    if not (wanted.node_class or wanted.min_multiplier):
        return None
    passed: Mask = fleet.number("multiplier") >= wanted.min_multiplier
    if wanted.node_class:
        passed &= fleet.number("class") == fleet.codes["class"].get(wanted.node_class, -1)
    return passed


def _masks(fleet: Columns, wanted: Wanted) -> dict[str, Mask]:
    """Which nodes each filter behind readiness lets pass, of those that the request needs."""
    masks: dict[str, Mask] = {}
    codes = fleet.codes
    if wanted.memory:
        masks["memory"] = fleet.number("memory") >= wanted.memory
    masks["gpus"] = fleet.number("gpus") >= wanted.gpus
    if wanted.country:
        named = [code for name, code in codes["country"].items() if name in wanted.country]
        masks["country"] = np.isin(fleet.number("country"), named)
    if wanted.connectivity:
        masks["connectivity"] = fleet.number("connectivity") >= wanted.connectivity
    if wanted.reliability:
        masks["reliability"] = fleet.scores[2, : len(fleet)] * 1000 >= wanted.reliability
    if wanted.confined:
        masks["unconfined"] = fleet.flag("confined")
    if wanted.containers:
        masks["no_containers"] = fleet.flag("containers")
    if wanted.network:
        masks["no_network"] = fleet.flag("network")
    if asked := [(name, least) for name in SHARED if (least := getattr(wanted, name))]:
        gpus = fleet.number("gpus")
        parts = [fleet.number(name) * wanted.gpus >= least * gpus for name, least in asked]
        masks["share"] = np.logical_and.reduce(parts)
    return masks | _named(fleet, wanted)


def _named(fleet: Columns, wanted: Wanted) -> dict[str, Mask]:
    """The filters that name nodes."""
    masks: dict[str, Mask] = {}
    if wanted.allow:
        masks["allow"] = np.zeros(len(fleet), np.bool_)
        for name in wanted.allow:
            masks["allow"][fleet.row_of(name)] = True
    if wanted.deny:
        masks["deny"] = np.ones(len(fleet), np.bool_)
        for name in wanted.deny:
            masks["deny"][fleet.row_of(name)] = False
    if wanted.excluded:
        masks["excluded"] = np.ones(len(fleet), np.bool_)
        for device in wanted.excluded:
            if device in fleet.rows:
                masks["excluded"][fleet.rows[device]] = False
    return masks
