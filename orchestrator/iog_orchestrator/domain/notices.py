"""What an operator announces of a node: that it is being drained, or away for a while.

Times are the chain's, in unix seconds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from iog_orchestrator.domain.nodes import Blocker, Unready

Kind = Literal["drain", "maintenance"]


@dataclass(frozen=True, slots=True)
class Notice:
    """`begin`: when runs that the node still holds are ended; 0 (a drain only): never. `end`: when
    the node is there again by itself; 0 (a drain always): when the notice is cancelled."""

    device: str
    kind: Kind
    begin: int
    end: int
    reason: str
    made_at: int

    def is_over(self, now: float) -> bool:
        """Whether it says nothing any more."""
        return bool(self.end) and now >= self.end

    def is_due(self, now: float) -> bool:
        """Whether runs that the node still holds are to be ended."""
        return bool(self.begin) and self.begin <= now and not self.is_over(now)

    def takes_jobs(self, now: float) -> bool:
        """Whether the node may get a new job, one short enough."""
        return self.is_over(now) or (self.kind == "maintenance" and now < self.begin)

    def until(self, now: float) -> int:
        """When the node will be away, for jobs that would last longer; 0: not announced, or it
        takes none anyway."""
        return self.begin if self.takes_jobs(now) and not self.is_over(now) else 0

    def blocker(self, now: float) -> Blocker:
        """Why the node gets no new job, while it takes none."""
        code: Unready = "draining" if self.kind == "drain" else "maintenance"
        return Blocker(code, self.text(now), f"iog node {self.kind} {self.device} --cancel")

    def text(self, now: float) -> str:
        """What the node's operator and clients read."""
        if self.kind == "drain":
            said = "it is being drained"
            if self.begin:
                said += f", runs end at {_date(self.begin)}"
        else:
            tense = "is under" if now >= self.begin else "has announced"
            said = f"it {tense} maintenance from {_date(self.begin)} to {_date(self.end)}"
        return f"{said} ({self.reason})" if self.reason else said


def _date(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
