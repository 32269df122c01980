"""The store on both databases."""

from dataclasses import replace
from pathlib import Path

import pytest
from orchestrator_store import open_store

from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.domain.errors import StoreRefused
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


@pytest.mark.parametrize("name", FACTS)
async def test_the_database_of_another_chain_is_refused(
    tmp_path: Path, database: str | None, name: str
) -> None:
    await (await open_store(tmp_path, FACTS, database)).close()
    with pytest.raises(StoreRefused, match="belongs to another chain"):
        await open_store(tmp_path, {**FACTS, name: "other"}, database)
    await (await open_store(tmp_path, FACTS, database)).close()


async def test_the_token_rises_with_every_opening(tmp_path: Path, database: str | None) -> None:
    tokens = []
    for _ in range(3):
        store = await open_store(tmp_path, FACTS, database)
        tokens.append(store._database.lease.token)
        await store.close()
    assert tokens == [1, 2, 3]


@pytest.fixture
async def store(tmp_path: Path, database: str | None) -> SqlStore:
    return await open_store(tmp_path, FACTS, database)


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


async def test_what_a_worker_writes_is_kept_without_what_a_database_cannot_hold(
    store: SqlStore,
) -> None:
    end = RunEnd("completed", 0, (), {"loss": float("nan"), "a\0b": "c\0d"}, 5, None)
    await store.put_run(Run("job", 1, "device", "ended", "before\0after", end))
    found = await store.run("job", 1)
    assert found is not None
    assert found.detail == "before\N{REPLACEMENT CHARACTER}after"
    assert found.end is not None
    assert set(found.end.metrics) - {"loss"}
    assert await store.page(None, refused=False, before="a\0b", limit=2) == []
    await store.close()


async def test_addresses_are_ordered_by_their_bytes(store: SqlStore) -> None:
    for name in ("b", "a", "B", "1"):
        await store.put_statements([StoredStatement(name, "hour", "1", 0, 1, 1, "s")])
    found = await store.said_of_hour(1, "", 9)
    assert found == Said("b", "1,1,1,s,B,1,1,s,a,1,1,s,b,1,1,s")
    await store.close()
