"""A PostgreSQL database.

The URL is read by asyncpg as by libpq, `sslmode`, password file and environment included. Neither
the URL nor its password is ever logged or shown: messages name the database by `shown`.
"""

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from iog_orchestrator.adapters import dialects, migrating, schema
from iog_orchestrator.adapters.database import Database, same_chain
from iog_orchestrator.domain.errors import StoreRefused

SCHEMES = ("postgresql", "postgres")
CONNECT_SECONDS = 5.0
MIGRATING = 0x494F47
"""Number of the advisory lock under which one process migrates at a time."""


def is_url(url: str) -> bool:
    """Whether this is the form of a URL of such a database."""
    return url.partition("://")[0] in SCHEMES


def shown(url: str) -> str:
    """The database in words, without what must not be shown."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or parse_qs(parts.query).get("host", [""])[0]
    name = parts.path.strip("/") or "of the user's name"
    return f"the database {name} on {host or 'this machine'}"


def engine_of(url: str) -> AsyncEngine:
    """Connections to the database, none of them open yet."""

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS)

    # the driver's own reading of the URL; SQLAlchemy, which prints its URLs, does not get to see it
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, json_serializer=dialects.to_json
    )


@contextmanager
def refusals(url: str) -> Iterator[None]:
    """Have what keeps a database from being used raised as a `StoreRefused` of one line."""
    try:
        yield
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise StoreRefused(f"{shown(url)} refuses the user or the password") from error
    except asyncpg.PostgresError as error:
        raise StoreRefused(f"{shown(url)} is not usable: {error}") from error
    except TimeoutError as error:
        raise StoreRefused(f"{shown(url)} does not answer") from error
    except OSError as error:
        why = error.strerror or "no connection"
        raise StoreRefused(f"{shown(url)} is not reachable: {why}") from error
    except (asyncpg.InterfaceError, ValueError) as error:
        raise StoreRefused("the URL of the database is not understood") from error
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", error)).splitlines()[0]
        raise StoreRefused(f"{shown(url)} is not usable: {cause}") from error


async def open_url(url: str, facts: Mapping[str, str]) -> Database:
    """Open, migrate and take the lease. `facts` name the chain this database is of.

    Raises:
        StoreRefused: it cannot be reached or read, or is of another chain or a later version.
    """
    engine = engine_of(url)
    try:
        with refusals(url):
            token = await _take(engine, url, facts)
    except BaseException:
        await engine.dispose()
        raise

    async def hold(connection: AsyncConnection) -> bool:
        # shared: who wants to take the lease waits until this transaction is over
        held = sa.select(schema.lease.c.token).where(schema.lease.c.token == token)
        return (await connection.execute(held.with_for_update(read=True))).first() is not None

    return Database(engine, token, hold, engine.dispose)


async def _take(engine: AsyncEngine, url: str, facts: Mapping[str, str]) -> int:
    async with engine.begin() as connection:
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
        await connection.run_sync(migrating.upgrade, shown(url))
        await same_chain(connection, facts, shown(url))
        row = {"holder": secrets.token_hex(8), "written_at": time.time()}
        lease = dialects.insert(engine.dialect, schema.lease).values(id=1, token=1, **row)
        taken = lease.on_conflict_do_update(
            index_elements=["id"], set_={"token": schema.lease.c.token + 1, **row}
        )
        return int((await connection.execute(taken.returning(schema.lease.c.token))).scalar_one())


async def state(url: str) -> str:
    """What there is to say of the database; changes nothing. Raises `StoreRefused`."""
    engine = engine_of(url)
    try:
        with refusals(url):
            async with engine.connect() as connection:
                await connection.run_sync(migrating.require_known, shown(url))
                version = (await connection.execute(sa.text("SHOW server_version"))).scalar_one()
        return f"{shown(url)}, PostgreSQL {version}"
    finally:
        await engine.dispose()
