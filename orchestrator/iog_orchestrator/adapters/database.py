"""The database under the store: opening, migrating, and leading it alone.

Two fences keep a second writer out. An OS lock on the folder refuses a second process on this
machine at once. The lease row carries a token that rises with every opening; each write transaction
begins by touching the row under its own token, so a process that was replaced changes nothing any
more.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from filelock import FileLock, Timeout
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from iog_orchestrator.adapters import schema
from iog_orchestrator.domain.errors import LeaseLost, StoreRefused

FILE = "orchestrator.sqlite3"
LOCK = "lock"


class Database:
    """A SQLite database in a folder, led by this process."""

    def __init__(self, engine: AsyncEngine, lock: FileLock | None, token: int) -> None:
        self._engine = engine
        self._lock = lock
        self._token = token
        self._writing = asyncio.Lock()

    @classmethod
    async def open(cls, folder: Path, facts: Mapping[str, str]) -> Self:
        """Open, migrate and take the lease. `facts` name the chain this database is of.

        Raises:
            StoreRefused: another process has it, it is of another chain, or it cannot be read.
        """
        lock = _lock(folder)
        try:
            await asyncio.to_thread(migrate, folder / FILE)
            engine = create_async_engine(f"sqlite+aiosqlite:///{folder / FILE}")
            sa.event.listen(engine.sync_engine, "connect", _pragmas)
            try:
                async with engine.begin() as connection:
                    await _same_chain(connection, facts, folder)
                    token = await _take_lease(connection)
            except BaseException:
                await engine.dispose()
                raise
        except DatabaseError as error:
            lock.release()
            raise StoreRefused(f"{folder / FILE} is not usable: {error.orig}") from error
        except BaseException:
            lock.release()
            raise
        return cls(engine, lock, token)

    @property
    def token(self) -> int:
        """The fencing token of this opening."""
        return self._token

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading."""
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for writing, committed at the end. Raises `LeaseLost`, having changed
        nothing."""
        async with self._writing, self._engine.begin() as connection:
            touched = await connection.execute(
                sa.update(schema.lease)
                .where(schema.lease.c.id == 1, schema.lease.c.token == self._token)
                .values(written_at=time.time())
            )
            if touched.rowcount != 1:
                raise LeaseLost
            yield connection

    async def close(self) -> None:
        """Let the last write finish, then give the folder back."""
        async with self._writing:
            await self._engine.dispose()
        if self._lock is not None:
            self._lock.release()


def migrate(path: Path) -> None:
    """Bring the file's schema up to this version. Raises `StoreRefused` for one of a later
    version."""
    config = Config()
    config.set_main_option("script_location", "iog_orchestrator.adapters:migrations")
    engine = sa.create_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StoreRefused(f"{path} was written by another version: {error}") from error
    finally:
        engine.dispose()


def _lock(folder: Path) -> FileLock:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, blocking=False)
        lock.acquire()
    except Timeout as error:
        raise StoreRefused(f"{folder} is in use by another orchestrator") from error
    except OSError as error:
        raise StoreRefused(f"{folder} cannot be used: {error.strerror}") from error
    return lock


def _pragmas(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    # WAL: readers never wait for the writer. FULL: what was committed survives a power cut.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()


async def _same_chain(connection: AsyncConnection, facts: Mapping[str, str], folder: Path) -> None:
    rows = await connection.execute(sa.select(schema.facts.c.name, schema.facts.c.value))
    known = {str(name): str(value) for name, value in rows}
    for name, value in facts.items():
        if name not in known:
            await connection.execute(sa.insert(schema.facts).values(name=name, value=value))
        elif known[name] != value:
            raise StoreRefused(
                f"{folder} belongs to another chain: its {name.replace('_', ' ')} is "
                f"{known[name]}, the network's is {value}"
            )


async def _take_lease(connection: AsyncConnection) -> int:
    held = (await connection.execute(sa.select(schema.lease.c.token))).scalar_one_or_none()
    token = (held or 0) + 1
    row = {"holder": secrets.token_hex(8), "token": token, "written_at": time.time()}
    if held is None:
        await connection.execute(sa.insert(schema.lease).values(id=1, **row))
    else:
        await connection.execute(sa.update(schema.lease).values(**row))
    return token
