"""A job's way: one driver a job, each step from what the chain says now.

A step reads the chain, does at most one thing, and says how long to wait for the next unless
something wakes it. Nothing depends on an earlier step of the same process: after a restart, or
twice, a step finds the chain further on and does the next thing, or is refused by the program and
looks again.
"""

import logging

from iog_orchestrator.core.context import Context
from iog_orchestrator.core.failures import first_line, trace
from iog_orchestrator.core.finishing import Finishing
from iog_orchestrator.core.gangs import BEFORE_START, Gangs
from iog_orchestrator.core.means import Means
from iog_orchestrator.core.settlement import Settlement
from iog_orchestrator.core.starting import Starting
from iog_orchestrator.core.tasks import Tasks
from iog_orchestrator.domain.errors import ChainRefused, LeaseLost
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, JobState

log = logging.getLogger(__name__)

IDLE = 30.0


class Runs:
    """Drivers of all jobs that are not settled."""

    def __init__(
        self,
        context: Context,
        means: Means,
        gangs: Gangs,
        starting: Starting,
        finishing: Finishing,
        settlement: Settlement,
        tasks: Tasks,
    ) -> None:
        self._context = context
        self._sync = means.sync
        self._mail = means.mail
        self._placing = means.placing
        self._gangs = gangs
        self._starting = starting
        self._finishing = finishing
        self._settlement = settlement
        self._tasks = tasks
        self._driven: set[str] = set()
        self._versions: dict[str, ChainJob] = {}

    def notice(self, job: ChainJob) -> None:
        """A job was seen on chain: drive it, or let its driver know when it is not as it was."""
        if self._versions.get(job.address) != job:
            self._versions[job.address] = job
            self.drive(job.address)

    def drive(self, address: str) -> None:
        """Have a driver for a job, and let it look now."""
        if address in self._driven:
            self._mail.wake(address)
            return
        self._driven.add(address)
        self._tasks.start(self._drive(address), f"job {address}")

    def is_driven(self, address: str) -> bool:
        """Whether a job has a driver."""
        return address in self._driven

    def wake(self, address: str) -> None:
        """Let the driver of a job look again, if it has one."""
        self._mail.wake(address)

    def placed(self, addresses: list[str]) -> None:
        """These jobs got a node."""
        for address in addresses:
            self._mail.wake(address)

    async def step(self, address: str) -> float | None:
        """Do what is next for a job. Seconds until there may be more, None when there never is."""
        job = await self._sync.job(address)
        if job is None:
            return IDLE
        if job.gang != NONE_KEY and job.state in BEFORE_START:
            return await self._gangs.step(job)
        if job.state is JobState.OPEN:
            return await self._placing.step(job)
        if job.state is JobState.ASSIGNED:
            return await self._starting.step(job)
        if job.state is JobState.RUNNING:
            return await self._finishing.step(job)
        return await self._settlement.step(job)

    async def _drive(self, address: str) -> None:
        wake = self._mail.wake_of(address)
        failures = 0
        try:
            while True:
                try:
                    delay = await self.step(address)
                    failures = 0
                except LeaseLost:
                    raise
                except Exception as error:  # one job's trouble is not to end the others'
                    failures += 1
                    delay = self._after(address, error, failures)
                if delay is None:
                    break
                if delay > 0:
                    await wake.wait(min(delay, IDLE))
        finally:
            self._driven.discard(address)
            self._versions.pop(address, None)
            self._mail.forget(address)
            self._finishing.forget(address)

    def _after(self, address: str, error: Exception, failures: int) -> float:
        quiet = isinstance(error, ChainRefused) and failures == 1
        job = self._context.known.jobs.get(address)
        log.log(
            logging.INFO if quiet else logging.WARNING,
            "a step of a job was not done: %s",
            first_line(error),
            extra={
                "action": "step_refused",
                "job": address,
                "run": job.run if job else 0,
                "failures": failures,
            },
            exc_info=trace(error),
        )
        return self._context.pace.after(failures)
