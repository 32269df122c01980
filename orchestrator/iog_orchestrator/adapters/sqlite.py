"""A SQLite database in a folder, for an orchestrator that runs alone.

An OS lock on the folder refuses a second process on this machine at once.
"""

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from iog_orchestrator.adapters import migrating, schema
from iog_orchestrator.adapters.database import Database, looked_at, same_chain
from iog_orchestrator.adapters.folder_lock import lock_alone
from iog_orchestrator.adapters.lease import Lease
from iog_orchestrator.domain.errors import StoreGone, StoreRefused

FILE = "orchestrator.sqlite3"


async def open_folder(folder: Path, facts: Mapping[str, str]) -> Database:
    """Open, migrate and take the lease. `facts` name the chain this database is of.

    Raises:
        StoreRefused: another process has it, it is of another chain, or it cannot be read.
    """
    lock = lock_alone(folder)
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder / FILE}")
    sa.event.listen(engine.sync_engine, "connect", _pragmas)
    try:
        lease = Lease(await _take(engine, folder, facts))
    except BaseException as error:
        await engine.dispose()
        lock.release()
        if isinstance(error, DatabaseError):
            raise StoreRefused(f"{folder / FILE} is not usable: {error.orig}") from error
        raise

    place = folder / FILE
    opened = _identity(place)

    async def hold(connection: AsyncConnection) -> bool:
        # SQLite goes on in a file that has lost its name, and all of it would be gone at the end
        if _identity(place) != opened:
            raise StoreGone(f"{place} was removed or replaced while it was in use")
        touched = await connection.execute(
            sa.update(schema.lease)
            .where(schema.lease.c.id == 1, schema.lease.c.token == lease.token)
            .values(written_at=time.time())
        )
        return bool(touched.rowcount == 1)

    async def give_back() -> None:
        lease.end()
        await engine.dispose()
        lock.release()

    return Database(engine, lease, hold, give_back)


async def state(folder: Path, facts: Mapping[str, str]) -> str:
    """What there is to say of the database of a folder; changes nothing. Raises `StoreRefused`."""
    place = folder / FILE
    if not place.exists():
        return "not made yet"
    # one that is in use has its log beside it; for one that is not, none is to be made
    how = "mode=ro" if place.with_name(f"{FILE}-wal").exists() else "immutable=1"
    engine = create_async_engine(f"sqlite+aiosqlite:///file:{quote(str(place))}?{how}&uri=true")
    try:
        async with engine.connect() as connection:
            await looked_at(connection, facts, str(place))
    except DatabaseError as error:
        raise StoreRefused(f"{place} is not usable: {error.orig}") from error
    finally:
        await engine.dispose()
    return f"{FILE}, of this chain and no later version"


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one of its name; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _pragmas(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    # WAL: readers never wait for the writer. FULL: what was committed survives a power cut.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()


async def _take(engine: AsyncEngine, folder: Path, facts: Mapping[str, str]) -> int:
    async with engine.begin() as connection:
        await connection.run_sync(migrating.upgrade, str(folder / FILE))
        await same_chain(connection, facts, str(folder))
        held = (await connection.execute(sa.select(schema.lease.c.token))).scalar_one_or_none()
        token = (held or 0) + 1
        row = {"holder": secrets.token_hex(8), "token": token, "written_at": time.time()}
        if held is None:
            await connection.execute(sa.insert(schema.lease).values(id=1, **row))
        else:
            await connection.execute(sa.update(schema.lease).values(**row))
    return token
