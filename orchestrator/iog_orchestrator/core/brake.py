"""When many nodes vanish at once, the cause is more likely here than with each of them.

A cut of this machine's network, a process that was stopped for a while, a proxy that died: seen
from here, all nodes fall silent. Until it is known better, nobody pays for that: no run is
released, no node is put out. After a bounded time the nodes are taken to be gone all the same.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass

log = logging.getLogger(__name__)

SHARE = 3
"""One in so many of the connected nodes, and `LEAST`, have to vanish together."""
LEAST = 3


@dataclass(slots=True)
class Suspicion:
    """That this process is the one that is cut off: since when (monotonic), of how many nodes how
    many were gone, and which of those still are."""

    since: float
    lost: int
    of: int
    away: set[str]


class Brake:
    """Counts nodes that vanish. Times are monotonic seconds; `bound` is the longest suspicion."""

    def __init__(self, bound: float, now: Callable[[], float]) -> None:
        self._bound = bound
        self._now = now
        self._gone: dict[str, float] = {}
        """Since when each node is away; those are judged once, together with what vanishes then."""
        self._recent: deque[str] = deque()
        """Those that vanished lately, the earliest first, and some that are back."""
        self._suspicion: Suspicion | None = None

    def vanished(self, devices: Collection[str], present: int, window: float) -> None:
        """These nodes are not heard; `present` others are. Those that vanished within `window`
        seconds count as one event, and nodes that are away longer as nothing new."""
        now = self._now()
        new = [device for device in devices if device not in self._gone]
        self._gone.update(dict.fromkeys(new, now))
        self._recent.extend(new)
        long_ago = now - window - 1

        def is_recent(device: str) -> bool:
            return now - self._gone.get(device, long_ago) <= window

        while self._recent and not is_recent(self._recent[0]):
            self._recent.popleft()
        if not new or self.left or not _are_many(len(self._recent), present + len(self._recent)):
            return
        recent = set(filter(is_recent, self._recent))
        of = present + len(recent)
        if _are_many(len(recent), of):
            self._suspicion = Suspicion(now, len(recent), of, recent)
            log.error(
                "many nodes vanished at once; this orchestrator suspects itself and gives no run "
                "up",
                extra={"action": "brake_on", "lost": len(recent), "of": of},
            )

    def returned(self, device: str) -> None:
        """A node is heard."""
        self._gone.pop(device, None)
        found = self._suspicion
        if found is None or device not in found.away:
            return
        found.away.discard(device)
        if not _are_many(len(found.away), found.of):
            log.warning("the nodes are back", extra={"action": "brake_off"})
            self._suspicion = None

    @property
    def left(self) -> float:
        """Seconds for which runs and nodes are left alone because of a suspicion; 0 for none."""
        found = self._suspicion
        if found is None:
            return 0.0
        left = found.since + self._bound - self._now()
        if left > 0:
            return left
        log.warning(
            "the nodes did not come back and are taken to be gone",
            extra={"action": "brake_over", "lost": len(found.away)},
        )
        self._suspicion = None
        return 0.0

    @property
    def reason(self) -> str | None:
        """What an operator of this orchestrator reads while it suspects itself."""
        left, found = self.left, self._suspicion
        if found is None:
            return None
        return (
            f"{found.lost} of {found.of} nodes vanished at once {self._now() - found.since:.0f} s "
            f"ago, {len(found.away)} are still away: no run is given up and no node put out for "
            f"{left:.0f} s more; look at this machine's network first"
        )


def _are_many(lost: int, of: int) -> bool:
    return lost >= LEAST and lost * SHARE > of
