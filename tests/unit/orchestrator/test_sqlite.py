"""SQLite: what a folder is refused for, and its lease."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from orchestrator_store import open_store

from iog_orchestrator.adapters import schema, sqlite
from iog_orchestrator.adapters.folder_lock import LOCK
from iog_orchestrator.adapters.sqlite import FILE
from iog_orchestrator.domain.errors import LeaseLost, StoreGone, StoreRefused

FACTS = {"genesis_hash": "genesis", "mint": "mint"}


async def test_a_second_opening_is_refused_naming_the_folder(tmp_path: Path) -> None:
    store = await open_store(tmp_path, FACTS)
    with pytest.raises(StoreRefused, match=f"{tmp_path} is in use by another orchestrator"):
        await open_store(tmp_path, FACTS)
    await store.close()
    await (await open_store(tmp_path, FACTS)).close()


async def test_a_stale_writer_changes_nothing(tmp_path: Path) -> None:
    stale = await open_store(tmp_path, FACTS)
    (tmp_path / LOCK).unlink()
    leader = await open_store(tmp_path, FACTS)
    with pytest.raises(LeaseLost):
        await stale.put_alive(1.0)
    assert await leader.alive() is None
    await leader.put_alive(2.0)
    await stale.close()
    await leader.close()


@pytest.mark.parametrize("how", ["removed", "replaced"])
async def test_a_file_that_is_gone_while_it_is_used_is_written_no_more(
    tmp_path: Path, how: str
) -> None:
    store = await open_store(tmp_path, FACTS)
    await store.put_alive(1.0)
    (tmp_path / FILE).rename(tmp_path / "elsewhere")
    if how == "replaced":
        (tmp_path / FILE).write_bytes((tmp_path / "elsewhere").read_bytes())
    with pytest.raises(StoreGone, match="was removed or replaced while it was in use"):
        await store.put_alive(2.0)
    assert await store.alive() == 1.0
    await store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a database, but a text of some length " * 10)
    with pytest.raises(StoreRefused, match="is not usable"):
        await open_store(tmp_path, FACTS)


async def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreRefused, match="cannot be used"):
        await open_store(tmp_path / "file", FACTS)


async def test_migrations_bring_an_empty_file_to_the_tables_of_this_version(tmp_path: Path) -> None:
    for _ in range(2):
        await (await open_store(tmp_path, FACTS)).close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / FILE}")
    inspector = sa.inspect(engine)
    for table in schema.metadata.sorted_tables:
        found = {column["name"] for column in inspector.get_columns(table.name)}
        assert found == {column.name for column in table.columns}
    engine.dispose()


async def test_statements_of_an_older_version_are_kept_and_lie_in_the_order_of_their_key(
    tmp_path: Path,
) -> None:
    config = Config()
    config.set_main_option("script_location", "iog_orchestrator.adapters:migrations")
    engine = sa.create_engine(f"sqlite:///{tmp_path / FILE}")
    rows = [("hour", "1", 0, name, 2, 60, "s") for name in ("late", "early")]
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        connection.execute(sa.insert(schema.statements).values(rows))
    engine.dispose()
    await (await open_store(tmp_path, FACTS)).close()
    with sqlite3.connect(tmp_path / FILE) as database:
        assert database.execute("SELECT * FROM statements").fetchall() == sorted(rows)
        with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
            database.execute("SELECT rowid FROM statements")
    database.close()


async def test_a_schema_of_a_later_version_is_refused(tmp_path: Path) -> None:
    await (await open_store(tmp_path, FACTS)).close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreRefused, match="another version: its schema is 9999, the newest known"):
        await open_store(tmp_path, FACTS)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_what_keeps_an_orchestrator_from_a_file_is_told_without_one(tmp_path: Path) -> None:
    assert await sqlite.state(tmp_path, FACTS) == "not made yet"
    store = await open_store(tmp_path, FACTS)
    used = "orchestrator.sqlite3, of this chain and no later version"
    assert await sqlite.state(tmp_path, FACTS) == used
    await store.close()
    files = contents(tmp_path)
    assert await sqlite.state(tmp_path, FACTS) == used
    with pytest.raises(StoreRefused, match="belongs to another chain: its mint is mint, the netw"):
        await sqlite.state(tmp_path, {**FACTS, "mint": "other"})
    assert contents(tmp_path) == files
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreRefused, match="another version: its schema is 9999, the newest known"):
        await sqlite.state(tmp_path, FACTS)
    (tmp_path / FILE).write_text("not a database, but a text of some length " * 10)
    with pytest.raises(StoreRefused, match="is not usable: file is not a database"):
        await sqlite.state(tmp_path, FACTS)
