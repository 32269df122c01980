"""Jobs, runs and statements in the database."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.dialects import insert
from iog_orchestrator.adapters.schema import devices, jobs, runs, statements
from iog_orchestrator.domain.jobs import (
    NONE_KEY,
    ChainJob,
    Input,
    JobRow,
    JobState,
    Run,
    RunEnd,
    StoredStatement,
)


class JobTables:
    """The part of the store that is about jobs; see `ports_stores.JobStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_job(self, job: ChainJob, seen_at: int) -> None:
        row = {
            "address": job.address,
            "client": job.client,
            "state": int(job.state),
            "opened_at": job.opened_at,
            "assigned_at": seen_at if job.state is JobState.ASSIGNED else None,
            "settled_at": seen_at if job.state is JobState.SETTLED else None,
            "gang": "" if job.gang == NONE_KEY else job.gang,
            "body": asdict(job),
        }
        statement = self._database.insert(jobs).values(**row)
        values: dict[str, Any] = {
            name: statement.excluded[name] for name in row if name != "address"
        }
        for name in ("assigned_at", "settled_at"):
            values[name] = sa.func.coalesce(jobs.c[name], statement.excluded[name])
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["address"], set_=values)
            )

    async def job(self, address: str) -> JobRow | None:
        found = await self._jobs(sa.select(jobs).where(jobs.c.address == address))
        return found[0] if found else None

    async def unsettled(self) -> list[JobRow]:
        query = sa.select(jobs).where(jobs.c.state != int(JobState.SETTLED))
        return await self._jobs(query.order_by(jobs.c.opened_at, jobs.c.address))

    async def put_run(self, run: Run) -> None:
        async with self._database.write() as connection:
            await upsert(connection, runs, _row_of(run), ["job", "run"])

    async def run(self, job: str, run: int) -> Run | None:
        found = await self._runs(sa.select(runs).where(runs.c.job == job, runs.c.run == run))
        return found[0] if found else None

    async def runs(self, job: str) -> list[Run]:
        return await self._runs(sa.select(runs).where(runs.c.job == job).order_by(runs.c.run))

    async def put_statements(self, newest: Sequence[StoredStatement]) -> None:
        if not newest:
            return
        counters: dict[str, int] = {}
        for one in newest:
            counters[one.device] = max(one.counter, counters.get(one.device, 0))
        async with self._database.write() as connection:
            statement = self._database.insert(statements)
            excluded = statement.excluded
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "subject", "run", "device"],
                    set_={name: excluded[name] for name in ("counter", "seconds", "signature")},
                    where=statements.c.counter < excluded.counter,
                ),
                [asdict(one) for one in newest],
            )
            device = self._database.insert(devices)
            await connection.execute(
                device.on_conflict_do_update(
                    index_elements=["device"],
                    set_={"counter": device.excluded.counter},
                    where=devices.c.counter < device.excluded.counter,
                ),
                [
                    {"device": key, "counter": counter, "runs_ended": 0, "runs_failed": 0}
                    for key, counter in counters.items()
                ],
            )

    async def job_statement(self, job: str, run: int) -> StoredStatement | None:
        found = await self._statements(
            statements.c.kind == "job", statements.c.subject == job, statements.c.run == run
        )
        return max(found, key=lambda one: one.counter, default=None)

    async def hour_statements(self, hour: int) -> list[StoredStatement]:
        return await self._statements(
            statements.c.kind == "hour", statements.c.subject == str(hour)
        )

    async def counter(self, device: str) -> int:
        query = sa.select(devices.c.counter).where(devices.c.device == device)
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one_or_none() or 0)

    async def count_run(self, run: Run, failed: bool) -> None:
        known = sa.select(runs.c.state).where(runs.c.job == run.job, runs.c.run == run.run)
        statement = self._database.insert(devices).values(
            device=run.device, counter=0, runs_ended=1, runs_failed=int(failed)
        )
        # one transaction: a kill between the two would count the run again, or never
        async with self._database.write() as connection:
            if (await connection.execute(known)).scalar_one_or_none() == run.state:
                return
            await upsert(connection, runs, _row_of(run), ["job", "run"])
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["device"],
                    set_={
                        "runs_ended": devices.c.runs_ended + 1,
                        "runs_failed": devices.c.runs_failed + int(failed),
                    },
                )
            )

    async def _jobs(self, query: sa.Select[Any]) -> list[JobRow]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [JobRow(job_of(row["body"]), row["assigned_at"], row["settled_at"]) for row in rows]

    async def _runs(self, query: sa.Select[Any]) -> list[Run]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [run_of(row) for row in rows]

    async def _statements(self, *where: sa.ColumnElement[bool]) -> list[StoredStatement]:
        query = sa.select(statements).where(*where).order_by(statements.c.device)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [StoredStatement(**row) for row in rows]


async def upsert(
    connection: AsyncConnection, table: sa.Table, row: dict[str, Any], keys: list[str]
) -> None:
    """Insert a row, or bring the one under the same keys up to it."""
    statement = insert(connection.dialect, table).values(**row)
    values = {name: value for name, value in row.items() if name not in keys}
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))


def job_of(body: dict[str, Any]) -> ChainJob:
    """A job from its JSON."""
    return ChainJob(**{**body, "state": JobState(body["state"])})


def run_of(row: sa.RowMapping) -> Run:
    """A run from its row."""
    return Run(
        job=row["job"],
        run=row["run"],
        device=row["device"],
        state=row["state"],
        detail=row["detail"],
        end=None if row["end"] is None else _end(row["end"]),
    )


def _row_of(run: Run) -> dict[str, Any]:
    return {
        "job": run.job,
        "run": run.run,
        "device": run.device,
        "state": run.state,
        "detail": run.detail,
        "end": None if run.end is None else asdict(run.end),
    }


def _end(body: dict[str, Any]) -> RunEnd:
    return RunEnd(**{**body, "outputs": tuple(Input(**one) for one in body["outputs"])})
