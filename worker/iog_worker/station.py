"""What all runs of a node share, and patience with the orchestrator's file store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from iog_client.clocks import Clock
from iog_client.errors import Unreachable
from iog_client.pauses import growing
from iog_client.protocol import Frame

from .confinement import Confinement
from .consent import Consent
from .containers import Cli, Limits
from .hierarchies import Tree
from .holding import PROCESSES
from .proofs import Statements
from .transfer import Blobs

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


@dataclass
class Station:
    """What all runs of a node share. `memory` is the machine's and `disk` what is free of it, in
    bytes, `gpus` and `cpus` their count, `processors` the numbers of those that jobs may run on."""

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
    cpus: int = 1
    processors: tuple[int, ...] = ()
    disk: int = 1 << 40
    engine: Cli | None = None
    groups: Tree | None = None
    """Where limits are set that the kernel keeps; without one jobs are watched."""
    takes_commands: bool = True
    """Whether jobs without an image are taken: there is isolation, or the operator wants none."""
    statement_seconds: float = 60.0

    def share(self, gpus: int) -> Limits:
        """What a run with so many GPUs may use: the share of these, a tenth of memory and disk kept
        back."""
        return Limits(
            cpus=max(1, self.cpus * gpus // self.gpus),
            memory=self.memory * 9 // 10 * gpus // self.gpus,
            disk=self.disk * 9 // 10 * gpus // self.gpus,
            processes=PROCESSES,
        )


def pauses(longest: float = LONGEST_PAUSE) -> Iterator[float]:
    """Seconds to wait before the orchestrator is tried again."""
    return growing(FIRST_PAUSE, longest)


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
