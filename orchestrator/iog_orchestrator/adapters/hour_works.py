"""Big hours, built in a process of their own, so that this one answers meanwhile."""

import asyncio
import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

from iog_client.children import end_with_parent
from iog_client.hours_parts import HourFile
from iog_client.hours_rule import HourInputs
from iog_orchestrator.adapters.forks import Forks
from iog_orchestrator.adapters.hour_folder import HourFolder
from iog_orchestrator.domain.hour_columns import Columns
from iog_orchestrator.domain.network import BuiltHour

Processes = Callable[[], Executor]


def of_its_own() -> Executor:
    """One fresh process: it shares no thread with this one, so it may fork."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, spawn, end_with_parent, (signal.SIGKILL,))


class FolderWorks:
    """`ports.HourWorks` in the folder of the published hours."""

    def __init__(self, folder: Path, processes: Processes = of_its_own) -> None:
        self._folder = folder
        self._processes = processes
        self._files = HourFolder(folder)

    async def build(
        self, inputs: HourInputs, columns: Columns, previous: bytes | None
    ) -> BuiltHour:
        await asyncio.to_thread(self._files.keep, inputs.hour, columns)
        try:
            with self._processes() as executor:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(executor, _build, self._folder, inputs, previous)
        finally:
            self._files.forget(inputs.hour)

    def part(self, sha256: str) -> bytes:
        return self._files.part(sha256)

    def proof(self, hour: int, wallet: str) -> tuple[int, list[bytes]]:
        return self._files.proof(hour, wallet)


def _build(folder: Path, inputs: HourInputs, previous: bytes | None) -> BuiltHour:
    works = HourFolder(folder, Forks())
    before = None if previous is None else HourFile.parse(previous, works.part)
    document, given = works.build(inputs, works.kept(inputs.hour), before)
    return BuiltHour(
        document=document.to_bytes(),
        granted=int(given.granted.sum()),
        eligible=int((given.reasons == 0).sum()),
    )
