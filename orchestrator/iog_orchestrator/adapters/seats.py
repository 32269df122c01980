"""Where an orchestrator waits until it leads: alone in a folder, or beside others on a database."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from iog_orchestrator.adapters import sqlite
from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.lease import Leader, Lease


@dataclass(frozen=True, slots=True)
class Held:
    """What a process has that leads."""

    lease: Lease
    database: Database
    keep: Callable[[], Coroutine[Any, Any, None]]
    """Renews the lease, and returns when it is lost."""


class Seat(Protocol):
    """One process among those that may lead."""

    shared: bool
    """Whether others may wait beside it."""
    leader: Leader | None
    """Who led when it was last asked."""
    away: str
    """Why the database did not answer when it was last asked; empty when it did."""

    async def take(self) -> Held | None:
        """Lead from now on, if nobody else does.

        Raises:
            StoreRefused: the database cannot be led by this process at all.
            StoreLost: it does not answer now.
        """
        ...

    async def close(self) -> None: ...


class FolderSeat:
    """A SQLite database in a folder: there is one seat, and a second process is refused."""

    shared = False

    def __init__(self, folder: Path, facts: Mapping[str, str]) -> None:
        self._folder = folder
        self._facts = facts
        self.leader: Leader | None = None
        self.away = ""

    async def take(self) -> Held | None:
        database = await sqlite.open_folder(self._folder, self._facts)
        return Held(database.lease, database, _for_ever)

    async def close(self) -> None:
        return


async def _for_ever() -> None:
    await asyncio.Event().wait()
