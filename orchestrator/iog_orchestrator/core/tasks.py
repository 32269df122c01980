"""Keeps every task of the daemon: none is lost, none fails unheard."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from iog_orchestrator.core.failures import first_line
from iog_orchestrator.domain.errors import LeaseLost, StoreLost

log = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds after which a loop that failed begins again."""


Sleep = Callable[[float], Awaitable[None]]


class Tasks:
    """Starts tasks and ends them. The first one that fails is in `failed`, and sets `stop`."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._running: set[asyncio.Task[Any]] = set()
        self.failed: BaseException | None = None

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run `work` until it ends or `end` is called."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def keep(
        self, loop: Callable[[], Coroutine[Any, Any, None]], name: str, sleep: Sleep
    ) -> asyncio.Task[Any]:
        """Run a loop until it returns: what fails in it (a full disk, a defect) is not to end the
        service. Only a database that another process leads now does, as for `start`."""
        return self.start(_kept(loop, name, sleep), name)

    async def end(self, limit: float) -> None:
        """Cancel what runs and wait for it at most `limit` seconds."""
        for task in tuple(self._running):
            task.cancel()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=limit)
            for task in late:
                log.warning(
                    "a task did not end", extra={"action": "task_late", "task": task.get_name()}
                )

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        # that somebody else leads is no defect, and says where it comes from
        expected = isinstance(error, LeaseLost | StoreLost)
        log.log(
            logging.WARNING if expected else logging.ERROR,
            "a task failed: %s",
            error,
            extra={"action": "task_failed", "task": task.get_name()},
            exc_info=None if expected else error,
        )
        self.failed = self.failed or error
        self._stop.set()


async def _kept(loop: Callable[[], Coroutine[Any, Any, None]], name: str, sleep: Sleep) -> None:
    said = ""
    while True:
        try:
            return await loop()
        except LeaseLost:
            raise
        except Exception as error:
            reason = first_line(error)
            if reason != said:
                log.error(
                    "%s fails and is tried again every second: %s",
                    name,
                    reason,
                    extra={"action": "loop_failed", "task": name},
                )
            said = reason
        await sleep(AGAIN)
