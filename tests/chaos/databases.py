"""A PostgreSQL server that may be killed under those who use it; durable writes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from tests import postgres_server


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
