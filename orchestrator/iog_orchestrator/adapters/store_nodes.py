"""What is known of nodes over time, in the database."""

from collections.abc import Collection, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.schema import blocks, devices, gpus, node_hours, notices
from iog_orchestrator.domain.notices import Notice
from iog_orchestrator.domain.reliability import NodeHour
from iog_orchestrator.ports_stores import GpuReport


class NodeTables:
    """The part of the store that is about nodes; see `ports_stores.NodeStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_gpus(self, device: str, uuids: Collection[str], seen_at: float) -> None:
        rows = [{"uuid": uuid, "device": device, "seen_at": seen_at} for uuid in sorted(set(uuids))]
        async with self._database.write() as connection:
            await connection.execute(sa.delete(gpus).where(gpus.c.device == device))
            if rows:
                await connection.execute(sa.insert(gpus), rows)

    async def gpu_reports(self) -> list[GpuReport]:
        async with self._database.read() as connection:
            rows = (await connection.execute(sa.select(gpus))).mappings().all()
        return [GpuReport(**row) for row in rows]

    async def put_blocks(self, hour: int, reasons: dict[str, str]) -> None:
        if not reasons:
            return
        rows = [{"hour": hour, "device": one, "reason": text} for one, text in reasons.items()]
        statement = self._database.insert(blocks).on_conflict_do_nothing(
            index_elements=["hour", "device"]
        )
        async with self._database.write() as connection:
            await connection.execute(statement, rows)

    async def blocked(self, hour: int) -> dict[str, str]:
        query = sa.select(blocks.c.device, blocks.c.reason).where(blocks.c.hour == hour)
        async with self._database.read() as connection:
            return {device: reason for device, reason in await connection.execute(query)}

    async def put_notice(self, notice: Notice) -> None:
        statement = self._database.insert(notices).values(**asdict(notice))
        values = {name: statement.excluded[name] for name in asdict(notice) if name != "device"}
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["device"], set_=values)
            )

    async def drop_notice(self, device: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(notices).where(notices.c.device == device))

    async def notices(self) -> list[Notice]:
        async with self._database.read() as connection:
            rows = (await connection.execute(sa.select(notices))).mappings().all()
        return [Notice(**row) for row in rows]

    async def run_totals(self) -> dict[str, tuple[int, int]]:
        query = sa.select(devices.c.device, devices.c.runs_ended, devices.c.runs_failed).where(
            devices.c.runs_ended > 0
        )
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            return {device: (ended, failed) for device, ended, failed in rows}

    async def put_node_hours(self, rows: Sequence[NodeHour], forget_before: int) -> None:
        statement = self._database.insert(node_hours).on_conflict_do_nothing(
            index_elements=["device", "hour"]
        )
        async with self._database.write() as connection:
            if rows:
                await connection.execute(statement, [asdict(row) for row in rows])
            await connection.execute(sa.delete(node_hours).where(node_hours.c.hour < forget_before))

    async def newest_node_hours(self) -> dict[str, NodeHour]:
        newest = (
            sa.select(node_hours.c.device, sa.func.max(node_hours.c.hour).label("hour"))
            .group_by(node_hours.c.device)
            .subquery()
        )
        query = sa.select(node_hours).join(
            newest,
            sa.and_(node_hours.c.device == newest.c.device, node_hours.c.hour == newest.c.hour),
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return {row["device"]: NodeHour(**row) for row in rows}

    async def node_history(self, device: str, limit: int) -> list[NodeHour]:
        query = (
            sa.select(node_hours)
            .where(node_hours.c.device == device)
            .order_by(node_hours.c.hour.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [NodeHour(**row) for row in rows]
