"""What tests of runs wait for, and where a run keeps its files."""

import asyncio
import json
from typing import TYPE_CHECKING

from iog_worker import supervisor
from iog_worker.fake_orchestrator import Told
from iog_worker.runfiles import RunFiles

if TYPE_CHECKING:
    from .conftest import Bench


def files_of(bench: "Bench", told: Told) -> RunFiles:
    return RunFiles.of(bench.folder.runs, told.assign)


async def paid(bench: "Bench", told: Told) -> None:
    await bench.orchestrator.until(lambda: told.paid is not None)


async def running(bench: "Bench", told: Told, log: bytes = b"") -> None:
    await bench.orchestrator.until(
        lambda: "running" in told.states and bytes(told.log).startswith(log)
    )


async def gone(bench: "Bench", told: Told) -> None:
    async with asyncio.timeout(5):
        while files_of(bench, told).path.exists():  # noqa: ASYNC110 - nothing else tells of it
            await asyncio.sleep(0.01)


def supervisor_of(bench: "Bench", told: Told) -> int:
    known = json.loads((files_of(bench, told).path / supervisor.SELF).read_text())
    return int(known["pid"])
