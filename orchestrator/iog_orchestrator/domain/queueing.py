"""The order in which waiting jobs are served.

A job counts as having waited `AGE` seconds more for each point of its priority, and who has waited
longest is served first. So the order between two jobs never changes while they wait, and a job is
overtaken by none that is opened more than `AGE` times the difference of their priorities after it:
by none at all that is opened `100 * AGE`, an hour, later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from iog_orchestrator.domain.candidates import Wanted

AGE = 36
"""Seconds of waiting that one point of priority is worth."""
MOST = 100
DEFAULT = 50
"""Priority of a job that names none."""


@dataclass(frozen=True, slots=True)
class Member:
    """A job that waits for a node: alone, or with the others of its gang. `run`: the one it is to
    begin."""

    address: str
    run: int
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is placed at once. `key` is the address of the job or of the gang; `opened_at` in
    seconds of the chain's time."""

    key: str
    members: tuple[Member, ...]
    opened_at: int
    priority: int = DEFAULT

    @property
    def group(self) -> Sequence[Wanted]:
        """What the members ask for."""
        return [one.wanted for one in self.members]

    @property
    def served_as(self) -> int:
        """When a job without priority would have to be opened to be served like this one."""
        return self.opened_at - AGE * self.priority


def order(waiting: Waiting) -> tuple[int, int, str]:
    """Sorts the queue: who is served first."""
    return waiting.served_as, waiting.opened_at, waiting.key


def ahead_of(waiting: Waiting, other: Waiting) -> int | None:
    """The least priority with which a job would be served before another; None for none."""
    for priority in range(waiting.priority, MOST + 1):
        key = (waiting.opened_at - AGE * priority, waiting.opened_at, waiting.key)
        if key < order(other):
            return priority
    return None
