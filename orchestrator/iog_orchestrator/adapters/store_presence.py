"""What a later process has to know of the devices that were there, and of this process."""

from collections.abc import Collection

import sqlalchemy as sa

from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.schema import devices, facts, statements

ALIVE = "alive_at"


class PresenceTables:
    """The part of the store that is about presence; see `ports_stores.PresenceStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def device_hours(self, device: str, hours: Collection[int]) -> dict[int, int]:
        query = sa.select(statements.c.subject, statements.c.seconds).where(
            statements.c.kind == "hour",
            statements.c.subject.in_([str(hour) for hour in hours]),
            statements.c.run == 0,
            statements.c.device == device,
        )
        async with self._database.read() as connection:
            return {int(hour): seconds for hour, seconds in await connection.execute(query)}

    async def put_simulated(self, device: str, simulated: bool) -> None:
        row = {"device": device, "counter": 0, "runs_ended": 0, "runs_failed": 0}
        statement = self._database.insert(devices).values(**row, simulated=simulated)
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["device"], set_={"simulated": simulated}
                )
            )

    async def simulated(self) -> set[str]:
        query = sa.select(devices.c.device).where(devices.c.simulated)
        async with self._database.read() as connection:
            return set((await connection.execute(query)).scalars())

    async def put_alive(self, wall: float) -> None:
        statement = self._database.insert(facts).values(name=ALIVE, value=repr(wall))
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"], set_={"value": statement.excluded.value}
                )
            )

    async def alive(self) -> float | None:
        query = sa.select(facts.c.value).where(facts.c.name == ALIVE)
        async with self._database.read() as connection:
            value = (await connection.execute(query)).scalar_one_or_none()
        return None if value is None else float(value)
