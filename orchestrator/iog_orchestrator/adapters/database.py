"""The database under the store: reading, and writing under the lease.

The lease row carries a token that rises with every taking. Each write transaction begins by holding
that row under its own token, so that a process that was replaced changes nothing any more.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from iog_orchestrator.adapters import dialects, migrating, schema
from iog_orchestrator.adapters.lease import Lease
from iog_orchestrator.domain.errors import LeaseLost, StoreRefused

Hold = Callable[[AsyncConnection], Awaitable[bool]]
"""Has a transaction hold the lease; False when it is another's."""
Losses = Callable[[], AbstractContextManager[None]]
"""Within it, what the driver raises for a database that went away is raised as `StoreLost`."""


class Database:
    """A database that this process leads."""

    def __init__(
        self,
        engine: AsyncEngine,
        lease: Lease,
        hold: Hold,
        give_back: Callable[[], Awaitable[None]],
        losses: Losses = nullcontext,
    ) -> None:
        self._engine = engine
        self._hold = hold
        self._give_back = give_back
        self._losses = losses
        self._writing = asyncio.Lock()
        self.lease = lease

    def insert(self, table: sa.Table) -> dialects.Insert:
        """An insert in this database's dialect."""
        return dialects.insert(self._engine.dialect, table)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading. Raises `LeaseLost` or `StoreLost`."""
        self.lease.require()
        with self._losses():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for writing, committed at the end. Raises `LeaseLost`, having changed
        nothing, or `StoreLost`."""
        with self._losses():
            async with self._writing, self._engine.begin() as connection:
                self.lease.require()
                if not await self._hold(connection):
                    raise LeaseLost
                yield connection

    async def close(self) -> None:
        """Let the last write finish, then give the database back."""
        async with self._writing:
            await self._give_back()


async def same_chain(connection: AsyncConnection, facts: Mapping[str, str], where: str) -> None:
    """Note what chain the database is of. Raises `StoreRefused` when it is of another one."""
    for name, value in (await missing_facts(connection, facts, where)).items():
        await connection.execute(sa.insert(schema.facts).values(name=name, value=value))


async def missing_facts(
    connection: AsyncConnection, facts: Mapping[str, str], where: str
) -> dict[str, str]:
    """Those of the facts that the database does not have. Raises `StoreRefused` when it has another
    one: it is of another chain."""
    rows = await connection.execute(sa.select(schema.facts.c.name, schema.facts.c.value))
    known = {str(name): str(value) for name, value in rows}
    for name, value in facts.items():
        if known.get(name, value) != value:
            raise StoreRefused(
                f"{where} belongs to another chain: its {name.replace('_', ' ')} is "
                f"{known[name]}, the network's is {value}"
            )
    return {name: value for name, value in facts.items() if name not in known}


async def looked_at(connection: AsyncConnection, facts: Mapping[str, str], where: str) -> None:
    """See that an orchestrator of this version and chain could work with it; changes nothing.
    Raises `StoreRefused`."""
    await connection.run_sync(migrating.require_known, where)
    if await connection.run_sync(lambda sync: sa.inspect(sync).has_table(schema.facts.name)):
        await missing_facts(connection, facts, where)
