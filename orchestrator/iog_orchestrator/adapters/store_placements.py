"""Records of placements in the database, and the members of gangs."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.schema import jobs, placements
from iog_orchestrator.adapters.store_jobs import job_of
from iog_orchestrator.domain.jobs import JobRow
from iog_orchestrator.domain.placements import Placement


class PlacementTables:
    """The part of the store that is about placements; see `ports_stores.PlacementStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_placements(self, records: Sequence[Placement]) -> None:
        if not records:
            return
        statement = self._database.insert(placements)
        values = {
            name: statement.excluded[name]
            for name in ("device", "at", "leader", "leader_run", "body")
        }
        # the same run may be placed again when its first node did not take it
        upsert = statement.on_conflict_do_update(index_elements=["job", "run"], set_=values)
        async with self._database.write() as connection:
            await connection.execute(upsert, [_row(one) for one in records])

    async def placement(self, job: str, run: int | None = None) -> Placement | None:
        query = sa.select(placements).where(placements.c.job == job)
        if run is not None:
            query = query.where(placements.c.run == run)
        query = query.order_by(placements.c.run.desc()).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else Placement(**row)

    async def forget_placements(self, before: float) -> int:
        async with self._database.write() as connection:
            gone = sa.delete(placements).where(placements.c.at < before)
            return int((await connection.execute(gone)).rowcount)

    async def members(self, gang: str) -> list[JobRow]:
        query = sa.select(jobs).where(jobs.c.gang == gang)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        found = [JobRow(job_of(row["body"]), row["assigned_at"], row["settled_at"]) for row in rows]
        return sorted(found, key=lambda one: one.job.number)


def _row(one: Placement) -> dict[str, Any]:
    # thousands a second: `asdict` takes longer than the rest of the placement
    return {
        "job": one.job,
        "run": one.run,
        "device": one.device,
        "at": one.at,
        "leader": one.leader,
        "leader_run": one.leader_run,
        "body": one.body,
    }
