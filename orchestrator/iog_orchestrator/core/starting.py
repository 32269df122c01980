"""Assigned jobs: have the device sign the start, send it, tell the worker."""

import logging

from iog_client.protocol import SignRequest, Started
from iog_orchestrator.core.handout import GaveUp
from iog_orchestrator.core.mail import RunMail
from iog_orchestrator.core.means import Step
from iog_orchestrator.domain.errors import ChainRefused
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, Run

log = logging.getLogger(__name__)

ANSWER = 20.0
"""Seconds for a worker to sign before it is asked over a new transaction."""


class Starting(Step):
    """The steps between assignment and start."""

    async def step(self, job: ChainJob) -> float:
        """Bring an assigned job nearer to its start, or to a next try when it was missed."""
        left = job.deadline - self._context.ports.chain_clock.now()
        if left <= 0:
            return await self._missed(job)
        self._matching.hold(job)
        session, now = self._agents.session_of(job.device), self._context.ports.clock.monotonic()
        if not session or not await self._is_ready(job):
            return left
        mail = self._mail.for_device(job.address, job.run, job.device)
        if "start" in mail.signatures:
            return await self._start(job, mail)
        asked = "start" in mail.prepared and mail.start_in == session
        if asked and now - mail.asked_at < ANSWER:
            return left
        await self._ask(job, mail)
        mail.start_in, mail.asked_at = session, now
        return min(left, ANSWER)

    async def started(self, job: ChainJob, mail: RunMail) -> None:
        """Tell the worker that the chain has started its run, once a connection."""
        session = self._agents.session_of(job.device)
        peers: list[str] = []
        if job.gang != NONE_KEY:
            rows = await self._context.ports.store.members(job.gang)
            peers = [row.job.device for row in rows]
        frame = Started(job=job.address, run=job.run, peers=peers)
        if session and await self._context.ports.link.send(job.device, frame):
            mail.started_in = session

    async def _is_ready(self, job: ChainJob) -> bool:
        """Whether the node has the run still, or again."""
        request = await self._placing.request(job)
        if request is None:
            return False
        try:
            return await self._handout.ready(job, request, job.device, job.run)
        except GaveUp as why:
            await self._record(job, "refused", str(why))
            return False

    async def _ask(self, job: ChainJob, mail: RunMail) -> None:
        """Have the device sign job_start over a fresh transaction."""
        mail.drop("start")
        prepared = mail.prepared["start"] = await self._context.ports.chain.prepare_start(job)
        await self._context.ports.link.send(
            job.device,
            SignRequest(job=job.address, run=job.run, what="start", message=prepared.message),
        )

    async def _start(self, job: ChainJob, mail: RunMail) -> float:
        prepared, signature = mail.prepared["start"], mail.signatures["start"]
        try:
            await self._context.ports.chain.submit(prepared, job.device, signature)
        except ChainRefused:
            mail.drop("start")
            raise
        self._statements.presences.run_started(job)
        # The worker hears of it in the next step, which has read the job as running: what the
        # worker says from then on is measured against that.
        log.info(
            "run started",
            extra={
                "action": "run_started",
                "job": job.address,
                "run": job.run,
                "device": job.device,
            },
        )
        return 0

    async def _missed(self, job: ChainJob) -> float:
        """The start was missed: another try if there may be one, else the job's end."""
        self._matching.release_hold(job)
        if await self._record(job, "missed", "", failed=True):
            await self._reliability.recount()
            self._placing.blame(job, job.device)
            await self._handout.take_back(job, job.device, job.run)
        request = await self._placing.request(job)
        now = self._context.ports.chain_clock.now()
        left = job.deadline + self._context.network.grace - now
        if request is None or job.run >= job.max_runs or now >= job.place_by:
            return await self._placing.expire(job)
        # Anyone may expire the job from then on. This orchestrator does not while it waits for a
        # node to be ready, but it does when there is none to wait for.
        if left <= 0 and self._matching.promised(job.address) is None:
            return await self._placing.expire(job)
        return await self._placing.place(job, request, max(left, 1.0))

    async def _record(
        self, job: ChainJob, state: str, detail: str, *, failed: bool = False
    ) -> bool:
        """Note how a run failed to start; whether that was news. `failed` counts it for the
        device."""
        store = self._context.ports.store
        known = await store.run(job.address, job.run)
        if known is not None and known.state in ("missed", state):
            return False
        run = Run(job.address, job.run, job.device, state, detail)
        if failed:
            await store.count_run(run, failed=True)
        else:
            await store.put_run(run)
        return True
