"""The store: everything durable, in one database under one lease."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from iog_orchestrator.adapters import sqlite
from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.schema import grants, hours, nonces
from iog_orchestrator.adapters.store_hours import HourTables
from iog_orchestrator.adapters.store_jobs import JobTables
from iog_orchestrator.adapters.store_keys import KeyTables
from iog_orchestrator.adapters.store_nodes import NodeTables
from iog_orchestrator.adapters.store_placements import PlacementTables
from iog_orchestrator.adapters.store_presence import PresenceTables
from iog_orchestrator.adapters.store_proofs import ProofTables
from iog_orchestrator.adapters.store_requests import RequestTables
from iog_orchestrator.domain.network import HourReport


class SqlStore(
    JobTables,
    RequestTables,
    PresenceTables,
    PlacementTables,
    HourTables,
    KeyTables,
    ProofTables,
    NodeTables,
):
    """`ports_stores.Store` over a database."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)

    @classmethod
    async def open(cls, folder: Path, facts: Mapping[str, str]) -> Self:
        """Open the SQLite database in `folder`. Raises `StoreRefused`."""
        return cls(await sqlite.open_folder(folder, facts))

    async def close(self) -> None:
        await self._database.close()

    async def put_hour(self, report: HourReport, document: bytes) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                self._database.insert(hours)
                .values(
                    hour=report.hour,
                    root=report.root,
                    state=report.state,
                    report=asdict(report),
                    document=document,
                )
                # an hour that is on record stays as it was built: its file may be out already
                .on_conflict_do_nothing()
            )

    async def mark_hour(self, hour: int, state: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(hours).where(hours.c.hour == hour).values(state=state)
            )

    async def hour(self, hour: int) -> bytes | None:
        query = sa.select(hours.c.document).where(hours.c.hour == hour)
        async with self._database.read() as connection:
            document: bytes | None = (await connection.execute(query)).scalar_one_or_none()
        return document

    async def last_hour(self) -> HourReport | None:
        found = await self.hours(1)
        return found[0] if found else None

    async def hours(self, limit: int = 1000) -> list[HourReport]:
        query = sa.select(hours.c.report, hours.c.state).order_by(hours.c.hour.desc())
        async with self._database.read() as connection:
            rows = (await connection.execute(query.limit(limit))).all()
        return [_report(report, state) for report, state in rows]

    async def hour_of_root(self, root: str) -> HourReport | None:
        query = (
            sa.select(hours.c.report, hours.c.state)
            .where(hours.c.root == root)
            .order_by(hours.c.hour.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _report(row[0], row[1])

    async def grant(self, key: str, hashes: Sequence[str]) -> None:
        if not hashes:
            return
        rows = [{"key": key, "sha256": one} for one in hashes]
        async with self._database.write() as connection:
            await connection.execute(self._database.insert(grants).on_conflict_do_nothing(), rows)

    async def granted(self, key: str, sha256: str) -> bool:
        query = sa.select(grants.c.key).where(grants.c.key == key, grants.c.sha256 == sha256)
        async with self._database.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def use_nonce(self, key: str, nonce: str, until: float) -> bool:
        row = self._database.insert(nonces).values(key=key, nonce=nonce, until=until)
        async with self._database.write() as connection:
            done = await connection.execute(row.on_conflict_do_nothing())
        return done.rowcount == 1

    async def forget_nonces(self, before: float) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(nonces).where(nonces.c.until < before))


def _report(report: dict[str, Any], state: str) -> HourReport:
    return HourReport(**{**report, "state": state})
