"""Runs that are given up for another one: their node or the platform failed, and the job has runs
left.

A node that says so itself signs the release. One that is not heard of any more, or that has come
back without the run, is given as long as iog_jobs gives it, then the matcher releases the run.
"""

import logging

from iog_client.reasons import EndReason
from iog_orchestrator.core.agents import Agents
from iog_orchestrator.core.context import Context
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, RunEnd

log = logging.getLogger(__name__)


class Releasing:
    """Which running jobs may be given to another node, and since when theirs is lost."""

    def __init__(self, context: Context, agents: Agents) -> None:
        self._context = context
        self._agents = agents
        self._seen: dict[tuple[str, int], float] = {}

    def is_possible(self, job: ChainJob) -> bool:
        """Whether the program lets the job have another run."""
        now = self._context.ports.chain_clock.now()
        in_time = now < job.place_by and now <= job.deadline
        return job.gang == NONE_KEY and job.run < job.max_runs and in_time

    def is_due(self, job: ChainJob, end: RunEnd) -> bool:
        """Whether a run that ended so is to be released rather than finished."""
        reason = EndReason.from_label(end.reason)
        return reason.from_device and not reason.pays and self.is_possible(job)

    def left(self, job: ChainJob) -> float:
        """Seconds until the run's node counts as lost: by this process's own clock, and by the
        chain's since the last statement there."""
        clock, grace = self._context.ports.clock, self._context.network.grace
        key, now = (job.address, job.run), clock.monotonic()
        seen = max(self._seen.get(key, 0.0), self._agents.run_heard_at(job)) or now
        self._seen[key] = seen
        proven = max(job.proven_at, job.started_at) - self._context.ports.chain_clock.now()
        left = max(seen - now, proven) + grace
        # when many nodes are gone at once, it is looked at again before anyone loses a run
        return left if left > 0 else max(left, self._agents.patience())

    def is_silent(self, job: ChainJob) -> bool:
        """Whether the node has missed its heartbeats, or has them without the run."""
        seen = self._seen.get((job.address, job.run), 0.0)
        passed = self._context.ports.clock.monotonic() - seen
        return passed > self._context.pace.silence

    async def give_up(self, job: ChainJob) -> None:
        """Release the run of a lost node."""
        await self._context.ports.chain.release(job)
        log.warning(
            "run given up: its node is lost",
            extra={
                "action": "run_released",
                "job": job.address,
                "run": job.run,
                "device": job.device,
            },
        )

    def forget(self, address: str) -> None:
        """A job is settled."""
        for key in [one for one in self._seen if one[0] == address]:
            del self._seen[key]
