"""An orchestrator on PostgreSQL, and the server killed under it; durable writes on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chaos.databases import Database
from tests.chaos.test_disks import revive
from tests.chaos.test_kills import killed
from tests.chaos.world import World

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long]


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
