"""What each round did and how long it took until jobs went through again."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import machine

ROUNDS = int(os.environ.get("IOG_CHAOS_ROUNDS") or 1)
"""How often each fault is done; 1 is the short form."""


@dataclass(frozen=True, slots=True)
class Round:
    """One fault, done once. `recovery`: seconds from its end, which is for a process that was ended
    when it is started again, until a job opened after it was settled as completed; `jobs`:
    how many the client opened meanwhile."""

    fault: str
    recovery: float
    jobs: int
    reasons: dict[str, int]


class Report:
    """Rounds by fault, written anew after each."""

    def __init__(self, path: Path, seed: int) -> None:
        self._path = path
        self._seed = seed
        self._done: list[Round] = []

    def add(self, done: Round) -> None:
        """Note a round that ended well."""
        self._done.append(done)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        said = {
            "machine": machine.describe(),
            "seed": self._seed,
            "faults": {fault: self._of(fault) for fault in self.faults()},
        }
        self._path.write_text(json.dumps(said, indent=2) + "\n")

    def faults(self) -> list[str]:
        """Those that were done, in order."""
        return list(dict.fromkeys(one.fault for one in self._done))

    def _of(self, fault: str) -> dict[str, object]:
        rounds = [one for one in self._done if one.fault == fault]
        times = [one.recovery for one in rounds]
        return {
            "rounds": len(rounds),
            "median": round(statistics.median(times), 1),
            "worst": round(max(times), 1),
            "each": [asdict(one) for one in rounds],
        }

    def lines(self) -> list[str]:
        """The same for people."""
        told = []
        for fault in self.faults():
            of = self._of(fault)
            told.append(
                f"recovered: {fault}: median {of['median']} s, worst {of['worst']} s of "
                f"{of['rounds']}"
            )
        return told
