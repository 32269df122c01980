"""What clients asked for, in the database, and lists of jobs."""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.dialects import Words, without_spec
from iog_orchestrator.adapters.schema import jobs, requests, runs
from iog_orchestrator.adapters.store_jobs import job_of, run_of, upsert
from iog_orchestrator.domain.jobs import REFUSED, Input, JobRequest, JobRow, Listed
from iog_orchestrator.domain.needs import Needs

_IS_REFUSED = requests.c.address.startswith(REFUSED)
_OPENED = sa.exists().where(jobs.c.address == requests.c.address)


class RequestTables:
    """The part of the store that is about requests; see `ports_stores.JobStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_request(self, request: JobRequest) -> None:
        async with self._database.write() as connection:
            await upsert(connection, requests, _row(request), ["address"])

    async def put_refused(self, request: JobRequest, keep: int) -> None:
        own = (requests.c.client == request.client) & _IS_REFUSED
        newest = sa.select(requests.c.address).where(own)
        newest = newest.order_by(requests.c.acknowledged_at.desc(), requests.c.address).limit(keep)
        async with self._database.write() as connection:
            await upsert(connection, requests, _row(request), ["address"])
            await connection.execute(
                sa.delete(requests).where(own, requests.c.address.not_in(newest))
            )

    async def request(self, address: str) -> JobRequest | None:
        query = sa.select(requests.c.body).where(requests.c.address == address)
        async with self._database.read() as connection:
            body = (await connection.execute(query)).scalar_one_or_none()
        return None if body is None else _request(body)

    async def pending(self, client: str) -> int:
        query = sa.select(sa.func.count()).where(
            requests.c.client == client, ~_IS_REFUSED, ~_OPENED
        )
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def forget_requests(self, unopened_before: float, refused_before: float) -> int:
        at = requests.c.acknowledged_at
        over = (_IS_REFUSED & (at < refused_before)) | (
            ~_IS_REFUSED & (at < unopened_before) & ~_OPENED
        )
        async with self._database.write() as connection:
            return int((await connection.execute(sa.delete(requests).where(over))).rowcount)

    async def page(
        self, client: str | None, *, refused: bool, before: str | None, limit: int
    ) -> list[Listed]:
        query = _page(client, refused, before).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_listed(row) for row in rows]


def _page(client: str | None, refused: bool, before: str | None) -> sa.Select[Any]:
    """Ids in their order, with everything that a list shows of each beside it."""
    ids = _ids(client, refused).subquery()
    query = (
        sa.select(
            jobs.c.body.label("on_chain"),
            jobs.c.assigned_at,
            jobs.c.settled_at,
            without_spec(requests.c.body).label("request"),
            *runs.c,
        )
        .select_from(ids)
        .outerjoin(jobs, jobs.c.address == ids.c.id)
        .outerjoin(requests, requests.c.address == ids.c.id)
        .outerjoin(runs, (runs.c.job == ids.c.id) & (runs.c.run == jobs.c.body["run"].as_integer()))
        .order_by(ids.c.at.desc(), ids.c.id.desc())
    )
    if before is None:
        return query
    last = sa.literal(before, Words)
    at = sa.func.coalesce(
        sa.select(jobs.c.opened_at).where(jobs.c.address == last).scalar_subquery(),
        sa.select(requests.c.acknowledged_at).where(requests.c.address == last).scalar_subquery(),
    )
    return query.where(sa.tuple_(ids.c.at, ids.c.id) < sa.tuple_(at, last))


def _ids(client: str | None, refused: bool) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """Ids of jobs and the times by which they are ordered."""
    ids = jobs.c.address.label("id")
    if client is None:
        return sa.select(ids, jobs.c.opened_at.label("at"))
    if not refused:
        return sa.select(ids, jobs.c.opened_at.label("at")).where(jobs.c.client == client)
    # one type on both sides: SQLite 3.40 has sorted a union of integers and reals wrongly
    opened = sa.select(ids, sa.cast(jobs.c.opened_at, sa.Float).label("at"))
    never = sa.select(requests.c.address, sa.cast(requests.c.acknowledged_at, sa.Float))
    return sa.union_all(
        opened.where(jobs.c.client == client),
        never.where(requests.c.client == client, _IS_REFUSED),
    )


def _listed(row: sa.RowMapping) -> Listed:
    job = row["on_chain"]
    return Listed(
        None if job is None else JobRow(job_of(job), row["assigned_at"], row["settled_at"]),
        None if row["request"] is None else _request(row["request"]),
        None if row["job"] is None else run_of(row),
    )


def _row(request: JobRequest) -> dict[str, Any]:
    return {
        "address": request.address,
        "client": request.client,
        "acknowledged_at": request.acknowledged_at,
        "body": asdict(request),
    }


def _request(body: dict[str, Any]) -> JobRequest:
    inputs = tuple(Input(**one) for one in body["inputs"])
    return JobRequest(**{**body, "inputs": inputs, "needs": Needs.read(body.get("needs", {}))})
