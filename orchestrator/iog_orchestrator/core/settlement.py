"""Ended jobs: let the worker go, free the node, pay as soon as the chain allows it."""

import logging
from contextlib import suppress
from dataclasses import replace

from iog_client.protocol import Cancel, EndedAck
from iog_client.reasons import EndReason
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.finishing import Finishing
from iog_orchestrator.core.means import Means, Step
from iog_orchestrator.domain.errors import ChainRefused
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, JobState

log = logging.getLogger(__name__)

LAST_WORD = 2.0
"""Seconds that the worker of a run which its client cancelled has for its last statement."""
_BY_DEVICE = (JobState.FINISHED, JobState.DISPUTED, JobState.RESOLVED)
"""States of a job that its device has ended."""
POSTING = 1.0
"""Seconds before the end of the chain's time for it at which it is posted at the latest."""


class Settlement(Step):
    """The steps from the end of a job to its last payment."""

    def __init__(self, context: Context, means: Means, finishing: Finishing) -> None:
        super().__init__(context, means)
        self._finishing = finishing

    async def step(self, job: ChainJob) -> float | None:
        """Tell the worker, free what was promised, settle when due. None once it is settled."""
        await self._placing.ended(job)
        if job.run and job.device != NONE_KEY:
            await self._tell(job)
        if job.state is JobState.SETTLED:
            self._statements.forget(job.address, job.run)
            return None
        await self._count(job)
        left = 0.0
        if job.state in (JobState.FINISHED, JobState.DISPUTED):
            # until then only its client settles, or only the arbiter decides
            left = job.deadline - self._context.ports.chain_clock.now()
        elif job.state is JobState.CANCELLED and job.started_at:
            left = self._last_word(job)
        if left > 0:
            return left
        if job.state is JobState.CANCELLED:
            # Its client did not wait for what the run had to prove. Too late is no reason not to
            # pay out.
            with suppress(ChainRefused):
                await self._finishing.prove(job)
        await self._context.ports.chain.settle(job)
        log.info("job settled", extra={"action": "job_settled", "job": job.address, "run": job.run})
        return 0

    async def _tell(self, job: ChainJob) -> None:
        """The worker may forget a run that ended; a run that it still has is to stop."""
        session = self._agents.session_of(job.device)
        mail = self._mail.for_device(job.address, job.run, job.device)
        if not session or mail.told_end_in == session:
            return
        ended = job.state in _BY_DEVICE or mail.phase == "ended"
        frame = EndedAck if ended else Cancel
        if await self._context.ports.link.send(job.device, frame(job=job.address, run=job.run)):
            mail.told_end_in = session
            mail.told_end_at = self._context.ports.clock.monotonic()

    def _last_word(self, job: ChainJob) -> float:
        """Seconds that are left for the last statement: none once it came, or nobody is there."""
        session = self._agents.session_of(job.device)
        mail = self._mail.for_device(job.address, job.run, job.device)
        if not session or mail.told_end_in != session or mail.phase == "ended":
            return 0.0
        ports = self._context.ports
        patience = mail.told_end_at + LAST_WORD - ports.clock.monotonic()
        # where hours are short, the chain takes statements for no longer than this
        return min(patience, job.deadline - POSTING - ports.chain_clock.now())

    async def _count(self, job: ChainJob) -> None:
        """The node's record and its GPUs, once a run that began has ended."""
        if not job.started_at:
            return
        store = self._context.ports.store
        run = await store.run(job.address, job.run)
        if run is None or run.state == "counted":
            return
        failed = EndReason(job.reason).fault == "node"
        await store.count_run(replace(run, state="counted"), failed)
        await self._reliability.recount()
        await self._sync.node(job.device)
