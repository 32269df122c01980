"""What the orchestrator itself says of nodes in an hour: GPU proofs passed, and nodes set aside.

Both are only collected here. Whoever checks proofs calls `passed` and `failed` for each one and,
after a start, for the newest of each device that are on record; whoever finds a reason to set nodes
aside keeps `blocked` up to date. Without either, no hour knows of proofs and no node is blocked.
"""

from bisect import bisect_right, insort
from collections.abc import Mapping
from dataclasses import dataclass, field

from iog_client.hours import MAX_BLOCKED

KEPT_PROOFS = 4
"""Proofs of a device of which the times are kept: an hour asks for the newest before its end, and
it is closed a little after."""


@dataclass(slots=True)
class Guard:
    """`proof_max_age`: the network's policy in seconds, 0 while it asks for no proofs."""

    proof_max_age: int = 0
    blocked: dict[str, str] = field(default_factory=dict)
    """Why nodes are set aside now, by device; in words their operators can act on."""
    _results: dict[str, list[tuple[int, bool]]] = field(default_factory=dict)
    _blocked_in: dict[int, dict[str, str]] = field(default_factory=dict)

    def passed(self, device: str, at: int) -> None:
        """A device passed a GPU proof at chain time `at` (unix seconds); in any order."""
        self._keep(device, at, True)

    def failed(self, device: str, at: int) -> None:
        """A device failed a proof and its retry: what it passed before counts no more from `at`
        on."""
        self._keep(device, at, False)

    def proof_by(self, device: str, end: int) -> int:
        """Chain time of the newest proof that a device had passed at `end`; 0: none, or it failed
        one since."""
        results = self._results.get(device, [])
        place = bisect_right(results, (end, True))
        at, passed = results[place - 1] if place else (0, False)
        return at if passed else 0

    def _keep(self, device: str, at: int, passed: bool) -> None:
        results = self._results.setdefault(device, [])
        if (at, passed) not in results:
            insort(results, (at, passed))
            del results[:-KEPT_PROOFS]

    def note(self, hour: int) -> None:
        """Remember who is blocked while `hour` runs: nobody gets out of it by its end."""
        if self.blocked and hour > 0:
            self._blocked_in.setdefault(hour, {}).update(
                {device: why[:MAX_BLOCKED] for device, why in self.blocked.items() if why}
            )

    def blocked_in(self, hour: int) -> Mapping[str, str]:
        """Who was blocked at any time in `hour`, and why."""
        return self._blocked_in.get(hour, {})

    def closed(self, hour: int) -> None:
        """`hour` and those before it are closed."""
        for one in [one for one in self._blocked_in if one <= hour]:
            del self._blocked_in[one]
