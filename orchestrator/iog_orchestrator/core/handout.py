"""Handing a run to a node: the node prepares it before the chain gives it little time to start.

A node has ten minutes, scaled and at least 20 s, from its assignment on chain to the start, which
can be less than fetching the inputs takes. So the run goes to the worker first, and the
job is assigned on chain once the worker is ready.
"""

import logging

from iog_client.protocol import Assign, Cancel, GangPlace, InputFile
from iog_orchestrator.core.agents import Agents
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.mail import MailRoom
from iog_orchestrator.domain.jobs import ChainJob, JobRequest

log = logging.getLogger(__name__)

PREPARE = 600.0
"""Seconds that a node has to fetch the inputs of a run."""


class GaveUp(Exception):  # noqa: N818 - an outcome
    """the node does not take the run"""


class Handout:
    """Gives runs to workers, and says whether they are ready."""

    def __init__(self, context: Context, agents: Agents, mail: MailRoom) -> None:
        self._context = context
        self._agents = agents
        self._mail = mail

    async def ready(
        self,
        job: ChainJob,
        request: JobRequest,
        device: str,
        run: int,
        place: GangPlace | None = None,
    ) -> bool:
        """Whether `device` has the run prepared; hands it out first. Raises `GaveUp`."""
        session = self._agents.session_of(device)
        mail = self._mail.for_device(job.address, run, device)
        now = self._context.ports.clock.monotonic()
        if not session:
            raise GaveUp("it is not connected")
        if mail.refused:
            raise GaveUp(mail.refused)
        if mail.phase == "ready":
            mail.assigned_in = session
            return True
        if mail.assigned_in != session:
            await self._hand_out(job, request, device, run, place)
            mail.assigned_in, mail.asked_at = session, now
        elif now - mail.asked_at > PREPARE:
            raise GaveUp("it was not ready in time")
        return False

    async def take_back(self, job: ChainJob, device: str, run: int) -> None:
        """Have a node drop a run that it will not start."""
        self._mail.drop(job.address, run)
        await self._context.ports.link.send(device, Cancel(job=job.address, run=run))

    async def _hand_out(
        self,
        job: ChainJob,
        request: JobRequest,
        device: str,
        run: int,
        place: GangPlace | None,
    ) -> None:
        await self._context.ports.store.grant(device, [one.sha256 for one in request.inputs])
        inputs = [
            InputFile(path=one.path, sha256=one.sha256, size=one.size) for one in request.inputs
        ]
        frame = Assign(
            job=job.address,
            run=run,
            client=job.client,
            spec_hash=job.spec_hash,
            spec=request.spec,
            inputs=inputs,
            gpus=job.gpus,
            max_seconds=job.max_seconds,
            gang=place,
        )
        if await self._context.ports.link.send(device, frame):
            log.info(
                "run handed out",
                extra={
                    "action": "run_handed_out",
                    "job": job.address,
                    "run": run,
                    "device": device,
                },
            )
