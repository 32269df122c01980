"""One of several orchestrators on one PostgreSQL database.

Two rows, one purpose each. `lease` has the fencing token: each write transaction holds it shared,
and who takes over changes it. `leader` says who leads and until when, by the database's clock;
renewing it waits for nothing. A leader that froze in the midst of a transaction would keep the
first row for ever, so that who takes over has the server end its connections.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from iog_orchestrator.adapters import dialects, migrating, postgres, schema
from iog_orchestrator.adapters.database import Database, Hold, looked_at, same_chain
from iog_orchestrator.adapters.lease import EXPIRES_AFTER, RENEW_EVERY, Leader, Lease, since_boot
from iog_orchestrator.adapters.postgres import losses, refusals, shown
from iog_orchestrator.adapters.seats import Held
from iog_orchestrator.domain.errors import StoreLost

log = logging.getLogger(__name__)

MIGRATING = 0x494F47
"""Number of the advisory lock under which one process at a time migrates and takes over."""
NAME = "iog leader "
"""Of a leader's connections, before its holder's name."""
PATIENT = "SET LOCAL idle_in_transaction_session_timeout = '60s'"
"""Before tables are brought up to this version: its own work between two of these statements can
take longer than a frozen process may hold others up, on a busy machine."""
RETRY_EVERY = 0.5
ANSWER_SECONDS = 3.0
"""In which a renewal has to be answered; one that is not is made anew."""
NOW = sa.extract("epoch", sa.func.clock_timestamp())


class PostgresSeat:
    """`seats.Seat` on a PostgreSQL database; `address` is where others find this process."""

    shared = True

    def __init__(
        self,
        url: str,
        facts: Mapping[str, str],
        address: str,
        now: Callable[[], float] = since_boot,
    ) -> None:
        self._url = url
        self._facts = facts
        self._address = address
        self._now = now
        self._holder = secrets.token_hex(8)
        self._checked = False
        # of its own: the core's requests are not to keep the lease from being renewed
        self._engine = postgres.engine_of(url)
        self.leader: Leader | None = None
        self.away = ""

    async def take(self) -> Held | None:
        try:
            held = await self._ask()
        except StoreLost as error:
            self.away = str(error)
            raise
        self.away = ""
        return held

    async def _ask(self) -> Held | None:
        with refusals(self._url):
            async with self._engine.connect() as connection:
                self.leader = await leader(connection)
                if self.leader is not None:
                    await self._check(connection)
            if self.leader is not None:
                return None
            async with self._engine.begin() as connection:
                lease = await self._take(connection)
        if lease is None:
            return None
        engine = postgres.engine_of(self._url, NAME + self._holder)
        give_back = partial(self._give_back, lease, engine)
        database = Database(engine, lease, _hold(lease.token), give_back, self._losses)
        return Held(lease, database, partial(self._keep, lease))

    async def close(self) -> None:
        await postgres.dispose(self._engine)

    async def _check(self, connection: AsyncConnection) -> None:
        """Once, that this process could lead here. Raises `StoreRefused`."""
        if not self._checked:
            await connection.run_sync(migrating.require_known, shown(self._url))
            await same_chain(connection, self._facts, shown(self._url))
            self._checked = True

    async def _take(self, connection: AsyncConnection) -> Lease | None:
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
        await connection.execute(sa.text(PATIENT))
        self.leader = await leader(connection)
        if self.leader is not None:
            return None
        await connection.run_sync(migrating.upgrade, shown(self._url))
        await same_chain(connection, self._facts, shown(self._url))
        await _end_connections(connection)
        lease = Lease(await self._next_token(connection), self._now)
        asked_at = self._now()
        row = {"token": lease.token, "url": self._address, "expires_at": NOW + EXPIRES_AFTER}
        leads = dialects.insert(connection.dialect, schema.leader).values(id=1, **row)
        await connection.execute(leads.on_conflict_do_update(index_elements=["id"], set_=row))
        lease.extend(asked_at)
        return lease

    async def _next_token(self, connection: AsyncConnection) -> int:
        row = {"holder": self._holder, "written_at": time.time()}
        token = schema.lease.c.token
        lease = dialects.insert(connection.dialect, schema.lease).values(id=1, token=1, **row)
        taken = lease.on_conflict_do_update(index_elements=["id"], set_={"token": token + 1, **row})
        return int((await connection.execute(taken.returning(token))).scalar_one())

    async def _keep(self, lease: Lease) -> None:
        renewed = True
        while renewed and lease.stands:
            await asyncio.sleep(RENEW_EVERY)
            renewed = await self._renew_in_time(lease)
        lease.end()

    async def _renew_in_time(self, lease: Lease) -> bool:
        """Whether the lease was renewed before it ran out, in however many attempts."""
        while lease.stands:
            asked_at = self._now()
            try:
                with refusals(self._url):
                    async with asyncio.timeout(ANSWER_SECONDS):
                        renewed = await self._expire(lease, NOW + EXPIRES_AFTER)
            except StoreLost as error:
                log.warning("lease not renewed: %s", error, extra={"action": "lease_late"})
                await asyncio.sleep(RETRY_EVERY)
                continue
            if renewed:
                lease.extend(asked_at)
            return renewed
        return False

    async def _expire(self, lease: Lease, at: Any) -> bool:
        """Have the lease run out at that moment; False when it is another's."""
        mine = sa.update(schema.leader).where(schema.leader.c.token == lease.token)
        async with self._engine.begin() as connection:
            return bool((await connection.execute(mine.values(expires_at=at))).rowcount)

    async def _give_back(self, lease: Lease, engine: AsyncEngine) -> None:
        lease.end()
        await postgres.dispose(engine)
        with suppress(StoreLost), refusals(self._url):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._expire(lease, 0.0)

    def _losses(self) -> AbstractContextManager[None]:
        return losses(self._url)


async def leader(connection: AsyncConnection) -> Leader | None:
    """Who leads now by the database's clock; nobody where there are no tables yet."""
    if not await connection.run_sync(lambda c: sa.inspect(c).has_table(schema.leader.name)):
        return None
    of = schema.leader.c
    asked = sa.select(of.token, of.url, of.expires_at - NOW).where(of.expires_at > NOW)
    row = (await connection.execute(asked)).first()
    return None if row is None else Leader(row[0], row[1], float(row[2]))


async def _end_connections(connection: AsyncConnection) -> None:
    """End those of who led last: its transactions are undone, if any are left."""
    of = sa.table("pg_stat_activity", sa.column("pid"), sa.column("application_name"))
    mine = sa.select(schema.lease.c.holder).scalar_subquery()
    left = sa.select(sa.func.pg_terminate_backend(of.c.pid))
    await connection.execute(left.where(of.c.application_name == sa.literal(NAME) + mine))


def _hold(token: int) -> Hold:
    held = sa.select(schema.lease.c.token).where(schema.lease.c.token == token)

    async def hold(connection: AsyncConnection) -> bool:
        # shared: who wants to take over waits until this transaction is over
        return (await connection.execute(held.with_for_update(read=True))).first() is not None

    return hold


async def state(url: str, facts: Mapping[str, str]) -> str:
    """What there is to say of the database and who leads; changes nothing. Raises
    `StoreRefused`."""
    engine = postgres.engine_of(url)
    try:
        with refusals(url):
            async with engine.connect() as connection:
                await looked_at(connection, facts, shown(url))
                version = (await connection.execute(sa.text("SHOW server_version"))).scalar_one()
                found = await leader(connection)
    finally:
        await postgres.dispose(engine)
    who = f"{found.url} leads, with token {found.token}" if found else "nobody leads now"
    return f"{shown(url)}, PostgreSQL {version}; {who}"
