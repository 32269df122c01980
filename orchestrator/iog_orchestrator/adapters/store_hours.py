"""What the close of a big hour reads of the store, a page at a time."""

from collections.abc import Sequence

import sqlalchemy as sa

from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.schema import statements


class HourTables:
    """Part of `ports.HourStore` over a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def said_of_hour(
        self, hour: int, after: str, rows: int
    ) -> Sequence[tuple[str, int, int, str]]:
        of = statements.c
        query = (
            sa.select(of.device, of.counter, of.seconds, of.signature)
            .where(of.kind == "hour", of.subject == str(hour), of.run == 0, of.device > after)
            .order_by(of.device)
            .limit(rows)
        )
        async with self._database.read() as connection:
            return (await connection.execute(query)).tuples().all()
