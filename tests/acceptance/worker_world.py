"""A worker's process, the orchestrator that it talks to, and what tests ask of both."""

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import uvicorn
from solders.keypair import Keypair

from iog_client.demo.processes import free_port
from iog_worker import processes, supervisor
from iog_worker.fake_orchestrator import FakeOrchestrator, Told
from iog_worker.runfiles import RunFiles
from iog_worker.testing import assignment, spec_of

IOG = [sys.executable, "-c", "from iog_client.cli import main; main()"]
OWNER = str(Keypair().pubkey())
SLOW = 60.0


class World:
    """An orchestrator that listens, a node's folder, and the processes started on it."""

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.env = {**os.environ, **(env or {})}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.orchestrator = FakeOrchestrator()
        self.workers: list[asyncio.subprocess.Process] = []
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        config = uvicorn.Config(self.orchestrator.app(), port=self.port, log_level="error")
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(SLOW):
            while not self._server.started:  # noqa: ASYNC110 - it has no event for this
                await asyncio.sleep(0.02)

    async def hang_up(self) -> None:
        if self._server is not None and self._serving is not None:
            await self.orchestrator.disconnect()
            self._server.should_exit = True
            await self._serving
            self._server = None

    async def iog(self, *arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            *IOG, "node", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await asyncio.wait_for(process.communicate(), SLOW)
        return process.returncode or 0, out.decode(), err.decode()

    async def init(self, simulate: str = "2xh100-pcie", *more: str) -> tuple[int, str, str]:
        return await self.iog(
            "init", "--folder", str(self.folder), "--orchestrator", self.url,
            "--owner", OWNER, "--simulate", simulate, *more,
        )  # fmt: skip

    async def run(self, *more: str) -> asyncio.subprocess.Process:
        """Start a worker; it has connected when this returns."""
        before = self.orchestrator.connections
        with (self.folder / "worker.log").open("a") as log:
            worker = await asyncio.create_subprocess_exec(
                *IOG, "node", "run", "--folder", str(self.folder), "--allow-unconfined", *more,
                stderr=log, env=self.env,
            )  # fmt: skip
        self.workers.append(worker)
        await self.orchestrator.until(lambda: self.orchestrator.connections > before, SLOW)
        return worker

    async def assign(self, command: list[str], **of_spec: Any) -> Told:
        """A job that was handed out."""
        return await self.orchestrator.assign(assignment(spec_of(command, **of_spec)))

    async def job(self, script: str, *outputs: str, **of_spec: Any) -> Told:
        """A job that has begun to write its log, or has ended."""
        told = await self.assign(["sh", "-c", script], outputs=list(outputs), **of_spec)
        await self.orchestrator.until(
            lambda: len(told.log) > 0 or told.refused is not None or told.ended is not None, SLOW
        )
        return told

    def files(self, told: Told) -> RunFiles:
        return RunFiles.of(self.folder / "runs", told.assign)

    def token(self, told: Told) -> str:
        return str(json.loads((self.files(told).path / supervisor.LAUNCH).read_text())["token"])

    def keeper(self, told: Told) -> int:
        return int(json.loads((self.files(told).path / supervisor.SELF).read_text())["pid"])

    def signal_keeper(self, told: Told, number: int) -> None:
        os.kill(self.keeper(told), number)

    @property
    def log(self) -> str:
        return (self.folder / "worker.log").read_text()

    async def close(self) -> None:
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()
        for launch in self.folder.glob(f"runs/*/{supervisor.LAUNCH}"):
            token = json.loads(launch.read_text())["token"]
            processes.kill(lambda token=token: processes.marked(token))  # type: ignore[misc]
        await self.hang_up()


def spying(world: World, other: Told) -> str:
    """A script that tries to read what is the node's or another job's, and says what it could."""
    node, theirs = world.folder, world.files(other).path
    wanted = [
        node / "device.json",
        node / "node.json",
        node / "counter",
        theirs / "held.json",
        theirs / "launch.json",
        theirs / "log",
        theirs / "work" / "secret",
    ]
    reads = "".join(
        f'head -c 1 "{path}" 2> /tmp/no && echo "READ {path.name}"; ' for path in wanted
    )
    lists = "".join(
        f'ls "{path}" 2> /tmp/no && echo "LISTED {path.name}"; ' for path in (node, node / "runs")
    )
    return f"echo spying; {reads}{lists}echo tried"


async def until(condition: object, seconds: float = SLOW) -> None:
    """Look again and again, for what happens in other processes."""
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)
