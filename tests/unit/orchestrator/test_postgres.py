"""PostgreSQL: what a database is refused for, and its lease."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from orchestrator_store import open_store

from iog_client.demo.processes import free_port
from iog_client.errors import IogError, NotAllowed, Refused, Unreachable, UsageError
from iog_orchestrator.adapters import postgres, schema
from iog_orchestrator.adapters.outcomes import told
from iog_orchestrator.domain.errors import StoreLost, StoreRefused
from tests import postgres_server
from tests.postgres_server import FAST, Server

FACTS = {"genesis_hash": "genesis", "mint": "mint"}


@pytest.fixture
async def linguistic(server: Server) -> AsyncIterator[str]:
    """A database whose own order of letters is that of a language."""
    async with server.database("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'") as url:
        yield url


async def test_migrations_bring_an_empty_database_to_the_tables_of_this_version(
    empty: str, tmp_path: Path
) -> None:
    for _ in range(2):
        await (await open_store(tmp_path, FACTS, empty)).close()
    engine = postgres.engine_of(empty)
    async with engine.connect() as connection:
        found = await connection.run_sync(_columns)
    await engine.dispose()
    for table in schema.metadata.sorted_tables:
        assert found[table.name] == {column.name for column in table.columns}


async def test_the_order_of_letters_is_that_of_bytes_whatever_the_database_is(
    linguistic: str, tmp_path: Path
) -> None:
    store = await open_store(tmp_path, FACTS, linguistic)
    for name in ("b", "a", "B", "1"):
        await store.put_simulated(name, True)
    await store.close()
    connection = await asyncpg.connect(linguistic)
    rows = await connection.fetch("SELECT device FROM devices ORDER BY device")
    await connection.close()
    assert [row["device"] for row in rows] == ["1", "B", "a", "b"]


async def test_a_schema_of_a_later_version_is_refused(empty: str, tmp_path: Path) -> None:
    await (await open_store(tmp_path, FACTS, empty)).close()
    connection = await asyncpg.connect(empty)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(StoreRefused, match="another version: its schema is 9999, the newest known"):
        await open_store(tmp_path, FACTS, empty)


@pytest.mark.parametrize(
    ("url", "kind", "why"),
    [
        (
            "postgresql://iog:secret@/none?host={folder}",
            Refused,
            "the database none on {folder} is not usable",
        ),
        (
            "postgresql://iog:secret@/a?host=/nowhere",
            Unreachable,
            "the database a on /nowhere is not reachable",
        ),
        (
            "postgresql://iog:secret@/a?host={folder}&port=x",
            UsageError,
            "--database: the URL of the database is not understood",
        ),
        (
            "postgresql://iog:secret@/a?host={folder}&sslmode=x",
            UsageError,
            "--database: the URL of the database is not understood",
        ),
        (
            "postgresql://other:secret@/postgres?host={folder}",
            NotAllowed,
            "the database postgres on {folder} refuses the user or the password",
        ),
    ],
)
async def test_a_database_that_cannot_be_used_is_refused_without_its_password(
    server: Server, tmp_path: Path, url: str, kind: type[IogError], why: str
) -> None:
    with pytest.raises(StoreRefused) as refused:
        await open_store(tmp_path, FACTS, url.format(folder=server.folder))
    error = told(refused.value)
    assert (isinstance(error, kind), error.exit_code) == (True, kind.exit_code)
    assert error.message.startswith(why.format(folder=server.folder))
    assert "secret" not in f"{error.message} {error.facts()}"
    assert "\n" not in error.message


async def test_a_wrong_password_is_told_as_such_and_the_right_one_lets_in(
    server: Server, tmp_path: Path
) -> None:
    url = await server.guarded("secret")
    for asked in (url, url.replace("guarded@", "guarded:wrong-secret@")):
        with pytest.raises(StoreRefused) as refused:
            await open_store(tmp_path, FACTS, asked)
        error = told(refused.value)
        assert isinstance(error, NotAllowed)
        assert error.message == (
            f"the database postgres on {server.folder} refuses the user or the password"
        )
    connection = await asyncpg.connect(url.replace("guarded@", "guarded:secret@"))
    assert await connection.fetchval("SELECT current_user") == "guarded"
    await connection.close()


async def test_a_server_without_tls_that_the_url_asks_for_is_named_as_such(tmp_path: Path) -> None:
    port = free_port()
    settings = (*FAST, "listen_addresses=127.0.0.1", f"port={port}")
    with postgres_server.server(postgres_server.required(), settings):
        url = f"postgresql://iog@127.0.0.1:{port}/postgres?sslmode=require"
        with pytest.raises(StoreLost) as lost:
            await open_store(tmp_path, FACTS, url)
    assert str(lost.value) == (
        f"the database postgres on 127.0.0.1:{port} is not reachable: "
        "the server has no TLS, and the URL's sslmode asks for it"
    )


def test_what_is_shown_of_a_url_has_no_secrets() -> None:
    url = "postgresql://iog:secret@db.example:5433/iog?password=secret"
    assert postgres.shown(url) == "the database iog on db.example:5433"


def _columns(connection: sa.Connection) -> dict[str, set[str]]:
    found = sa.inspect(connection)
    return {
        table: {column["name"] for column in found.get_columns(table)}
        for table in found.get_table_names()
    }
