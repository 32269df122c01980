"""A PostgreSQL database: connections to it, and what keeps it from being used.

The URL is read by asyncpg as by libpq, `sslmode`, password file and environment included. Neither
the URL nor its password is ever logged or shown: messages name the database by `shown`.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from iog_orchestrator.adapters import dialects
from iog_orchestrator.domain.errors import StoreForbidden, StoreLost, StoreMisnamed, StoreRefused

SCHEMES = ("postgresql", "postgres")
CONNECT_SECONDS = 3.0
COMMAND_SECONDS = 60.0
CLOSE_SECONDS = 2.0
SETTINGS = {
    # whatever the server's own setting is: what was committed survives a power cut
    "synchronous_commit": "on",
    # a process that froze within a transaction holds up nobody for longer
    "idle_in_transaction_session_timeout": "4000",
}
AWAY = ("08", "25P03", "53", "57")
"""SQLSTATE classes of a server that is away, full or ending: what is asked may work later."""
FORBIDDEN = ("28",)
"""SQLSTATE classes of a server that does not let this user in."""


def is_url(url: str) -> bool:
    """Whether this is the form of a URL of such a database."""
    return url.partition("://")[0] in SCHEMES


def shown(url: str) -> str:
    """The database in words, without what must not be shown."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or parse_qs(parts.query).get("host", [""])[0]
    name = parts.path.strip("/") or "of the user's name"
    return f"the database {name} on {host or 'this machine'}"


def engine_of(url: str, name: str = "iog orchestrator") -> AsyncEngine:
    """Connections to the database, none of them open yet; the server knows them by `name`."""

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings={**SETTINGS, "application_name": name},
        )

    # the driver's own reading of the URL; SQLAlchemy, which prints its URLs, does not get to see it
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, json_serializer=dialects.to_json
    )


async def dispose(engine: AsyncEngine) -> None:
    """Close its connections, or let go of them when the server does not answer."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await engine.dispose()
    except TimeoutError:
        await engine.dispose(close=False)


@contextmanager
def refusals(url: str) -> Iterator[None]:
    """Have what keeps a database from being opened raised in one line: as `StoreLost` when it may
    work later, else as `StoreRefused` or one of its kinds."""
    try:
        with losses(url):
            yield
    except (asyncpg.InterfaceError, ValueError) as error:
        raise StoreMisnamed from error


@contextmanager
def losses(url: str) -> Iterator[None]:
    """The same for one that was opened."""
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _of_state(url, str(error), error.sqlstate) from error
    except TimeoutError as error:
        raise StoreLost(f"{shown(url)} does not answer") from error
    except OSError as error:
        raise StoreLost(f"{shown(url)} is not reachable: {_why(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreLost(f"{shown(url)} has ended the connection") from error
        raise _of_state(url, str(error.orig), getattr(error.orig, "sqlstate", None)) from error
    except SQLAlchemyError as error:
        raise StoreLost(f"{shown(url)} is not usable: {type(error).__name__}") from error


def _why(error: OSError) -> str:
    said = error.strerror or str(error)
    if "rejected SSL upgrade" in said:
        return "the server has no TLS, and the URL's sslmode asks for it"
    return " ".join(said.split()) or "no connection"


def _of_state(url: str, text: str, state: str | None) -> StoreRefused:
    if state is not None and state.startswith(FORBIDDEN):
        return StoreForbidden(f"{shown(url)} refuses the user or the password")
    kind = StoreLost if state is None or state.startswith(AWAY) else StoreRefused
    return kind(f"{shown(url)} is not usable: {text.splitlines()[0]}")
