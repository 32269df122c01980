"""The backers' pool by exact rational arithmetic: the model that the program is compared with."""

from dataclasses import dataclass
from fractions import Fraction

from pool_world import LEAST, UNBONDING


class Refusal(Exception):  # noqa: N818 - an outcome that tests name
    """The model refuses; the text is the program's error."""


@dataclass
class ExactBacker:
    staked: int = 0
    unbonding: int = 0
    until: int = 0
    paid: int = 0
    earned: Fraction = Fraction(0)
    """Exact share of everything released so far."""
    rounding: Fraction = Fraction(0)
    """What it may have lost when the accumulator was rounded down."""


@dataclass
class ExactPool:
    """Shares are fractions; what is released is the program's rule in whole units."""

    backers: list[ExactBacker]
    seen: int = 0
    released: int = 0

    @property
    def total(self) -> int:
        return sum(backer.staked for backer in self.backers)

    def update(self, to_pool: int) -> None:
        """The emission has brought `to_pool` since the start."""
        new, available = to_pool - self.seen, to_pool - self.released
        self.seen = to_pool
        release = min(available, 2 * new) if self.total >= LEAST else 0
        self.released += release
        if not release:
            return
        for backer in self.backers:
            backer.earned += Fraction(release * backer.staked, self.total)
            backer.rounding += Fraction(backer.staked, 2**64)

    def stake(self, who: int, amount: int) -> None:
        self.backers[who].staked += amount

    def unstake(self, who: int, amount: int, now: int) -> None:
        backer = self.backers[who]
        if not 0 < amount <= backer.staked:
            raise Refusal("AmountZero" if not amount else "PoolStakeLess")
        backer.staked -= amount
        backer.unbonding += amount
        backer.until = now + UNBONDING

    def withdraw(self, who: int, now: int) -> int:
        backer = self.backers[who]
        if not backer.unbonding:
            raise Refusal("NothingUnbonding")
        if now < backer.until:
            raise Refusal("UnbondingRuns")
        amount, backer.unbonding = backer.unbonding, 0
        return amount
