"""The orchestrator's database: killed while it writes, another's put in its place, deleted."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.chaos.faults import short
from tests.chaos.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
SWAPS = {
    "of another chain": ("UPDATE facts SET value = 'other' WHERE name = 'genesis_hash'",
                         "belongs to another chain: its genesis hash is other"),
    "of a later version": ("UPDATE alembic_version SET version_num = 'm9999'",
                           "was written by another version"),
}  # fmt: skip


def database(world: World) -> Path:
    return world.folder / "orchestrator" / "orchestrator.sqlite3"


@contextmanager
def swapped(path: Path, change: str) -> Iterator[None]:
    """Another database lies there in the body."""
    kept = path.with_suffix(".kept")
    shutil.copy(path, kept)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    try:
        yield
    finally:
        for log in path.parent.glob(f"{path.name}-*"):
            log.unlink()
        kept.replace(path)


@pytest.mark.parametrize("what", short(SWAPS, "of another chain"))
async def test_a_database(world: World, chance: random.Random, what: str, number: int) -> None:
    change, expected = SWAPS[what]
    async with world.ordeal(f"a database {what}", chance):
        await world.processes.stop("orchestrator")
        with swapped(database(world), change):
            code, said = await world.refused_orchestrator()
        assert (code, expected in said, said.count("\n")) == (1, True, 1), said
        await world.restart("orchestrator")


@pytest.mark.long
async def test_no_database(world: World, chance: random.Random, number: int) -> None:
    """Text where it should be: refused, and left as it is."""
    async with world.ordeal("a file that is no database", chance):
        await world.processes.stop("orchestrator")
        path = database(world)
        kept = path.rename(path.with_suffix(".kept"))
        path.write_text("hello " * 1000)
        code, said = await world.refused_orchestrator()
        assert (code, "is not a database" in said, said.count("\n")) == (1, True, 1), said
        assert path.read_text().startswith("hello hello")
        kept.replace(path)
        await world.restart("orchestrator")


@pytest.mark.long
async def test_killed_while_it_writes(world: World, chance: random.Random, number: int) -> None:
    async with world.ordeal("kill -9 while the database is written", chance):
        for _ in range(3):
            await written(database(world).with_name("orchestrator.sqlite3-wal"))
            await world.processes.kill("orchestrator")
            await world.restart("orchestrator")


async def written(log: Path) -> None:
    """Return at the moment in which something is added to the write-ahead log."""
    before = log.stat().st_mtime_ns
    async with asyncio.timeout(30):
        while log.stat().st_mtime_ns == before:
            await asyncio.sleep(0)


async def test_deleted_while_it_runs(world: World, chance: random.Random, number: int) -> None:
    """A job that waits for a node at that moment would wait in vain: its file went too."""
    async with world.ordeal("a database deleted while it is used", chance):
        await none_waits(world)
        for path in database(world).parent.glob(f"{database(world).name}*"):
            path.unlink()
        assert await world.processes.ended("orchestrator") == 1
        log = (world.processes.logs / "orchestrator.log").read_text()
        assert log.endswith(
            f"error: {database(world)} was removed or replaced while it was in use\n"
        )
        await world.restart("orchestrator")


async def none_waits(world: World) -> None:
    """Return at a moment in which every job has started."""
    async with asyncio.timeout(60):
        while any(not job.started_at for job in (await world.jobs()).values()):
            await asyncio.sleep(0.01)
