"""Tasks of the daemon: none fails unheard, and a loop that fails begins again."""

import asyncio
import logging

import pytest

from iog_orchestrator.core.tasks import AGAIN, Tasks
from iog_orchestrator.domain.errors import LeaseLost


class Loop:
    """Fails in the ways that it is given, one after the other, then returns."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.slept: list[float] = []

    async def run(self) -> None:
        if self._errors:
            raise self._errors.pop(0)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def kept(loop: Loop) -> Tasks:
    """Tasks in which the loop has run to its end."""
    tasks = Tasks(asyncio.Event())
    await asyncio.wait([tasks.keep(loop.run, "liveness", loop.sleep)])
    return tasks


async def test_a_loop_that_fails_begins_again_and_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    full = [OSError("disk is full\n(more about it elsewhere)") for _ in range(3)]
    loop = Loop(*full)
    tasks = await kept(loop)
    assert (tasks.failed, loop.slept) == (None, [AGAIN] * 3)
    [said] = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert said == "liveness fails and is tried again every second: disk is full"


async def test_another_failure_is_another_line(caplog: pytest.LogCaptureFixture) -> None:
    await kept(Loop(OSError("disk is full"), ValueError()))
    said = [one.getMessage().rpartition(": ")[2] for one in caplog.records]
    assert said == ["disk is full", "ValueError"]


async def test_a_lost_lease_ends_the_service() -> None:
    loop = Loop(LeaseLost())
    tasks = await kept(loop)
    assert isinstance(tasks.failed, LeaseLost)
    assert loop.slept == []
