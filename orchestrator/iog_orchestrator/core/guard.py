"""When nodes passed their GPU proofs, as hours ask for it.

Whoever checks proofs calls `passed` and `failed` for each one and, after a start, for the newest of
each device that are on record. Without them no hour knows of proofs.
"""

from bisect import bisect_right, insort
from dataclasses import dataclass, field

KEPT_PROOFS = 4
"""Proofs of a device of which the times are kept: an hour asks for the newest before its end, and
it is closed a little after."""


@dataclass(slots=True)
class Guard:
    """`proof_max_age`: the network's policy in seconds, 0 while it asks for no proofs."""

    proof_max_age: int = 0
    _results: dict[str, list[tuple[int, bool]]] = field(default_factory=dict)

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
