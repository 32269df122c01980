"""The life of a process among those that may lead: stand by, lead, and stand by again."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

import uvicorn

from iog_orchestrator.adapters.http.app import application
from iog_orchestrator.adapters.http.front import Front
from iog_orchestrator.adapters.instruments import Instruments
from iog_orchestrator.adapters.lease import Lease
from iog_orchestrator.adapters.seats import Held, Seat
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.domain.errors import LeaseLost, OrchestratorError, StoreLost

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks of a standby at whether somebody leads."""
PAUSE = 2.0
"""Seconds for which one that could not lead leaves it to others."""
ANSWER_SECONDS = 60.0
"""In which the database has to answer such a look, which may bring its tables up to this
version."""
Serve = Callable[[], Coroutine[Any, Any, None]]


class Parts(Protocol):
    """What a term of leading is made of."""

    instruments: Instruments

    def open_folder(self) -> None: ...

    def build(self, store: SqlStore, lease: Lease) -> tuple[Core, WorkerSockets]: ...


class Terms:
    """Terms of leading, one after another, of one process."""

    def __init__(
        self, seat: Seat, parts: Parts, front: Front, server: uvicorn.Server, stop: asyncio.Event
    ) -> None:
        self._seat = seat
        self._parts = parts
        self._front = front
        self._server = server
        self._stop = stop
        self._serving: asyncio.Task[None] | None = None

    async def run(self, serve: Serve) -> None:
        """Until the stop event; `serve` answers requests, from the first standing by or leading on.

        Raises what a task of the core failed with, and `StoreRefused`.
        """
        self._serve = serve
        try:
            while not self._stop.is_set():
                held = await self._stand_by()
                if held is not None:
                    await self._lead(held)
        finally:
            await self._end_serving()

    async def _stand_by(self) -> Held | None:
        """Wait for the lease; None when it is time to stop."""
        said = ""
        while not self._stop.is_set():
            held, why = await self._look()
            if held is not None:
                return held
            leader = self._seat.leader
            self._front.settle(known=leader is not None and not leader.is_late)
            if why != said:
                log.info("standing by: %s", why, extra={"action": "standing_by"})
                said = why
            self._start_serving()
            await _first(self._stop.wait(), asyncio.sleep(LOOK_EVERY))
        return None

    async def _look(self) -> tuple[Held | None, str]:
        """The lease, if nobody has it; else who does, or why that is not known."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                held = await self._seat.take()
        except (StoreLost, TimeoutError) as error:
            if self._serving is None:
                raise StoreLost(str(error)) from error
            return None, str(error) or "the database does not answer"
        leader = self._seat.leader
        return held, f"{leader.url} leads" if leader else "nobody leads"

    async def _lead(self, held: Held) -> None:
        self._parts.open_folder()
        pause = 0.0
        core, sockets = self._parts.build(SqlStore(held.database), held.lease)
        self._parts.instruments.leads(held.lease.token)
        log.info("leading", extra={"action": "leading", "token": held.lease.token})
        keeping = asyncio.create_task(held.keep(), name="lease")
        app = application(core, sockets, self._parts.instruments)
        try:
            await _first(core.start(), self._stop.wait(), asyncio.shield(keeping))
            if not self._stop.is_set() and not keeping.done():
                self._front.lead(app, lambda: held.lease.stands)
                self._start_serving()
                await _first(self._stop.wait(), core.stop.wait(), asyncio.shield(keeping))
        except OrchestratorError as error:
            # another may do better, and so may this one a little later
            if not self._seat.shared or self._serving is None:
                raise
            log.warning("cannot lead: %s", error, extra={"action": "not_leading"})
            pause = PAUSE
        finally:
            await self._end(core, sockets, held, keeping)
            app.state.metrics.close()
            self._parts.instruments.stands_by()
        failed = core.tasks.failed
        lost = self._seat.shared and isinstance(failed, LeaseLost | StoreLost)
        if failed is not None and not lost:
            raise failed
        await _first(self._stop.wait(), asyncio.sleep(pause))

    async def _end(
        self, core: Core, sockets: WorkerSockets, held: Held, keeping: asyncio.Task[None]
    ) -> None:
        """The intake first, then what is under way, the database last."""
        core.stop.set()
        self._front.stand_by()
        if not held.lease.stands:
            log.warning("the lease is lost", extra={"action": "lease_lost"})
        if self._stop.is_set() or not self._seat.shared:
            log.info("stopping", extra={"action": "stopping"})
            self._server.should_exit = True
        core.context.changed.open()
        await sockets.close_all()
        if self._server.should_exit:
            await self._end_serving()
        with suppress(LeaseLost, StoreLost):
            await core.end()
        # no renewal is to come after it is given back
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await held.database.close()

    def _start_serving(self) -> None:
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve(), name="http")
            self._serving.add_done_callback(lambda _: self._stop.set())

    async def _end_serving(self) -> None:
        self._server.should_exit = True
        # nobody is kept any longer
        self._front.settle(known=True)
        if self._serving is not None:
            with suppress(asyncio.CancelledError):
                await self._serving


async def _first(*these: Any) -> None:
    """Wait until one of these is over, and end the others. Raises what it failed with."""
    tasks = [asyncio.ensure_future(one) for one in these]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
