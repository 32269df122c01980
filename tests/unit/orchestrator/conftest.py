"""Fixtures of the orchestrator's tests. `orchestrator_world.py` lies beside this file."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import httpx
from orchestrator_api import URL, api_of
from orchestrator_socket import End
from orchestrator_world import Worker, World

from iog_client.api import OrchestratorApi
from iog_orchestrator.adapters import migrating, postgres
from iog_orchestrator.adapters.http.app import application
from iog_orchestrator.adapters.keys import KeypairSigner
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from tests import postgres_server

MIGRATED = "iog_migrated"


@pytest.fixture(scope="session")
def server() -> Iterator[postgres_server.Server]:
    """A PostgreSQL server of these tests' own."""
    with postgres_server.server(postgres_server.required()) as running:
        yield running


@pytest.fixture
async def empty(server: postgres_server.Server) -> AsyncIterator[str]:
    """The URL of a PostgreSQL database without a table."""
    async with server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest) -> str | None:
    """Either store: the URL of a PostgreSQL database of this version, or None for SQLite."""
    if request.param == "sqlite":
        return None
    return await _migrated(request.getfixturevalue("server"))


@pytest.fixture
async def migrated(server: postgres_server.Server) -> str:
    """The URL of a PostgreSQL database of this version, with nothing in its tables."""
    return await _migrated(server)


async def _migrated(server: postgres_server.Server) -> str:
    await server.once(MIGRATED, _migrate)
    return await server.emptied(MIGRATED)


async def _migrate(url: str) -> None:
    engine = postgres.engine_of(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrating.upgrade, "the database")
    await engine.dispose()


@pytest.fixture
async def world(tmp_path: Path, database: str | None) -> AsyncIterator[World]:
    """A network with an orchestrator and no nodes, on either store."""
    made = World(tmp_path, database)
    await made.create()
    yield made
    await made.close()


@pytest.fixture
async def worker(world: World) -> Worker:
    """A node of eight GPUs, connected."""
    made = await world.node()
    await made.connect()
    return made


@pytest.fixture
async def transport(world: World) -> httpx.ASGITransport:
    return httpx.ASGITransport(application(world.core, WorkerSockets(KeypairSigner(world.matcher))))


@pytest.fixture
async def http(transport: httpx.ASGITransport) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=URL, transport=transport) as client:
        yield client


@pytest.fixture
async def api(world: World, transport: httpx.ASGITransport) -> AsyncIterator[OrchestratorApi]:
    async with api_of(world, transport, world.client) as client:
        yield client


@pytest.fixture
async def stranger(world: World, transport: httpx.ASGITransport) -> AsyncIterator[OrchestratorApi]:
    async with api_of(world, transport, world.owner) as client:
        yield client


@pytest.fixture
async def node(world: World) -> Worker:
    """A registered node that is not connected."""
    return await world.node()


@pytest.fixture
async def end(world: World) -> AsyncIterator[End]:
    """The server's handler of connections."""
    made = End(world)
    yield made
    await made.end()
