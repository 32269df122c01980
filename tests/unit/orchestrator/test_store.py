"""The store on a real SQLite file."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from iog_orchestrator.adapters import schema
from iog_orchestrator.adapters.database import FILE, migrate
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.domain.errors import LeaseLost, StoreRefused
from iog_orchestrator.domain.hour_columns import Said
from iog_orchestrator.domain.jobs import (
    ChainJob,
    Input,
    JobRequest,
    JobState,
    Run,
    RunEnd,
    StoredStatement,
)
from iog_orchestrator.domain.network import HourReport

FACTS = {"genesis_hash": "genesis", "mint": "mint"}
JOB = ChainJob(
    address="job",
    client="client",
    payer="client",
    matcher="matcher",
    number=0,
    spec_hash="0" * 64,
    gpus=1,
    max_price=(1 << 64) - 1,
    max_seconds=60,
    state=JobState.OPEN,
    deadline=10,
    opened_at=5,
)
REPORT = HourReport(1, "r", "d", 10, 9, 1, 9, 9, 0, 1, 1, 1)


async def test_a_second_opening_is_refused_naming_the_folder(tmp_path: Path) -> None:
    store = await SqlStore.open(tmp_path, FACTS)
    with pytest.raises(StoreRefused, match=f"{tmp_path} is in use by another orchestrator"):
        await SqlStore.open(tmp_path, FACTS)
    await store.close()
    await (await SqlStore.open(tmp_path, FACTS)).close()


@pytest.mark.parametrize("name", FACTS)
async def test_the_database_of_another_chain_is_refused(tmp_path: Path, name: str) -> None:
    await (await SqlStore.open(tmp_path, FACTS)).close()
    with pytest.raises(StoreRefused, match="belongs to another chain"):
        await SqlStore.open(tmp_path, {**FACTS, name: "other"})
    await (await SqlStore.open(tmp_path, FACTS)).close()


async def test_a_stale_writer_changes_nothing(tmp_path: Path) -> None:
    stale = await SqlStore.open(tmp_path, FACTS)
    lock = stale._database._lock
    assert lock is not None
    lock.release()
    leader = await SqlStore.open(tmp_path, FACTS)
    with pytest.raises(LeaseLost):
        await stale.put_job(JOB, 1)
    assert await leader.job("job") is None
    await leader.put_job(JOB, 1)
    stale._database._lock = None
    await stale.close()
    await leader.close()


async def test_the_token_rises_with_every_opening(tmp_path: Path) -> None:
    tokens = []
    for _ in range(3):
        store = await SqlStore.open(tmp_path, FACTS)
        tokens.append(store._database.token)
        await store.close()
    assert tokens == [1, 2, 3]


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a database, but a text of some length " * 10)
    with pytest.raises(StoreRefused, match="is not usable"):
        await SqlStore.open(tmp_path, FACTS)


async def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreRefused, match="cannot be used"):
        await SqlStore.open(tmp_path / "file", FACTS)


def test_migrations_bring_an_empty_file_to_the_tables_of_this_version(tmp_path: Path) -> None:
    migrate(tmp_path / FILE)
    migrate(tmp_path / FILE)
    engine = sa.create_engine(f"sqlite:///{tmp_path / FILE}")
    inspector = sa.inspect(engine)
    for table in schema.metadata.sorted_tables:
        found = {column["name"] for column in inspector.get_columns(table.name)}
        assert found == {column.name for column in table.columns}
    engine.dispose()


def test_statements_of_an_older_version_are_kept_and_lie_in_the_order_of_their_key(
    tmp_path: Path,
) -> None:
    config = Config()
    config.set_main_option("script_location", "iog_orchestrator.adapters:migrations")
    engine = sa.create_engine(f"sqlite:///{tmp_path / FILE}")
    rows = [("hour", "1", 0, name, 2, 60, "s") for name in ("late", "early")]
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        connection.execute(sa.insert(schema.statements).values(rows))
    engine.dispose()
    migrate(tmp_path / FILE)
    with sqlite3.connect(tmp_path / FILE) as database:
        assert database.execute("SELECT * FROM statements").fetchall() == sorted(rows)
        with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
            database.execute("SELECT rowid FROM statements")
    database.close()


def test_a_schema_of_a_later_version_is_refused(tmp_path: Path) -> None:
    migrate(tmp_path / FILE)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreRefused, match="another version"):
        migrate(tmp_path / FILE)


@pytest.fixture
async def store(tmp_path: Path) -> SqlStore:
    return await SqlStore.open(tmp_path, FACTS)


async def test_a_job_comes_back_as_it_was_put(store: SqlStore) -> None:
    await store.put_job(JOB, 1)
    found = await store.job("job")
    assert found is not None
    assert found.job == JOB
    await store.close()


async def test_the_first_sight_of_a_state_is_kept(store: SqlStore) -> None:
    for at, state in ((3, JobState.ASSIGNED), (4, JobState.ASSIGNED), (9, JobState.SETTLED)):
        await store.put_job(replace(JOB, state=state), at)
    found = await store.job("job")
    assert found is not None
    assert (found.assigned_at, found.settled_at) == (3, 9)
    assert await store.unsettled() == []
    await store.close()


async def test_requests_and_runs_come_back_as_they_were_put(store: SqlStore) -> None:
    request = JobRequest("job", "client", 0, "0" * 64, "{}", (Input("a", "b", 1),), retries=2)
    end = RunEnd("completed", 0, (Input("m", "s", 5),), {"loss": 0.1}, 5, "f" * 64)
    run = Run("job", 1, "device", "ended", "", end)
    await store.put_request(request)
    await store.put_run(run)
    assert await store.request("job") == request
    assert await store.pending("client") == 1
    assert await store.run("job", 1) == run
    assert await store.runs("other") == []
    await store.close()


async def test_an_older_statement_does_not_replace_a_newer(store: SqlStore) -> None:
    newer = StoredStatement("device", "hour", "1", 0, 9, 8, "s")
    await store.put_statements([newer])
    await store.put_statements([replace(newer, counter=3, seconds=2)])
    assert await store.hour_statements(1) == [newer]
    assert await store.counter("device") == 9
    await store.close()


async def test_what_was_said_of_an_hour_is_read_in_pages_of_whole_statements(
    store: SqlStore,
) -> None:
    of_hour = [StoredStatement(f"d{one}", "hour", "7", 0, one, 60 * one, "s") for one in range(5)]
    others = [replace(of_hour[0], subject="8"), replace(of_hour[0], kind="job", run=1)]
    await store.put_statements([*of_hour, *others])
    assert await store.said_of_hour(7, "", 3) == Said("d2", "d0,0,0,s,d1,1,60,s,d2,2,120,s")
    assert await store.said_of_hour(7, "d2", 3) == Said("d4", "d3,3,180,s,d4,4,240,s")
    assert await store.said_of_hour(7, "d4", 3) is None
    await store.close()


async def test_an_hour_on_record_stays_as_it_was_built(store: SqlStore) -> None:
    await store.put_hour(REPORT, b"first")
    await store.put_hour(replace(REPORT, root="x"), b"second")
    assert await store.hour(1) == b"first"
    await store.mark_hour(1, "proposed")
    last = await store.last_hour()
    assert last == replace(REPORT, state="proposed")
    assert await store.hour_of_root("r") == last
    assert await store.hour_of_root("x") is None
    await store.close()


async def test_runs_are_counted_with_those_that_failed(store: SqlStore) -> None:
    for number, failed in enumerate((True, False, False, False)):
        await store.count_run(Run("job", number, "device", "counted"), failed)
    await store.count_run(Run("job", 9, "good", "counted"), False)
    assert await store.run_totals() == {"device": (4, 1), "good": (1, 0)}
    await store.close()


async def test_a_run_is_counted_once_with_its_record(store: SqlStore) -> None:
    run = Run("job", 1, "device", "ended")
    await store.put_run(run)
    for _ in range(2):
        await store.count_run(replace(run, state="counted"), failed=True)
    await store.count_run(replace(run, run=2, state="counted"), failed=False)
    assert await store.run_totals() == {"device": (2, 1)}
    found = await store.run("job", 1)
    assert found is not None
    assert found.state == "counted"
    await store.close()


async def test_a_page_shows_the_current_run_and_no_spec(store: SqlStore) -> None:
    request = JobRequest("job", "client", 0, "0" * 64, "spec", (Input("a", "b", 1),), name="n")
    await store.put_request(request)
    await store.put_job(replace(JOB, run=2), 1)
    for number in (1, 2):
        await store.put_run(Run("job", number, "device", "assigned"))
    (found,) = await store.page("client", refused=True, before=None, limit=9)
    assert found.row is not None
    assert found.row.job == replace(JOB, run=2)
    assert found.request == replace(request, spec="", inputs=())
    assert found.run == Run("job", 2, "device", "assigned")
    assert await store.page("other", refused=True, before=None, limit=9) == []
    await store.close()


async def test_pages_follow_each_other_where_times_are_equal(store: SqlStore) -> None:
    for name in "abcd":
        await store.put_job(replace(JOB, address=name), 1)
    seen: list[str] = []
    for _ in range(3):
        before = seen[-1] if seen else None
        for one in await store.page(None, refused=False, before=before, limit=2):
            assert one.row is not None
            seen.append(one.row.job.address)
    assert seen == ["d", "c", "b", "a"]
    assert await store.page(None, refused=False, before="gone", limit=2) == []
    await store.close()


async def test_a_nonce_is_used_once_until_it_is_forgotten(store: SqlStore) -> None:
    assert await store.use_nonce("key", "nonce", 10)
    assert not await store.use_nonce("key", "nonce", 10)
    assert await store.use_nonce("other", "nonce", 10)
    await store.forget_nonces(11)
    assert await store.use_nonce("key", "nonce", 20)
    await store.close()
