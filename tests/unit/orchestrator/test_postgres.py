"""PostgreSQL: what a database is refused for, and its lease."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from orchestrator_store import open_store

from iog_orchestrator.adapters import postgres, schema
from iog_orchestrator.domain.errors import StoreRefused
from tests.postgres_server import Server

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
    ("url", "why"),
    [
        ("postgresql://iog:secret@/none?host={folder}", "the database none on {folder} is not"),
        ("postgresql://iog:secret@/a?host=/nowhere", "the database a on /nowhere is not reachable"),
        ("postgresql://iog:secret@/a?host={folder}&port=x", "the URL of the database is not"),
        ("postgresql://other:secret@/postgres?host={folder}", "other"),
    ],
)
async def test_a_database_that_cannot_be_used_is_refused_without_its_password(
    server: Server, tmp_path: Path, url: str, why: str
) -> None:
    with pytest.raises(StoreRefused) as refused:
        await open_store(tmp_path, FACTS, url.format(folder=server.folder))
    assert why.format(folder=server.folder) in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_shown_of_a_url_has_no_secrets() -> None:
    url = "postgresql://iog:secret@db.example:5433/iog?password=secret"
    assert postgres.shown(url) == "the database iog on db.example:5433"


def _columns(connection: sa.Connection) -> dict[str, set[str]]:
    found = sa.inspect(connection)
    return {
        table: {column["name"] for column in found.get_columns(table)}
        for table in found.get_table_names()
    }
