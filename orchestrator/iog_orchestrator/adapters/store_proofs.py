"""Results of GPU proofs in the database."""

from typing import Any

import sqlalchemy as sa

from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.schema import proofs
from iog_orchestrator.domain.proofs import ProofResult

KEPT = 64
"""Results of a device that are kept."""
KEPT_DOCUMENTS = 4
"""Of its failures, those whose evidence is kept."""
_FIELDS = [proofs.c[name] for name in ProofResult.__slots__]


class ProofTables:
    """The part of the store that is about GPU proofs; see `ports_stores.ProofStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_proof(self, result: ProofResult, document: bytes | None) -> None:
        row = {name: getattr(result, name) for name in ProofResult.__slots__}
        mine = proofs.c.device == result.device
        async with self._database.write() as connection:
            await connection.execute(sa.insert(proofs).values(**row, document=document))
            await connection.execute(sa.delete(proofs).where(mine, ~_newest(mine, KEPT)))
            has = mine & proofs.c.document.is_not(None)
            if document is not None:
                await connection.execute(
                    sa.update(proofs)
                    .where(has, ~_newest(has, KEPT_DOCUMENTS))
                    .values(document=None, evidence="")
                )

    async def proofs(self, device: str, limit: int) -> list[ProofResult]:
        query = sa.select(*_FIELDS).where(proofs.c.device == device).order_by(proofs.c.id.desc())
        return await self._results(query.limit(limit))

    async def last_proofs(self, count: int) -> list[ProofResult]:
        place = sa.func.row_number().over(partition_by=proofs.c.device, order_by=proofs.c.id.desc())
        placed = sa.select(proofs.c.id, place.label("place")).subquery()
        newest = sa.select(placed.c.id).where(placed.c.place <= count)
        query = sa.select(*_FIELDS).where(proofs.c.id.in_(newest)).order_by(proofs.c.id)
        return await self._results(query)

    async def proof_evidence(self, sha256: str) -> bytes | None:
        query = sa.select(proofs.c.document).where(proofs.c.evidence == sha256).limit(1)
        async with self._database.read() as connection:
            document: bytes | None = (await connection.execute(query)).scalar_one_or_none()
        return document

    async def _results(self, query: sa.Select[Any]) -> list[ProofResult]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [ProofResult(**row) for row in rows]


def _newest(which: sa.ColumnElement[bool], count: int) -> sa.ColumnElement[bool]:
    """Rows that are among the newest `count` of those."""
    ids = sa.select(proofs.c.id).where(which).order_by(proofs.c.id.desc()).limit(count)
    return proofs.c.id.in_(ids)
