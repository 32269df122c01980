"""A job's money and state by exact integers: what the program is compared with."""

from dataclasses import dataclass

from registry_world import ASK

PAYS = {1, 2, 3, 4, 5, 6, 7, 43}
"""Reasons at which proven seconds are paid."""


def fee(gross: int) -> int:
    return -(-gross * 25 // 10_000)


def funding(price: int, gpus: int, seconds: int) -> int:
    return price * gpus * seconds + fee(price * gpus * seconds)


@dataclass
class Model:
    """A job as it should be."""

    max_price: int
    gpus: int
    max_seconds: int
    window: int
    runs: int
    place_by: int
    deadline: int
    funded: int
    state: str = "open"
    run: int = 0
    counter: int = 0
    proven: int = 0
    started: int = 0
    heard: int = 0
    ended: int = 0
    reason: int = 0
    donated: int = 0
    paid: int = 0
    fees: int = 0
    refunded: int = 0

    @property
    def held(self) -> bool:
        """Whether GPUs of the node are."""
        return self.state in ("running", "joined")

    def bill(self) -> tuple[int, int, int]:
        """(paid, fees, refunded)"""
        price = ASK if self.run else 0
        gross = price * self.gpus * self.proven if self.reason in PAYS else 0
        return gross - fee(gross), 2 * fee(gross), self.funded - gross - fee(gross)
