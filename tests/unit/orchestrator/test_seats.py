"""Orchestrators on one PostgreSQL database: who leads, until when, and who writes."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import Connection

from iog_client.testing import ManualClock
from iog_orchestrator.adapters import migrating, postgres, postgres_seat
from iog_orchestrator.adapters.lease import EXPIRES_AFTER, MARGIN, RENEW_EVERY, Leader
from iog_orchestrator.adapters.postgres_seat import NAME, PostgresSeat
from iog_orchestrator.adapters.seats import Held
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.domain.errors import LeaseLost, StoreLost, StoreRefused

FACTS = {"genesis_hash": "genesis", "mint": "mint"}


class Pair:
    """Two orchestrators on one database, each with a clock of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clocks = [ManualClock(), ManualClock()]
        # clocks of two machines have nothing to do with each other
        self.clocks[1].advance(1_000_000)
        self.seats = [
            PostgresSeat(url, FACTS, f"http://{name}", clock.monotonic)
            for name, clock in zip("ab", self.clocks, strict=True)
        ]
        self._held: list[Held] = []

    async def take(self, which: int) -> Held:
        held = await self.seats[which].take()
        assert held is not None
        self._held.append(held)
        return held

    async def expire(self) -> None:
        """Let the time of the lease pass by the database's clock."""
        await self.pass_by(60)

    async def pass_by(self, seconds: float) -> None:
        """Let so much of the lease pass by the database's clock."""
        connection = await asyncpg.connect(self.url)
        await connection.execute("UPDATE leader SET expires_at = expires_at - $1::float8", seconds)
        await connection.close()

    async def close(self) -> None:
        for held in self._held:
            await held.database.close()
        for seat in self.seats:
            await seat.close()


@pytest.fixture
async def pair(empty: str) -> AsyncIterator[Pair]:
    made = Pair(empty)
    yield made
    await made.close()


async def test_one_leads_and_the_other_knows_where(pair: Pair) -> None:
    held = await pair.take(0)
    assert await pair.seats[1].take() is None
    assert pair.seats[1].leader == Leader(held.lease.token, "http://a")


async def test_a_leader_that_has_not_renewed_in_time_is_late(pair: Pair) -> None:
    await pair.take(0)
    await pair.seats[1].take()
    assert pair.seats[1].leader is not None
    assert not pair.seats[1].leader.is_late
    await pair.pass_by(RENEW_EVERY + MARGIN)
    await pair.seats[1].take()
    assert pair.seats[1].leader.is_late


async def test_of_two_at_once_one_leads(pair: Pair) -> None:
    found = await asyncio.gather(*(seat.take() for seat in pair.seats))
    assert [held is None for held in found].count(True) == 1
    for held in found:
        if held is not None:
            await held.database.close()


async def test_a_lease_that_is_given_back_is_taken_at_once_with_a_higher_token(pair: Pair) -> None:
    first = await pair.take(0)
    await first.database.close()
    second = await pair.take(1)
    assert (first.lease.token, second.lease.token) == (1, 2)


async def test_who_was_replaced_changes_nothing(pair: Pair) -> None:
    stale, _ = SqlStore((await pair.take(0)).database), await pair.expire()
    leader = SqlStore((await pair.take(1)).database)
    with pytest.raises(LeaseLost):
        await stale.put_alive(1.0)
    assert await leader.alive() is None
    await leader.put_alive(2.0)
    # nor does it give back what is another's
    await stale.close()
    assert await pair.seats[0].take() is None


async def test_a_leader_stops_before_the_lease_can_run_out_by_its_own_clock(pair: Pair) -> None:
    held = await pair.take(0)
    store = SqlStore(held.database)
    pair.clocks[0].advance(EXPIRES_AFTER - MARGIN - 0.01)
    await store.put_alive(1.0)
    pair.clocks[0].advance(0.02)
    with pytest.raises(LeaseLost):
        await store.put_alive(2.0)
    with pytest.raises(LeaseLost):
        await store.alive()
    with pytest.raises(LeaseLost):
        _ = held.lease.guard(store, "send").send  # type: ignore[attr-defined]
    # the database's clock has not come so far
    assert await pair.seats[1].take() is None


async def test_a_lease_is_renewed_while_it_is_kept(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_seat, "RENEW_EVERY", 0.0)
    held = await pair.take(0)
    pair.clocks[0].advance(EXPIRES_AFTER - MARGIN - 0.01)
    await pair.expire()
    keeping = asyncio.create_task(held.keep())
    while await pair.seats[1].take() is not None:
        pytest.fail("a lease that is kept was taken")
    pair.clocks[0].advance(0.02)
    assert held.lease.stands
    keeping.cancel()


async def test_keeping_a_lease_ends_when_another_has_it(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_seat, "RENEW_EVERY", 0.0)
    held = await pair.take(0)
    await pair.expire()
    await pair.take(1)
    await held.keep()
    assert not held.lease.stands


async def test_keeping_a_lease_ends_when_the_database_is_away_too_long(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_seat, "RENEW_EVERY", 0.0)
    monkeypatch.setattr(postgres_seat, "RETRY_EVERY", 0.0)
    held = await pair.take(0)
    asked: list[float] = []

    async def away(*_: object) -> bool:
        pair.clocks[0].advance(1.5)
        asked.append(pair.clocks[0].monotonic())
        raise OSError("gone")

    monkeypatch.setattr(pair.seats[0], "_expire", away)
    await held.keep()
    assert asked == [1.5, 3.0, 4.5, 6.0]
    assert not held.lease.stands


async def test_the_state_says_who_leads(pair: Pair) -> None:
    assert (await postgres_seat.state(pair.url, FACTS)).endswith("; nobody leads now")
    await pair.take(0)
    assert (await postgres_seat.state(pair.url, FACTS)).endswith("; http://a leads, with token 1")


async def test_a_database_of_another_chain_is_refused_to_a_standby_too(pair: Pair) -> None:
    await pair.take(0)
    other = PostgresSeat(pair.url, {**FACTS, "mint": "other"}, "http://c")
    with pytest.raises(StoreRefused, match="belongs to another chain: its mint is mint"):
        await other.take()
    await other.close()


async def test_a_database_of_a_later_version_is_refused_to_a_standby_too(pair: Pair) -> None:
    await pair.take(0)
    await fetched(pair.url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreRefused, match="another version: its schema is 9999"):
        await pair.seats[1].take()


async def test_a_connection_that_the_server_ends_is_a_loss_and_the_next_one_works(
    pair: Pair, empty: str
) -> None:
    store = SqlStore((await pair.take(0)).database)
    await store.put_alive(1.0)
    connection = await asyncpg.connect(empty)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    with pytest.raises(StoreRefused, match="the database iog_"):
        await store.put_alive(2.0)
    await store.put_alive(3.0)
    assert await store.alive() == 3.0


async def test_a_leader_that_froze_within_a_transaction_holds_up_nobody(
    pair: Pair,
) -> None:
    frozen = (await pair.take(0)).database

    async def write() -> None:
        async with frozen.write() as connection:
            await connection.exec_driver_sql("INSERT INTO facts VALUES ('written', 'by it')")
            await pair.expire()
            await pair.take(1)
            await connection.exec_driver_sql("SELECT 1")

    with pytest.raises(StoreLost):
        await write()
    assert await fetched(pair.url, "SELECT value FROM facts WHERE name = 'written'") == []


async def test_who_is_slow_at_bringing_the_tables_up_to_date_is_waited_for(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = migrating.upgrade

    def slow(connection: Connection, where: str) -> None:
        time.sleep(0.3)
        upgrade(connection, where)

    monkeypatch.setitem(postgres.SETTINGS, "idle_in_transaction_session_timeout", "100")
    monkeypatch.setattr(migrating, "upgrade", slow)
    assert (await pair.take(0)).lease.token == 1


async def test_nor_does_one_that_froze_while_it_sent_many_rows(pair: Pair) -> None:
    frozen = await asyncpg.connect(
        pair.url, server_settings={"application_name": NAME + pair.seats[0]._holder}
    )
    held = await pair.take(0)
    asked = asyncio.Event()

    async def rows() -> AsyncIterator[tuple[str, str]]:
        yield "written", "by it"
        asked.set()
        await asyncio.Event().wait()

    async def write() -> None:
        async with frozen.transaction():
            await frozen.execute("SELECT token FROM lease WHERE token = 1 FOR SHARE")
            await frozen.copy_records_to_table("facts", records=rows())

    # as the server sees it: a statement that goes on, and a client that sends nothing more
    writing = asyncio.create_task(write())
    await asked.wait()
    await pair.expire()
    assert (await pair.take(1)).lease.token > held.lease.token
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    frozen.terminate()


async def fetched(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()
