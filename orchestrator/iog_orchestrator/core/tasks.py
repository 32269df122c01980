"""Keeps every task of the daemon: none is lost, none fails unheard."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from iog_orchestrator.domain.errors import LeaseLost, StoreLost

log = logging.getLogger(__name__)


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
