"""What all runs of a node share, and patience with the orchestrator's file store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from iog_client.errors import Unreachable
from iog_client.protocol import Frame

from .clocks import Clock
from .confinement import Confinement
from .consent import Consent
from .proofs import Statements
from .transfer import Blobs

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


@dataclass
class Station:
    """What all runs of a node share. `memory` is the machine's, in bytes, `gpus` their count."""

    clock: Clock
    blobs: Blobs
    statements: Statements
    consent: Consent
    confinement: Confinement
    send: Callable[[Frame], bool]
    sign: Callable[[bytes], str]
    lease: Path
    lease_seconds: float
    gpus: int
    memory: int
    statement_seconds: float = 60.0

    def memory_for(self, gpus: int) -> int:
        """Bytes of memory that a run with so many GPUs may use: its share, a tenth kept back."""
        return self.memory * 9 // 10 * gpus // self.gpus


def pauses() -> Iterator[float]:
    """Seconds to wait between tries, doubling up to a limit, each spread at random.

    Nodes that lost the same orchestrator do not then come back all at once.
    """
    limit = FIRST_PAUSE
    while True:
        yield random.uniform(limit / 2, limit)
        limit = min(2 * limit, LONGEST_PAUSE)


async def retried(action: Callable[[], Awaitable[None]], tries: int | None = None) -> None:
    """Do it, again while the orchestrator is away. Raises `Unreachable` after so many `tries`."""
    for attempt, pause in enumerate(pauses(), 1):
        try:
            await action()
        except Unreachable:
            if attempt == tries:
                raise
            await asyncio.sleep(pause)
        else:
            return
