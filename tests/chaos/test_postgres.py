"""An orchestrator on PostgreSQL, and the server killed under it; durable writes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from tests import postgres_server
from tests.chaos.test_disks import revive
from tests.chaos.test_kills import killed
from tests.chaos.world import World

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long]


class Database:
    """A PostgreSQL server that may be killed and started again on its files."""

    def __init__(self, running: postgres_server.Server, programs: Path) -> None:
        self._running = running
        self._programs = programs
        self._started: list[subprocess.Popen[bytes]] = []
        self.url = running.url()

    def kill(self) -> None:
        """End it at once, as a crash does."""
        state = self._running.folder / "data" / "postmaster.pid"
        pid = int(state.read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        # one that nobody has waited for still seems to run, and the next one would not start
        os.waitpid(pid, 0)
        for process in self._started:
            process.poll()

    async def start(self) -> None:
        """Start it again; its backends may take a moment to notice that it is gone."""
        folder = self._running.folder
        command = [self._programs / "postgres", "-D", folder / "data", "-c", "listen_addresses="]
        end = time.monotonic() + 60
        while time.monotonic() < end:
            process = postgres_server._run_as(postgres_server._user(), [*command, "-k", folder])
            self._started.append(process)
            while process.poll() is None and time.monotonic() < end:
                with contextlib.suppress(OSError, asyncpg.PostgresError):
                    await (await asyncpg.connect(self.url)).close()
                    return
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.2)
        pytest.fail("PostgreSQL did not come back")


@contextmanager
def served() -> Iterator[Database]:
    programs = postgres_server.required()
    with postgres_server.server(programs, settings=()) as running:
        found = Database(running, programs)
        try:
            yield found
        finally:
            with contextlib.suppress(OSError, ChildProcessError):
                found.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database() -> AsyncIterator[Database]:
    """A server with an empty database."""
    with served() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(unopened: World, database: Database) -> AsyncIterator[World]:
    """A network whose orchestrator keeps its tables there."""
    unopened.processes.more["orchestrator"] = ("--database", database.url)
    try:
        await unopened.open()
        yield unopened
    finally:
        await unopened.close()


async def test_the_server_is_killed(
    world: World, database: Database, chance: random.Random, number: int
) -> None:
    async with world.ordeal("kill -9 of the PostgreSQL server", chance):
        await asyncio.sleep(chance.uniform(0, 2))
        database.kill()
        await asyncio.sleep(chance.uniform(1, 4))
        await database.start()
        await revive(world, "orchestrator")


async def test_the_orchestrator_is_killed(world: World, chance: random.Random, number: int) -> None:
    async with world.ordeal("kill -9 of the orchestrator on PostgreSQL", chance):
        await killed(world, chance, ("orchestrator",))


async def test_both_are_killed(
    world: World, database: Database, chance: random.Random, number: int
) -> None:
    async with world.ordeal("kill -9 of orchestrator and PostgreSQL at once", chance):
        await asyncio.sleep(chance.uniform(0, 2))
        database.kill()
        await world.processes.kill("orchestrator")
        await database.start()
        await world.restart("orchestrator")
