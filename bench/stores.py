"""Where measurements store: SQLite in a folder, or PostgreSQL on a server of the measurement's own.
Both have every commit on disk before it is done."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from iog_orchestrator.adapters.postgres_seat import PostgresSeat
from iog_orchestrator.adapters.store import SqlStore
from tests import postgres_server
from tests.postgres_server import Server

DURABLE = ("fsync=on", "full_page_writes=on", "synchronous_commit=on")
"""PostgreSQL's own defaults, spelled out."""
CHOICES = ("sqlite", "postgres", "both")


def asked(choice: str) -> tuple[str, ...]:
    """The stores that an option `--store` names."""
    return CHOICES[:2] if choice == "both" else (choice,)


@contextmanager
def server_of(store: str, what: str) -> Iterator[Server | None]:
    """The server of a store, None for SQLite. Raises `LookupError`, having said so, without one."""
    if store == "sqlite":
        yield None
        return
    programs = postgres_server.programs()
    if programs is None:
        print(f"{what}, postgres: skipped, {postgres_server.MISSING}")
        raise LookupError(postgres_server.MISSING)
    with postgres_server.server(programs, DURABLE) as server:
        yield server


@asynccontextmanager
async def opened(
    folder: Path, facts: Mapping[str, str], url: str | None = None
) -> AsyncIterator[SqlStore]:
    """The store at `url`, led by this process, or the one in `folder`."""
    if url is None:
        store = await SqlStore.open(folder, facts)
        try:
            yield store
        finally:
            await store.close()
        return
    seat = PostgresSeat(url, facts, "http://bench.invalid")
    held = await seat.take()
    if held is None:
        raise RuntimeError("somebody else leads this database")
    keeping = asyncio.create_task(held.keep())
    try:
        yield SqlStore(held.database)
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        await held.database.close()
        await seat.close()
