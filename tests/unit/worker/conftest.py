"""A worker with everything outside it replaced: clock, connection, file store, orchestrator."""

import asyncio
import contextlib
import random
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from solders.keypair import Keypair

from iog_client import addresses, wallets
from iog_client.endpoints import Endpoints
from iog_client.errors import IogError, Unreachable
from iog_client.protocol import Hardware, Refuse
from iog_worker import confinement, hierarchies, processes
from iog_worker.agent import Agent, Options, Outside
from iog_worker.confinement import Confinement
from iog_worker.fake_orchestrator import GENESIS, FakeOrchestrator
from iog_worker.folder import NodeFacts, NodeFolder
from iog_worker.hierarchies import Tree
from iog_worker.link import Wire
from iog_worker.probe import Simulated, detect
from iog_worker.speed import Meter
from iog_worker.testing import FakeClock, MemoryWire

from .keeping import Keep, groups_in


async def _stand_by(wire: MemoryWire) -> None:
    """An orchestrator that does not lead."""
    await wire.receive()
    await wire.send(Refuse(code="standby", reason="another one leads").to_json())


@dataclass
class Bench:
    """A node's folder and the orchestrator it belongs to; `start` runs a worker on them."""

    orchestrator: FakeOrchestrator
    folder: NodeFolder
    facts: NodeFacts
    device: Keypair
    hardware: Hardware
    clock: FakeClock
    options: Options
    confinement: Confinement

    async def connect(self, url: str) -> Wire:
        self.tried.append(url)
        if url in self.dead:
            raise Unreachable(url, "connection refused")
        near, far = MemoryWire.pair()
        serve = _stand_by if url in self.standbys else self.orchestrator.serve
        self.servers.append(asyncio.create_task(serve(far)))
        return near

    def __post_init__(self) -> None:
        self.servers: list[asyncio.Task[None]] = []
        self.workers: list[tuple[asyncio.Task[None], asyncio.Event]] = []
        self.meter: Meter | None = None
        self.tried: list[str] = []
        self.dead: set[str] = set()
        self.standbys: set[str] = set()
        self.spread: Callable[[float, float], float] = random.uniform

    def agent(self, folder: NodeFolder | None = None, **options: object) -> Agent:
        """A worker that does not run yet."""
        return Agent(
            folder or self.folder,
            self.facts,
            self.device,
            self.hardware,
            self.confinement,
            Outside(
                self.clock,
                self.orchestrator.blobs,
                Endpoints(self.facts.orchestrator_url),
                self.connect,
                self.spread,
                self.meter,
            ),
            replace(self.options, **options),
        )

    def copy(self) -> Agent:
        """Another worker on a copy of the folder, with the same device key."""
        path = self.folder.path.with_name("copy")
        shutil.copytree(self.folder.path, path, symlinks=True)
        return self.agent(NodeFolder(path))

    async def start(self, **options: object) -> None:
        """Run a worker; it has connected when this returns."""
        before = self.orchestrator.connections
        stop = asyncio.Event()
        self.workers.append((asyncio.create_task(self.agent(**options).run(stop)), stop))
        await self.orchestrator.until(lambda: self.orchestrator.connections > before)

    async def stop(self) -> None:
        """Stop the newest worker in good order."""
        task, event = self.workers[-1]
        event.set()
        await task

    async def kill(self) -> None:
        """Have the newest worker vanish, as far as that goes inside one process."""
        task, _ = self.workers[-1]
        await self.orchestrator.disconnect()
        others = asyncio.all_tasks() - {asyncio.current_task(), *self.servers}
        for one in [task, *(one for one in others if "run " in one.get_name())]:
            one.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await one

    async def end(self) -> None:
        for task, event in self.workers:
            event.set()
            with contextlib.suppress(asyncio.CancelledError, IogError):
                await task
        for server in self.servers:
            server.cancel()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    folder = NodeFolder(tmp_path / "node")
    folder.make()
    device = wallets.create(folder.device)
    orchestrator = FakeOrchestrator(device.pubkey())
    facts = NodeFacts(
        orchestrator_url="http://orchestrator.invalid",
        orchestrator=str(orchestrator.key.pubkey()),
        genesis_hash=str(GENESIS),
        programs={name: str(key) for name, key in addresses.PROGRAMS.items()},
        device=str(device.pubkey()),
        gpu_class="h100-pcie",
        gpus=2,
        simulated="2xh100-pcie",
    )
    made = Bench(
        orchestrator,
        folder,
        facts,
        device,
        detect(Simulated("2xh100-pcie", str(device.pubkey()))),
        FakeClock(),
        Options(allow_unconfined=True, lease_seconds=30, stop_seconds=5),
        Confinement(interpreter=confinement.Interpreter("/usr/bin/python3")),
    )
    yield made
    await made.end()


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Keep]:
    made = Keep(tmp_path)
    yield made
    if made.process is not None:
        made.process.kill()
        made.process.wait()
    processes.kill(made.left)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    """Where control groups of the kernel can be made; none of them is left after the test."""
    found, complaints = hierarchies.find(tmp_path)
    if found is None:
        pytest.skip(f"no control groups here: {'; '.join(complaints)}")
    yield found
    left = groups_in(found)
    found.sweep([])
    assert left == []
