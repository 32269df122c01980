"""Gangs and delegate keys by exact integers: what the program is compared with."""

from collections import Counter
from dataclasses import dataclass, field

from escrow_model import Model

HOUR, DAY = 3_600, 86_400
HOURS = 25
"""Hours that a delegate's limit looks back on, the one that runs included."""


@dataclass
class Member(Model):
    """A job as it should be: its gang, and the delegate that opened it; None for none."""

    gang: int | None = None
    by: int | None = None


@dataclass
class ExactGang:
    members: int
    deadline: int
    opened: int = 0
    joined: int = 0
    started: int = 0

    def opens(self, now: int) -> bool:
        """Whether one more job may be opened in it."""
        return now < self.deadline and self.opened < self.members

    def join(self, now: int) -> None:
        self.joined += 1
        if self.joined == self.members:
            self.started = now


@dataclass
class Limits:
    """A delegate's limits (base units, fees included) and what it spent, with the moments."""

    per_job: int
    per_day: int
    spent: list[tuple[int, int]] = field(default_factory=list)

    def allows(self, amount: int, whole: int, now: int) -> bool:
        """Whether it may put `amount` into a job that then has `whole`."""
        kept = sum(one for at, one in self.spent if now // HOUR - at // HOUR < HOURS)
        return whole <= self.per_job and kept + amount <= self.per_day

    def spend(self, amount: int, now: int) -> None:
        """No 24 hours, counted to the second, have more than the limit in them."""
        self.spent.append((now, amount))
        assert sum(one for at, one in self.spent if now - at < DAY) <= self.per_day

    def buckets(self) -> list[int]:
        """What is kept of each hour, at the hour modulo 25."""
        last = self.spent[-1][0] // HOUR if self.spent else 0
        hours = Counter[int]()
        for at, amount in self.spent:
            if last - at // HOUR < HOURS:
                hours[at // HOUR % HOURS] += amount
        return [hours[place] for place in range(HOURS)]
