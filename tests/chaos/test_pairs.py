"""Two orchestrators on one database: the leader killed, frozen and stopped, both killed, and the
database killed under both.

A network of two needs neither of them in particular: the time to recover counts from the blow, and
what was ended is started once jobs go through again.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from functools import partial
from pathlib import Path
from typing import cast

import asyncpg
import pytest

from tests.chaos.databases import Database
from tests.chaos.pair import NAMES, Pair, other
from tests.chaos.report import Report
from tests.chaos.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
OTHERS_OUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def unopened(place: Path, report: Report, database: Database) -> Pair:
    """Two orchestrators, of which nothing runs yet."""
    return Pair(place, report, database.url)


@pytest.fixture
def pair(world: World) -> Pair:
    """The two, with all that belongs to them."""
    return cast(Pair, world)


@pytest.mark.long
async def test_a_killed_leader(pair: Pair, chance: random.Random, number: int) -> None:
    leader = await pair.leader()
    back = partial(pair.stands_by, leader)
    async with pair.ordeal("kill -9 of the leader of two orchestrators", chance, back):
        await asyncio.sleep(chance.uniform(0, 3))
        pair.over()
        await pair.processes.kill(leader)


async def test_a_frozen_leader_stands_by_when_it_wakes(
    pair: Pair, chance: random.Random, number: int
) -> None:
    leader = await pair.leader()
    process = pair.processes.of(leader).process.pid

    async def wakes() -> None:
        await pair.until(other(leader), "leader")
        pair.processes.thaw(leader)
        await pair.until(leader, "standby")
        assert await pair.role(other(leader)) == "leader"
        assert pair.processes.of(leader).process.pid == process

    async with pair.ordeal("SIGSTOP of the leader of two orchestrators", chance, wakes):
        await asyncio.sleep(chance.uniform(0, 3))
        pair.over()
        pair.processes.freeze(leader)


@pytest.mark.long
async def test_a_leader_that_is_stopped_hands_over(
    pair: Pair, chance: random.Random, number: int
) -> None:
    leader = await pair.leader()
    back = partial(pair.stands_by, leader)
    async with pair.ordeal("SIGTERM of the leader of two orchestrators", chance, back):
        await asyncio.sleep(chance.uniform(0, 3))
        pair.over()
        os.kill(pair.processes.of(leader).process.pid, signal.SIGTERM)
        assert await pair.processes.ended(leader) == 0


@pytest.mark.long
async def test_both_are_killed(pair: Pair, chance: random.Random, number: int) -> None:
    async with pair.ordeal("kill -9 of both orchestrators", chance):
        await asyncio.sleep(chance.uniform(0, 3))
        await pair.processes.kill(*NAMES)
        await asyncio.sleep(chance.uniform(0, 2))
        await pair.restart("orchestrator")


@pytest.mark.long
async def test_the_server_is_killed(
    pair: Pair, database: Database, chance: random.Random, number: int
) -> None:
    async with pair.ordeal("kill -9 of PostgreSQL under two orchestrators", chance):
        await asyncio.sleep(chance.uniform(0, 3))
        database.kill()
        await asyncio.sleep(chance.uniform(1, 4))
        await database.start()


@pytest.mark.long
async def test_a_server_that_ends_all_connections(
    pair: Pair, database: Database, chance: random.Random, number: int
) -> None:
    async with pair.ordeal("the connections of two orchestrators ended by PostgreSQL", chance):
        await asyncio.sleep(chance.uniform(0, 3))
        connection = await asyncpg.connect(database.url)
        await connection.execute(OTHERS_OUT)
        await connection.close()
