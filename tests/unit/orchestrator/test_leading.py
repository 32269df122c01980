"""The life of an orchestrator: it stands by, leads and stands by again, over real seats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import asyncpg
import httpx
import pytest
from orchestrator_world import World

from iog_client.errors import Unreachable
from iog_client.testing import EmbeddedRpc
from iog_orchestrator.adapters import leading, postgres_seat
from iog_orchestrator.adapters.http.front import Front
from iog_orchestrator.adapters.http.serving import config_of
from iog_orchestrator.adapters.http.standby import Standby
from iog_orchestrator.adapters.leading import Terms
from iog_orchestrator.adapters.lease import Lease
from iog_orchestrator.adapters.postgres_seat import PostgresSeat
from iog_orchestrator.adapters.seats import FolderSeat, Held, Seat
from iog_orchestrator.adapters.service import Options, Parts, Server
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.domain.errors import ChainUnreachable, StoreLost, StoreRefused

PATIENCE = 60
"""Seconds in which something happens that takes a fraction of one."""
Failing = Callable[[], Coroutine[None, None, None]]


class Rpc(EmbeddedRpc):
    """A node of the chain that may be away."""

    is_away = False

    async def chain_time(self) -> int:
        if self.is_away:
            raise Unreachable("http://node", "it is away")
        return await super().chain_time()


class FailingParts(Parts):
    """Whose core has one more task, `failing`, if that is set."""

    failing: Failing | None = None

    def build(self, store: SqlStore, lease: Lease) -> tuple[Core, WorkerSockets]:
        core, sockets = super().build(store, lease)
        if self.failing is not None:
            core.tasks.start(self.failing(), "failing")
            self.failing = None
        return core, sockets


class Process:
    """An orchestrator on the world's chain; what it serves is asked for without a socket."""

    def __init__(self, world: World, folder: Path, seat: Seat) -> None:
        options = Options(folder / "network.json", folder, "", "127.0.0.1", 0)
        self.seat = seat
        self.rpc = Rpc(world.chain)
        self.parts = FailingParts(
            options, world.record, self.rpc, world.matcher, world.matcher, None
        )
        self.standby = Standby(lambda: seat.leader, lambda: seat.away, self.parts.instruments)
        self.front = Front(self.standby.application())
        self.server = Server(config_of(self.front))
        self.stop = asyncio.Event()
        self.serves = asyncio.Event()
        self.breaks = asyncio.Event()
        transport = httpx.ASGITransport(self.front)
        self.http = httpx.AsyncClient(base_url="http://it", transport=transport)

    def start(self) -> None:
        terms = Terms(self.seat, self.parts, self.front, self.server, self.stop)
        self.life = asyncio.create_task(terms.run(self._serve))

    async def _serve(self) -> None:
        self.serves.set()
        while not self.server.should_exit and not self.breaks.is_set():  # noqa: ASYNC110 - as uvicorn
            await asyncio.sleep(0.001)

    async def role(self) -> str:
        return str((await self.http.get("/v1/health")).json()["role"])

    async def until(self, role: str) -> None:
        """Wait until it serves in that role; raises what it ended with before."""
        async with asyncio.timeout(PATIENCE):
            while not self.serves.is_set() or await self.role() != role:
                if self.life.done():
                    pytest.fail(f"it ended: {self.life.exception()}")
                await asyncio.sleep(0.001)

    async def ended(self) -> None:
        """Wait for its end; raises what it failed with."""
        async with asyncio.timeout(PATIENCE):
            await self.life

    async def end(self) -> None:
        self.stop.set()
        await self.ended()

    async def close(self) -> None:
        self.stop.set()
        await asyncio.gather(self.life, return_exceptions=True)
        await self.http.aclose()
        await self.standby.close()
        await self.seat.close()


class Side:
    """Processes on one chain, side by side."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.facts = {"genesis_hash": world.record.genesis_hash, "mint": world.record.mint}
        self._started: list[Process] = []

    def alone(self) -> Process:
        """One whose database is in its folder."""
        return self._start(FolderSeat(self.folder, self.facts))

    def beside(self, url: str, name: str) -> Process:
        """One of several on a database."""
        return self._start(PostgresSeat(url, self.facts, f"http://{name}"))

    def _start(self, seat: Seat) -> Process:
        made = Process(self.world, self.folder, seat)
        self._started.append(made)
        made.start()
        return made

    async def close(self) -> None:
        for one in self._started:
            await one.close()


@pytest.fixture
async def side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Side]:
    for module, name in (
        (leading, "LOOK_EVERY"),
        (leading, "PAUSE"),
        (postgres_seat, "RENEW_EVERY"),
    ):
        monkeypatch.setattr(module, name, 0.01)
    world = World(tmp_path / "world")
    await world.create()
    made = Side(world, tmp_path / "shared")
    yield made
    await made.close()
    await world.close()


async def becomes(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0.001)


async def replace(url: str) -> None:
    """Have another lead, as after its holder was away for too long."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "UPDATE leader SET token = token + 1, url = 'http://other', expires_at = expires_at + 3600"
    )
    await connection.close()


async def test_one_that_is_alone_leads_and_gives_all_back_when_it_is_stopped(side: Side) -> None:
    first = side.alone()
    await first.until("leader")
    assert (await first.http.get("/v1/network")).status_code == 200
    await first.end()
    assert first.server.should_exit
    assert await first.role() == "standby"
    await side.alone().until("leader")


async def test_a_second_one_in_a_folder_ends_before_it_serves(side: Side) -> None:
    await side.alone().until("leader")
    second = side.alone()
    with pytest.raises(StoreRefused):
        await second.ended()
    assert not second.serves.is_set()


async def test_the_other_stands_by_and_leads_when_the_first_is_stopped(
    side: Side, migrated: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", leading.__name__)
    first = side.beside(migrated, "first")
    await first.until("leader")
    second = side.beside(migrated, "second")
    await second.until("standby")
    await first.end()
    await second.until("leader")
    said = [one.message for one in caplog.records if one.message.startswith("standing by")]
    assert said[0] == "standing by: http://first leads"
    assert said.count(said[0]) == 1
    tokens = [one.token for one in caplog.records if one.message == "leading"]  # type: ignore[attr-defined]
    assert tokens == [1, 2]


async def test_one_that_loses_the_lease_stands_by_and_goes_on_serving(
    side: Side, migrated: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = side.beside(migrated, "first")
    await first.until("leader")
    await replace(migrated)
    await first.until("standby")
    # it answers so before it says so
    await becomes(lambda: "the lease is lost" in caplog.messages)
    assert not first.server.should_exit
    await becomes(lambda: first.seat.leader is not None and first.seat.leader.url == "http://other")


async def test_one_that_is_stopped_while_it_stands_by_ends(side: Side, migrated: str) -> None:
    await side.beside(migrated, "first").until("leader")
    second = side.beside(migrated, "second")
    await second.until("standby")
    await second.end()
    assert second.server.should_exit


async def test_a_database_that_is_away_at_the_start_ends_it(side: Side) -> None:
    process = side.beside("postgresql://iog@/a?host=/nowhere", "first")
    with pytest.raises(StoreLost, match="the database a on /nowhere is not reachable"):
        await process.ended()
    assert not process.serves.is_set()


async def test_a_standby_waits_for_a_database_that_goes_away(
    side: Side, migrated: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", leading.__name__)
    first = side.beside(migrated, "first")
    await first.until("leader")
    second = side.beside(migrated, "second")
    await second.until("standby")
    take, away = (
        second.seat.take,
        [StoreLost("it is away"), TimeoutError(), StoreLost("it is away")],
    )

    async def taking() -> Held | None:
        if away:
            raise away.pop()
        return await take()

    monkeypatch.setattr(second.seat, "take", taking)
    await first.end()
    await second.until("leader")
    said = [one.message for one in caplog.records if one.message.startswith("standing by")]
    assert said[1:4] == [
        "standing by: it is away",
        "standing by: the database does not answer",
        "standing by: it is away",
    ]


async def test_one_that_cannot_lead_at_its_start_ends(side: Side, migrated: str) -> None:
    process = side.beside(migrated, "first")
    process.rpc.is_away = True
    with pytest.raises(ChainUnreachable):
        await process.ended()


async def test_a_standby_that_cannot_lead_leaves_it_to_others_and_tries_again(
    side: Side, migrated: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = side.beside(migrated, "first")
    await first.until("leader")
    second = side.beside(migrated, "second")
    await second.until("standby")
    second.rpc.is_away = True
    await first.end()
    await becomes(lambda: any(one.startswith("cannot lead: ") for one in caplog.messages))
    assert await second.role() == "standby"
    third = side.beside(migrated, "third")
    await third.until("leader")
    await third.end()
    second.rpc.is_away = False
    await second.until("leader")


async def test_what_a_task_of_the_core_fails_with_ends_it(side: Side, migrated: str) -> None:
    async def broken() -> None:
        raise RuntimeError("a defect")

    process = side.beside(migrated, "first")
    process.parts.failing = broken
    with pytest.raises(RuntimeError, match="a defect"):
        await process.ended()
    assert process.server.should_exit


async def test_a_database_lost_by_a_task_ends_only_the_term(side: Side, migrated: str) -> None:
    lost = asyncio.Event()

    async def broken() -> None:
        await lost.wait()
        raise StoreLost("it is away")

    process = side.beside(migrated, "first")
    process.parts.failing = broken
    await process.until("leader")
    registry = process.parts.instruments.registry
    lost.set()
    await becomes(lambda: registry.get_sample_value("iog_takeovers_total") == 2)
    await process.until("leader")


async def test_it_ends_when_nothing_serves_any_more(side: Side, migrated: str) -> None:
    process = side.beside(migrated, "first")
    await process.until("leader")
    process.breaks.set()
    await process.ended()
    assert process.stop.is_set()
