"""What the close of a big hour reads of the store, a page at a time."""

import sqlalchemy as sa

from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.schema import statements
from iog_orchestrator.domain.hour_columns import Said


class HourTables:
    """Part of `ports_stores.HourStore` over a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def said_of_hour(self, hour: int, after: str, rows: int) -> Said | None:
        of = statements.c
        page = (
            sa.select(of.device, of.counter, of.seconds, of.signature)
            .where(of.kind == "hour", of.subject == str(hour), of.run == 0, of.device > after)
            .order_by(of.device)
            .limit(rows)
            .subquery()
        )
        # The database joins the page: as rows, most of the time would go into making each of them.
        counter, seconds = (sa.cast(one, sa.Text) for one in (page.c.counter, page.c.seconds))
        line = page.c.device + "," + counter + "," + seconds + "," + page.c.signature
        query = sa.select(sa.func.max(page.c.device), sa.func.aggregate_strings(line, ","))
        async with self._database.read() as connection:
            last, text = (await connection.execute(query)).one()
        return None if last is None else Said(last, text)
