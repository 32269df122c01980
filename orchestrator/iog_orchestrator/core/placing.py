"""Open jobs: find a node, have it prepare, assign it on chain; expire what is never placed."""

import logging
from dataclasses import replace

from iog_client.protocol import EndedAck
from iog_client.reasons import EndReason
from iog_orchestrator.core.chain_sync import ChainSync
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.handout import PREPARE, GaveUp, Handout
from iog_orchestrator.core.matching import Matching
from iog_orchestrator.core.reliability import Reliability
from iog_orchestrator.domain.errors import ChainRefused
from iog_orchestrator.domain.jobs import ChainJob, JobRequest, Run

log = logging.getLogger(__name__)

UNKNOWN_SPEC = "its spec has not been submitted to this orchestrator"
OTHER_SPEC = "its spec on chain is not the one that was submitted"
PREPARING = "a node is preparing it"
CHAIN_REFUSALS = 2
"""Refusals by the chain after which a node is not tried again for a job."""


class Placing:
    """The steps of a job that has no node, or whose node did not start it."""

    def __init__(
        self,
        context: Context,
        sync: ChainSync,
        matching: Matching,
        handout: Handout,
        reliability: Reliability,
    ) -> None:
        self._context = context
        self._sync = sync
        self._matching = matching
        self._handout = handout
        self._reliability = reliability
        self._refusals: dict[str, dict[str, int]] = {}
        self.notes: dict[str, str] = {}
        """Why a job waits for something other than a free node, by its address."""

    async def step(self, job: ChainJob) -> float:
        """Place an open job, or expire it when its time to be placed is over."""
        if job.run:
            await self._released(job)
        left = job.deadline - self._context.ports.chain_clock.now()
        if left <= 0:
            await self._give_back(job)
            return await self.expire(job)
        request = await self.request(job)
        if request is None:
            return left
        return await self.place(job, request, left)

    async def place(self, job: ChainJob, request: JobRequest, left: float) -> float:
        """Bring a job nearer to a node: promised, preparing, ready, assigned on chain."""
        device = self._matching.want(job, request, await self._excluded(job))
        if device is None:
            return left
        run = job.run + 1
        try:
            ready = await self._handout.ready(job, request, device, run)
        except GaveUp as why:
            await self._not_there(job, device, str(why))
            return 0
        if not ready:
            self.notes[job.address] = PREPARING
            return min(left, PREPARE)
        self.notes.pop(job.address, None)
        return await self._assign_or_give_up(job, device, run)

    async def request(self, job: ChainJob) -> JobRequest | None:
        """What the client submitted for a job, if that is what the chain holds."""
        request = await self._context.ports.store.request(job.address)
        if request is None:
            self.notes[job.address] = UNKNOWN_SPEC
        elif request.spec_hash != job.spec_hash or request.gpus != job.gpus:
            self.notes[job.address] = OTHER_SPEC
            request = None
        elif self.notes.get(job.address) != PREPARING:
            self.notes.pop(job.address, None)
        return request

    async def expire(self, job: ChainJob) -> float:
        """End a job whose deadline has passed, as soon as the program lets anyone do so."""
        due = job.deadline + self._context.network.grace
        left = due - self._context.ports.chain_clock.now()
        if left > 0:
            return left
        await self._context.ports.chain.expire(job)
        log.info("job expired", extra={"action": "job_expired", "job": job.address})
        return 0

    async def ended(self, job: ChainJob) -> None:
        """A job has ended: nothing is promised to it any more, nobody prepares it."""
        await self._give_back(job)
        # a gang that lacks a member waits for nothing any more, whoever has ended it
        self._matching.forget(job.gang)
        self._refusals.pop(job.address, None)
        self._refusals.pop(job.gang, None)
        self.notes.pop(job.address, None)

    def blame(self, job: ChainJob, device: str, weight: int = CHAIN_REFUSALS) -> None:
        """Count against a node, for this job, that it did not take or start it."""
        counts = self._refusals.setdefault(job.address, {})
        counts[device] = counts.get(device, 0) + weight

    async def _released(self, job: ChainJob) -> None:
        """After a run that was given up: its node's record, and a last word to its worker."""
        store = self._context.ports.store
        run = await store.run(job.address, job.run)
        if run is None or run.state in ("missed", "released"):
            return
        reason = EndReason.from_label(run.end.reason) if run.end else EndReason.NODE_LOST
        given_up = replace(run, state="released", detail=f"given up: {reason.label}")
        await store.count_run(given_up, failed=reason.fault == "node")
        await self._reliability.recount()
        if run.end:
            await self._context.ports.link.send(run.device, EndedAck(job=job.address, run=job.run))
        await self._sync.node(run.device)

    def blame_in(self, gang: str, device: str) -> None:
        """Count against a node, for all of a gang, that it did not take or start a member."""
        counts = self._refusals.setdefault(gang, {})
        counts[device] = counts.get(device, 0) + CHAIN_REFUSALS

    def failed_in(self, gang: str, members: int) -> frozenset[str]:
        """Nodes that failed a gang, as long as there are enough others for so many members."""
        failed = frozenset(self._refusals.get(gang, {}))
        others = sum(one.ready and one.device not in failed for one in self._context.fleet.all())
        if others < members:
            self._refusals.pop(gang, None)
            return frozenset()
        return failed

    async def assign(self, job: ChainJob, device: str, run: int) -> None:
        """Assign a job to a node that has prepared it. Raises `ChainRefused`."""
        node = await self._sync.node(device)
        if node is None:
            raise ChainRefused(f"the node {device} is not on chain")
        await self._context.ports.chain.assign(job, node)
        await self._context.ports.store.put_run(Run(job.address, run, device))
        log.info(
            "job assigned",
            extra={"action": "job_assigned", "job": job.address, "device": device, "run": run},
        )

    async def _assign_or_give_up(self, job: ChainJob, device: str, run: int) -> float:
        try:
            await self.assign(job, device, run)
        except ChainRefused:
            self.blame(job, device, 1)
            self._matching.release(job.address)
            await self._handout.take_back(job, device, run)
            raise
        return 0

    async def _not_there(self, job: ChainJob, device: str, why: str) -> None:
        log.info(
            "run not taken: %s",
            why,
            extra={
                "action": "run_not_taken",
                "job": job.address,
                "run": job.run + 1,
                "device": device,
            },
        )
        self.blame(job, device)
        self._matching.release(job.address)
        await self._handout.take_back(job, device, job.run + 1)

    async def _give_back(self, job: ChainJob) -> None:
        device = self._matching.promised(job.address)
        self._matching.release(job.address)
        if device is not None:
            await self._handout.take_back(job, device, job.run + 1)

    async def _excluded(self, job: ChainJob) -> frozenset[str]:
        """Nodes that failed this job, unless only they are left."""
        counts = self._refusals.get(job.address, {})
        failed = {device for device, times in counts.items() if times >= CHAIN_REFUSALS}
        if job.run:
            runs = await self._context.ports.store.runs(job.address)
            failed |= {run.device for run in runs if run.state in ("missed", "released")}
        others = any(one.ready and one.device not in failed for one in self._context.fleet.all())
        return frozenset(failed) if others else frozenset()
