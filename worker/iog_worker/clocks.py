"""Time as the worker needs it: a monotonic clock for life, a wall clock for request signatures."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Both clocks of this machine, in seconds."""

    def monotonic(self) -> float:
        """Never goes back, and does not jump when the wall clock is set."""

    def wall(self) -> float:
        """Unix time."""


class SystemClock:
    """The operating system's clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()
