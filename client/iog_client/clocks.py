"""The clocks of this machine, for whoever measures time or waits."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Both clocks of a machine, in seconds."""

    def monotonic(self) -> float:
        """Never goes back, and does not jump when the wall clock is set; only differences mean
        anything."""
        ...

    def wall(self) -> float:
        """Unix time."""
        ...


class SystemClock:
    """This machine's, and a way to wait."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
