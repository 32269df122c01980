"""GPU proofs as the network keeps them: results, when the next is due, what they may cost."""

from collections import deque
from dataclasses import dataclass, field

from iog_client.gpuproof.sizes import BUDGET

SOONEST, LATEST = 0.4, 0.6
"""Part of the allowed age after which a passed proof is repeated; the moment between is random."""
LAST = 0.8
"""Part of it from which on the budget keeps no node from its next proof."""
AGAIN = 1 / 24
"""Part of the allowed age after which a node that failed may try again."""
BUSY = 1 / 1000
"""After which a node is asked again that had a job when it was asked."""
SPREAD = 1 / 10_000
"""Part of it within which a first proof, or a retry, begins."""


@dataclass(frozen=True, slots=True)
class ProofResult:
    """How a node's last proof ended, all its GPUs together.

    `at` is the chain's time; `seconds` what the slowest GPU took; `code` is passed, or says why
    not; `evidence` is the SHA-256 of what is published of a failure, else empty.
    """

    device: str
    at: int
    code: str
    detail: str
    gpus: int
    seconds: float
    evidence: str = ""

    @property
    def passed(self) -> bool:
        """Whether all GPUs proved themselves."""
        return self.code == "passed"


@dataclass(slots=True)
class Spending:
    """GPU time that a node spent on proofs within one window, which is the allowed age.

    Each GPU proves at the same time as the others, so a proof costs what the slowest took.
    """

    window: float
    _spent: deque[tuple[float, float]] = field(default_factory=deque)

    @property
    def budget(self) -> float:
        """Seconds that a window may hold: one in a hundred."""
        return self.window / BUDGET

    def add(self, now: float, seconds: float) -> None:
        """A proof took so long."""
        self._spent.append((now, seconds))

    def spent(self, now: float) -> float:
        """Seconds in the window that ends now."""
        while self._spent and self._spent[0][0] < now - self.window:
            self._spent.popleft()
        return sum(seconds for _, seconds in self._spent)

    def allows(self, now: float) -> bool:
        """Whether another proof like the last one fits in."""
        spent = self.spent(now)
        last = self._spent[-1][1] if self._spent else 0.0
        return spent + last <= self.budget


def unproven(result: ProofResult | None, proving: bool) -> list[str]:
    """Why a node of a network that asks for proofs takes no work, as its operator reads it."""
    if proving:
        return ["its GPUs are being proven"]
    if result is None:
        return ["its GPUs are not proven yet"]
    if not result.passed:
        return [f"its GPU proof failed: {result.detail}"]
    return []
