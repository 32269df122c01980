"""How far a node can be relied on: its runs and its hours, the older the less.

    reliability = runs * (1 + 3 * uptime) / 4
    runs        = (1 + good) / (1 + all)       runs that its fault did not end, of all that ended
    uptime      = (24 + up) / (24 + known)     hours heard, of all hours as an active node

Each run and each hour weighs 2^(-age / HALF_LIFE), age in hours. One good run and ASSUMED_HOURS
good hours are assumed, so that a first failure gives 1/2 and not 0, and a first hour away little.
Hours count from the first one that the node was heard in.
"""

from dataclasses import dataclass

HALF_LIFE = 168
"""Hours after which a run or an hour counts half: a week of real hours."""
ASSUMED_HOURS = 24
KEPT_HOURS = 720
"""Hours of a node's history that are kept, the newest."""


@dataclass(frozen=True, slots=True)
class NodeHour:
    """A node's record when `hour` ended: what happened in it, and the weighted sums up to then.

    `ended` and `failed` are runs of this hour, `seconds` those that it was heard in. `good`,
    `runs`, `up` and `known` are weighted by age; the totals count all runs ever.
    """

    device: str
    hour: int
    ended: int = 0
    failed: int = 0
    seconds: int = 0
    good: float = 0.0
    runs: float = 0.0
    up: float = 0.0
    known: float = 0.0
    total_ended: int = 0
    total_failed: int = 0

    def after(self, hour: int, totals: tuple[int, int], seconds: float, length: int) -> "NodeHour":
        """The record when a later `hour` has ended; `totals`: runs that ended and failed, ever.

        Hours in between, when nobody looked, count neither way.
        """
        weight = _weight(hour - self.hour)
        ended, failed = totals[0] - self.total_ended, totals[1] - self.total_failed
        return NodeHour(
            device=self.device,
            hour=hour,
            ended=ended,
            failed=failed,
            seconds=int(seconds),
            good=self.good * weight + ended - failed,
            runs=self.runs * weight + ended,
            up=self.up * weight + min(1.0, seconds / length),
            known=self.known * weight + 1.0,
            total_ended=totals[0],
            total_failed=totals[1],
        )

    def score(self, totals: tuple[int, int] | None = None) -> float:
        """Reliability from 0 to 1, with the runs that have ended since by the `totals` now."""
        ended, failed = totals or (self.total_ended, self.total_failed)
        more, bad = ended - self.total_ended, failed - self.total_failed
        runs = (1 + self.good + more - bad) / (1 + self.runs + more)
        uptime = (ASSUMED_HOURS + self.up) / (ASSUMED_HOURS + self.known)
        return runs * (1 + 3 * uptime) / 4


def _weight(hours: int) -> float:
    return float(2 ** (-hours / HALF_LIFE))
