"""Checks a published hour against the hour before it and the chain; pure, no I/O.

`verify` recomputes everything that the file claims and gives one line for each thing that does not
hold. It trusts nothing but the chain: an hour whose epoch the chain does not show any more is tied
to a later one by the hashes that each file holds of the one before (`verify_link`). What an
orchestrator leaves out cannot be seen in the file or on chain: that a device was there and had
signed so. Only the device itself knows.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from iog_client.hours import HourHead
from iog_client.hours_facts import ChainFacts
from iog_client.hours_parts import HourFile, leaves_hash
from iog_client.hours_recount import Recount
from iog_client.hours_rule import PROOF_MAX_AGE_HOURS, Parameters

Progress = Callable[[int, int], None]
Row = TypeVar("Row")
Anchor = Literal["live", "pending", "earlier", "none"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` are lines, none if all holds. `anchor` says which root on chain held against it.

    `notes` are lines about what the chain does not remember any more.
    """

    hour: int
    data_hash: str
    root: str | None
    problems: list[str]
    anchor: Anchor
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything that was compared is as published."""
        return not self.problems


def verify(
    data: bytes | HourFile,
    previous: bytes | HourFile | None,
    facts: ChainFacts,
    progress: Progress = lambda _done, _of: None,
) -> Verdict:
    """What does not hold of a published hour; `previous` is the hour before it.

    Rows are read one after the other, each node twice; what is kept is everyone's cumulative
    reward. `progress` hears of rows that were read, and of how many there are.

    Raises:
        UsageError: one of the two is not a published hour, or a part of it not what it names.
    """
    hour = HourFile.parse(data) if isinstance(data, bytes) else data
    before = HourFile.parse(previous) if isinstance(previous, bytes) else previous
    anchor = _anchor(hour.head, facts)
    rows = _Progress(progress, 2 * hour.node_count + hour.leaf_count)
    nodes = Recount(hour, before, rows).nodes(facts)
    problems = [
        *_network(hour.head, facts),
        *_previous(hour, before),
        *nodes.problems.shown("nodes"),
        *nodes.recomputed(),
        *_on_chain(hour, anchor, facts),
    ]
    head = hour.head
    notes = list(nodes.notes.shown("nodes"))
    return Verdict(head.hour, hour.data_hash, head.root, problems, anchor, notes)


def verify_link(data_hash: str, following: bytes) -> str | None:
    """The problem, if the file that follows does not name `data_hash` as the one before it.

    Raises:
        UsageError: `following` is not a published hour.
    """
    after = HourFile.parse(following).head
    if after.previous_data_hash == data_hash:
        return None
    said = after.previous_data_hash
    return f"hour {after.hour} names {said} as the hour before it, which has hash {data_hash}"


def _network(hour: HourHead, facts: ChainFacts) -> Iterator[str]:
    for key in ("genesis_hash", "mint", "distributor", "jobs_program", "start", "hour_length"):
        if (said := getattr(hour, key)) != (real := getattr(facts, key)):
            yield f"{key} is {said} in the file, {real} on chain"
    rule = hour.parameters
    if replace(rule, proof_max_age=0) != Parameters():
        yield f"parameters are {rule}, not those of version {hour.version}"
    if rule.proof_max_age not in (0, accepted := PROOF_MAX_AGE_HOURS * hour.hour_length):
        yield f"proof_max_age is {rule.proof_max_age}; 0 (no proofs) and {accepted} are accepted"
    expected = facts.to_rewards_total
    if expected is not None and hour.to_rewards_total != expected:
        yield (
            f"to_rewards_total is {hour.to_rewards_total}; "
            f"the emission brings {expected} by hour {hour.hour}"
        )


def _previous(hour: HourFile, before: HourFile | None) -> Iterator[str]:
    number = hour.head.hour
    if before is None:
        if number > 1:
            yield f"the file of hour {number - 1} is missing, so its effect cannot be checked"
        return
    if before.head.hour != number - 1:
        yield f"the file before is of hour {before.head.hour}, not {number - 1}"
    pairs = {
        "previous_root": (hour.head.previous_root, before.head.root),
        "previous_data_hash": (hour.head.previous_data_hash, before.data_hash),
        "previous_leaves_hash": (hour.head.previous_leaves_hash, leaves_hash(before.leaves())),
        "carry_before": (hour.head.carry_before, before.head.carry_after),
    }
    for key, (said, real) in pairs.items():
        if said != real:
            yield f"{key} is {said}; the hour before has {real}"


def _anchor(hour: HourHead, facts: ChainFacts) -> Anchor:
    if facts.live and facts.live.epoch == hour.hour:
        return "live"
    if facts.pending and facts.pending.epoch == hour.hour:
        return "pending"
    newest = max((root.epoch for root in (facts.live, facts.pending) if root), default=0)
    return "earlier" if hour.hour < newest else "none"


def _on_chain(hour: HourFile, anchor: Anchor, facts: ChainFacts) -> Iterator[str]:
    root = {"live": facts.live, "pending": facts.pending}.get(anchor)
    if root is None:
        return
    pairs = {
        "root": (hour.head.root, root.root),
        "total": (hour.head.total, root.total),
        "number of leaves": (hour.leaf_count, root.count),
        "data hash": (hour.data_hash, root.data_hash),
    }
    for key, (said, real) in pairs.items():
        if said != real:
            yield f"{key} is {said} by the file, {real} in the {anchor} root on chain"


class _Progress:
    """Counts rows, and tells of every thousandth."""

    def __init__(self, told: Progress, of: int) -> None:
        self._told, self._of, self._done = told, of, 0

    def of(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self._done += 1
            if self._done % 1000 == 0:
                self._told(self._done, self._of)
            yield row
