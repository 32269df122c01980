"""Running jobs: prove them at intervals, finish them on chain when their worker says they ended."""

import logging
from contextlib import suppress

from iog_client.protocol import SignRequest
from iog_client.reasons import EndReason
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.mail import RunMail
from iog_orchestrator.core.means import Means, Step
from iog_orchestrator.core.releasing import Releasing
from iog_orchestrator.core.starting import ANSWER, Starting
from iog_orchestrator.domain.errors import ChainRefused
from iog_orchestrator.domain.jobs import ChainJob, RunEnd
from iog_orchestrator.ports import Cosigned

log = logging.getLogger(__name__)

MISMATCH = 1.0
"""Seconds between two requests to a worker whose last statement has not come through."""


class Finishing(Step):
    """The steps between start and end."""

    def __init__(
        self, context: Context, means: Means, starting: Starting, releasing: Releasing
    ) -> None:
        super().__init__(context, means)
        self._starting = starting
        self._releasing = releasing
        self._proved_at: dict[tuple[str, int], float] = {}
        self._counted: set[tuple[str, int]] = set()

    async def step(self, job: ChainJob) -> float:
        """Start, prove, finish, release or expire a running job, whichever is next."""
        mail = self._mail.for_device(job.address, job.run, job.device)
        await self._count(job)
        left = job.deadline - self._context.ports.chain_clock.now()
        if left <= 0:
            # Nobody may stand in the way of expiry: without the proof the client pays less.
            with suppress(ChainRefused):
                await self.prove(job)
            return await self._placing.expire(job)
        if self._releasing.is_possible(job):
            patience = self._releasing.left(job)
            if patience <= 0:
                await self._releasing.give_up(job)
                return 0
            left = min(left, patience)
        session = self._agents.session_of(job.device)
        if session and mail.started_in != session and mail.phase not in ("running", "ended"):
            await self._starting.started(job, mail)
        run = await self._context.ports.store.run(job.address, job.run)
        if run is not None and run.end is not None:
            return min(left, await self._finish(job, mail, run.end, session))
        return min(left, await self._prove_in_time(job))

    async def prove(self, job: ChainJob) -> None:
        """Put the newest statement on chain, if it says more than what is there."""
        proof = await self._statements.proof(job)
        if proof is None or proof.statement.seconds <= job.proven_seconds:
            return
        await self._context.ports.chain.prove(job, proof)
        log.info(
            "seconds proven",
            extra={
                "action": "job_proven",
                "job": job.address,
                "run": job.run,
                "device": job.device,
                "seconds": proof.statement.seconds,
            },
        )

    async def _count(self, job: ChainJob) -> None:
        """Drop the promise of GPUs once the chain's own count of busy ones has been read."""
        key = (job.address, job.run)
        if key not in self._counted:
            await self._sync.node(job.device)
            self._matching.release(job.address)
            self._counted.add(key)

    async def _prove_in_time(self, job: ChainJob) -> float:
        """Prove now and then, so that a cancel by the client does not cost the node its work."""
        now, every = self._context.ports.clock.monotonic(), self._context.pace.prove
        key = (job.address, job.run)
        last = self._proved_at.setdefault(key, now)
        if self._releasing.is_possible(job) and self._releasing.is_silent(job):
            # what is posted puts off the release, which pays for nothing of it
            return every
        if now - last >= every:
            self._proved_at[key] = now
            await self.prove(job)
            return every
        return every - (now - last)

    async def _finish(self, job: ChainJob, mail: RunMail, end: RunEnd, session: int) -> float:
        if "release" in mail.signatures:
            return await self._submit(job, mail, end, "release")
        if "finish" in mail.signatures:
            return await self._submit(job, mail, end, "finish")
        if not session or not EndReason.from_label(end.reason).from_device:
            return ANSWER
        if self._releasing.is_due(job, end):
            return await self._ask_release(job, mail, end, session)
        proof = await self._statements.proof(job)
        now = self._context.ports.clock.monotonic()
        left = self._patience(mail, end, proof, session) - now
        if left > 0:
            return left
        mail.drop("finish")
        prepared = await self._context.ports.chain.prepare_finish(job, end, proof)
        mail.prepared["finish"] = prepared
        mail.finish_in, mail.asked_at = session, now
        mail.proof_counter = proof.statement.counter if proof else 0
        await self._context.ports.link.send(
            job.device,
            SignRequest(job=job.address, run=job.run, what="finish", message=prepared.message),
        )
        return MISMATCH if _lacks(end, proof) else ANSWER

    async def _ask_release(self, job: ChainJob, mail: RunMail, end: RunEnd, session: int) -> float:
        """Have the device sign that it gives its run up, over a fresh transaction."""
        now = self._context.ports.clock.monotonic()
        asked = "release" in mail.prepared and mail.finish_in == session
        if asked and now - mail.asked_at < ANSWER:
            return mail.asked_at + ANSWER - now
        mail.drop("release")
        prepared = await self._context.ports.chain.prepare_release(job, end.reason)
        mail.prepared["release"] = prepared
        mail.finish_in, mail.asked_at = session, now
        request = SignRequest(
            job=job.address, run=job.run, what="release", message=prepared.message
        )
        await self._context.ports.link.send(job.device, request)
        return ANSWER

    def _patience(self, mail: RunMail, end: RunEnd, proof: Cosigned | None, session: int) -> float:
        """Until when (monotonic) the worker has time to sign what it was asked to.

        It signs nothing but a proof of the seconds that it told of the end. Where that statement
        did not come through, being asked makes it send another; a new one is asked for at once.
        """
        if "finish" not in mail.prepared or mail.finish_in != session:
            return 0.0
        if _lacks(end, proof):
            return mail.asked_at + MISMATCH
        if proof is not None and proof.statement.counter != mail.proof_counter:
            return 0.0
        return mail.asked_at + ANSWER

    async def _submit(self, job: ChainJob, mail: RunMail, end: RunEnd, what: str) -> float:
        prepared, signature = mail.prepared[what], mail.signatures[what]
        try:
            await self._context.ports.chain.submit(prepared, job.device, signature)
        except ChainRefused:
            mail.drop(what)
            raise
        done = {"finish": "finished", "release": "released"}[what]
        log.info(
            "run %s",
            done,
            extra={
                "action": f"run_{done}",
                "job": job.address,
                "run": job.run,
                "device": job.device,
                "reason": end.reason,
            },
        )
        return 0

    def forget(self, address: str) -> None:
        """A job is settled."""
        self._counted = {key for key in self._counted if key[0] != address}
        for key in [one for one in self._proved_at if one[0] == address]:
            del self._proved_at[key]
        self._releasing.forget(address)


def _lacks(end: RunEnd, proof: Cosigned | None) -> bool:
    """Whether the statement of the run's last seconds is still missing."""
    if not end.seconds:
        return False
    return proof is None or proof.statement.seconds != end.seconds
