"""The store as tests open it: on SQLite, or on the PostgreSQL database at a URL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from iog_orchestrator.adapters.postgres_seat import PostgresSeat
from iog_orchestrator.adapters.seats import FolderSeat, Seat
from iog_orchestrator.adapters.store import SqlStore

HERE = "http://here"


class SeatedStore(SqlStore):
    """A store that leaves its seat when it is closed."""

    def __init__(self, seat: Seat, store: SqlStore) -> None:
        super().__init__(store._database)
        self._seat = seat

    async def close(self) -> None:
        await super().close()
        await self._seat.close()


async def open_store(folder: Path, facts: Mapping[str, str], url: str | None = None) -> SeatedStore:
    """Lead, by a clock that stands still: nothing renews this lease."""
    seat = FolderSeat(folder, facts) if url is None else PostgresSeat(url, facts, HERE, lambda: 0.0)
    try:
        held = await seat.take()
        assert held is not None
    except BaseException:
        await seat.close()
        raise
    return SeatedStore(seat, SqlStore(held.database))
