"""The record of a placement: what went into the decision, and the same decision made from it again.

Of the fleet it keeps the nodes that were chosen and the best of the others, with their free GPUs
as they were. That is enough: what was chosen ranked first among all nodes, so it ranks first among
these.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from iog_orchestrator.domain.candidates import Candidate, Parts, Wanted, parts
from iog_orchestrator.domain.matching import Fleet
from iog_orchestrator.domain.queueing import Waiting

RUNNERS_UP = 2
"""Nodes kept beside the chosen one of each job."""

_NODE = tuple(one.name for one in fields(Candidate))
_UNREADY = _NODE.index("unready")
_OWN = ("max_price", "ends_at", "together")
"""What requests of one shape may differ in."""
_WANTED = (*_OWN, *(one.name for one in fields(Wanted) if one.name not in _OWN))
_SETS = frozenset(one.name for one in fields(Wanted) if "frozenset" in str(one.type))
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_node_values = attrgetter(*_NODE)
_wanted_values = attrgetter(*_WANTED)


@dataclass(frozen=True, slots=True)
class Placement:
    """A job's part in a decision. Of a gang only the first member's record has the `body`, the
    others name that one in `leader`."""

    job: str
    run: int
    device: str
    at: int
    leader: str
    leader_run: int
    body: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A node in a decision about one job: what its score was made of."""

    device: str
    parts: Parts
    free: int
    ask: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A record read again. `jobs` in the order of `group`; `nodes`: how many there were;
    `rejected`: by filter, for the first job; `waited` in seconds."""

    jobs: tuple[str, ...]
    group: tuple[Wanted, ...]
    chosen: tuple[str, ...]
    rows: tuple[tuple[Candidate, int, int], ...]
    """Nodes with their free and their held GPUs."""
    rejected: dict[str, int]
    nodes: int
    holder: bool
    priority: int
    waited: int

    def fleet(self) -> Fleet:
        """The nodes of the record as they were."""
        made = Fleet()
        for node, free, _ in self.rows:
            made.put(node)
            made.reserve(f"other:{node.device}", node.device, node.gpus - node.busy - free)
        made.hold({node.device: held for node, _, held in self.rows if held})
        return made

    def replay(self) -> tuple[str, ...] | None:
        """The decision made again: the same engine over the nodes of the record."""
        return self.fleet().place(self.group, holder=self.holder)

    def ranked(self, job: str) -> list[Ranked]:
        """The nodes as they ranked for one job, best first."""
        wanted = self.group[self.jobs.index(job)]
        fleet = self.fleet()
        return [
            Ranked(
                node.device,
                parts(node, wanted, fleet.free(node.device)),
                fleet.free(node.device),
                node.ask,
            )
            for _, row in fleet.ranked(wanted, len(self.rows))
            for node in [fleet.candidates[row]]
        ]


def decide(
    fleet: Fleet, waiting: Waiting, *, holder: bool, now: int
) -> tuple[tuple[str, ...], list[Placement]] | None:
    """Devices for all that wait here, in their order, and the records of the decision, one for
    each job. None where they do not fit at once. Nothing is promised by this."""
    if len(waiting.members) == 1 and not holder:
        # one look at the list is enough: it is what a second of thousands of placements goes into
        wanted = waiting.members[0].wanted
        found = fleet.list_of(wanted).best(wanted, 1 + RUNNERS_UP)
        if not found:
            return None
        rows = dict.fromkeys(row for _, row in found)
        devices: tuple[str, ...] = (fleet.candidates[found[0][1]].device,)
    else:
        placed = fleet.place(waiting.group, holder=holder)
        if placed is None:
            return None
        devices = placed
        rows = dict.fromkeys(fleet.rows[device] for device in devices)
        for wanted in {one.wanted: None for one in waiting.members}:
            rows |= dict.fromkeys(row for _, row in fleet.ranked(wanted, 1 + RUNNERS_UP))
    return devices, _records(fleet, waiting, devices, list(rows), holder=holder, now=now)


def _records(
    fleet: Fleet,
    waiting: Waiting,
    devices: Sequence[str],
    rows: Sequence[int],
    *,
    holder: bool,
    now: int,
) -> list[Placement]:
    # put together by hand: most of it is the same for thousands of jobs
    first = waiting.members[0]
    jobs = ",".join(f'"{one.address}"' for one in waiting.members)
    body = (
        f'{{"jobs":[{jobs}],"wanted":[{",".join(_wanted_texts(fleet, waiting))}],'
        f'"chosen":{_encode(devices)},'
        f'"rejected":{_encode(fleet.counts(first.wanted))},'
        f'"nodes":{len(fleet)},"holder":{"true" if holder else "false"},'
        f'"priority":{waiting.priority},"waited":{max(0, now - waiting.opened_at)},'
        f'"rows":[{",".join([_text(fleet, row) for row in rows])}]}}'
    )
    return [
        Placement(
            one.address,
            one.run,
            device,
            now,
            first.address,
            first.run,
            body if one is first else "",
        )
        for one, device in zip(waiting.members, devices, strict=True)
    ]


def read(body: str) -> Decision:
    """The decision in the body of a record."""
    found = json.loads(body)
    requests = [_wanted(one) for one in found["wanted"]]
    many = len(found["jobs"])
    return Decision(
        jobs=tuple(found["jobs"]),
        group=tuple(requests if len(requests) == many else requests * many),
        chosen=tuple(found["chosen"]),
        rows=tuple((_candidate(row[:-2]), row[-2], row[-1]) for row in found["rows"]),
        rejected=found["rejected"],
        nodes=found["nodes"],
        holder=found["holder"],
        priority=found["priority"],
        waited=found["waited"],
    )


def _candidate(values: list[Any]) -> Candidate:
    """A node of a record. Only nodes that were ready are in one; older records say `true` there."""
    values[_UNREADY] = ""
    return Candidate(*values)


def _text(fleet: Fleet, row: int) -> str:
    """A node's row of a record: its facts, which seldom change, then its free and held GPUs."""
    node, known = fleet.candidates[row], fleet.texts.get(row)
    if known is None or known[0] is not node:
        known = fleet.texts[row] = (node, _encode(_node_values(node))[:-1])
    return f"{known[1]},{fleet.slots[row]},{fleet.held_slots[row]}]"


def _wanted_texts(fleet: Fleet, waiting: Waiting) -> list[str]:
    """What each job asks for; once, where all ask for the same."""
    distinct = dict.fromkeys(waiting.group) if len(waiting.members) > 1 else waiting.group
    return [_wanted_text(fleet, one) for one in (distinct if len(distinct) == 1 else waiting.group)]


def _wanted_text(fleet: Fleet, wanted: Wanted) -> str:
    """A request, first what is each job's own."""
    known = fleet.list_of(wanted)
    if not known.text:
        known.text = _encode(_row(wanted)[len(_OWN) :])[1:]
    price = "null" if wanted.max_price is None else wanted.max_price
    return f'[{price},{wanted.ends_at},"{wanted.together}",{known.text}'


def _row(wanted: Wanted) -> list[Any]:
    return [
        sorted(value) if name in _SETS else value
        for name, value in zip(_WANTED, _wanted_values(wanted), strict=True)
    ]


def _wanted(row: list[Any]) -> Wanted:
    named: dict[str, Any] = {
        name: frozenset(value) if name in _SETS else value
        for name, value in zip(_WANTED, row, strict=True)
    }
    return Wanted(**named)
