"""The lease: the right of one process to act, for a while.

On PostgreSQL it is renewed every `RENEW_EVERY` seconds and runs out `EXPIRES_AFTER` seconds later,
by the database's clock. Its holder counts from the moment at which it asked, by a clock of its own
that goes on while the process is frozen or the machine asleep, and stops `MARGIN` seconds earlier:
so it has stopped before anybody else can begin, whatever the two machines think of the time.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from iog_orchestrator.domain.errors import LeaseLost

Port = TypeVar("Port")

RENEW_EVERY = 2.0
EXPIRES_AFTER = 6.0
MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class Leader:
    """Who leads: the URL under which it is reached, and its fencing token."""

    token: int
    url: str
    left: float = field(default=EXPIRES_AFTER, compare=False)
    """Seconds that its lease had left when the database was asked."""

    @property
    def is_late(self) -> bool:
        """Whether it has not renewed its lease when it should have: it may be gone."""
        return self.left < EXPIRES_AFTER - RENEW_EVERY - MARGIN


def since_boot() -> float:
    """Seconds, those included in which the machine slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Lease:
    """A lease that stands until a moment of the clock `now`; for ever, unless it is extended."""

    def __init__(self, token: int, now: Callable[[], float] = since_boot) -> None:
        self.token = token
        self.now = now
        self._until = math.inf

    def extend(self, asked_at: float) -> None:
        """It was taken or renewed by a request of that moment."""
        self._until = asked_at + EXPIRES_AFTER - MARGIN

    def end(self) -> None:
        """It is another's, or given back."""
        self._until = -math.inf

    @property
    def stands(self) -> bool:
        """Whether its holder may act now."""
        return self.now() < self._until

    def require(self) -> None:
        """Raises `LeaseLost` when its holder may not act any more."""
        if not self.stands:
            raise LeaseLost

    def guard(self, port: Port, name: str) -> Port:
        """`port`, whose method `name` is refused with `LeaseLost` once the lease does not stand."""
        # A proxy has every method of what it stands for, which the type checker cannot see.
        return cast(Port, _Guarded(port, name, self))


class _Guarded:
    def __init__(self, inner: object, name: str, lease: Lease) -> None:
        self._inner = inner
        self._name = name
        self._lease = lease

    def __getattr__(self, name: str) -> Any:
        if name == self._name:
            self._lease.require()
        return getattr(self._inner, name)
