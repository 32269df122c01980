"""What connected nodes say of the runs that they hold, taken and compared with the chain."""

import base64
import binascii

from iog_client.protocol import (
    Cancel,
    Ended,
    EndedAck,
    Log,
    LogAck,
    RunBrief,
    RunRefused,
    RunUpdate,
    Signed,
)
from iog_orchestrator.core.chain_sync import ChainSync
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.ends import take_end
from iog_orchestrator.core.mail import MailRoom
from iog_orchestrator.core.statements import Statements
from iog_orchestrator.domain.errors import RequestRefused
from iog_orchestrator.domain.jobs import ChainJob

RunFrame = RunUpdate | RunRefused | Signed | Log | Ended


class RunNews:
    """The reaction to each frame about a run."""

    def __init__(
        self, context: Context, sync: ChainSync, statements: Statements, mail: MailRoom
    ) -> None:
        self._context = context
        self._sync = sync
        self._statements = statements
        self._mail = mail

    async def take(self, device: str, frame: RunFrame) -> None:
        """Act on a frame. Raises `RequestRefused` for one that breaks the rules."""
        if isinstance(frame, Log):
            await self._log(device, frame)
        elif isinstance(frame, Ended):
            await self._ended(device, frame)
        else:
            self._heard(device, frame)

    def _heard(self, device: str, frame: RunUpdate | RunRefused | Signed) -> None:
        if not self._mail.is_with(frame.job, frame.run, device):
            return
        mail = self._mail.of(frame.job, frame.run)
        if isinstance(frame, RunUpdate):
            mail.phase = frame.state
        elif isinstance(frame, RunRefused):
            mail.refused = f"{frame.reason}: {frame.detail}"
        elif frame.what in mail.prepared:
            mail.signatures[frame.what] = frame.signature
        self._context.changed.open()
        self._mail.wake(frame.job)

    async def _log(self, device: str, frame: Log) -> None:
        if self._job(device, frame.job, frame.run) is None:
            # A settled job's log is complete or lost; acknowledged, the worker can let go of it.
            end = frame.offset + len(_decoded(frame.data))
        else:
            logs = self._context.ports.logs
            try:
                end = await logs.append(frame.job, frame.run, frame.offset, _decoded(frame.data))
            except RequestRefused:
                end = await logs.length(frame.job, frame.run)
            self._context.changed.open()
        await self._context.ports.link.send(
            device, LogAck(job=frame.job, run=frame.run, offset=end)
        )

    async def _ended(self, device: str, frame: Ended) -> None:
        job = self._job(device, frame.job, frame.run) or await self._sync.job(frame.job)
        if job is None or job.device != device or job.run != frame.run or job.state.is_final:
            await self._let_go(device, frame.job, frame.run)
            return
        # the last statement first: an end on record without it would cost the node its pay
        await self._statements.flush()
        await take_end(self._context, job, frame)
        self._mail.for_device(frame.job, frame.run, device).phase = "ended"
        self._mail.wake(frame.job)
        if job.state.has_ended:
            await self._let_go(device, frame.job, frame.run)

    async def compare(self, device: str, brief: RunBrief) -> None:
        """Go on with a run that the chain still has with this node; tell it to drop any other."""
        if self._mail.is_with(brief.job, brief.run, device):
            self._mail.of(brief.job, brief.run).phase = brief.state
            self._mail.wake(brief.job)
        job = self._job(device, brief.job, brief.run) or await self._sync.job(brief.job)
        if job is not None and self._is_preparing(job, brief, device):
            return
        if job is None or job.device != device or job.run != brief.run:
            await self._context.ports.link.send(device, Cancel(job=brief.job, run=brief.run))
            await self._let_go(device, brief.job, brief.run)
        elif job.state.has_ended:
            if brief.state != "ended":
                await self._context.ports.link.send(device, Cancel(job=brief.job, run=brief.run))
            else:
                await self._let_go(device, brief.job, brief.run)
        else:
            self._mail.for_device(brief.job, brief.run, device).phase = brief.state

    def is_rightly_held(self, device: str, brief: RunBrief) -> bool:
        """Whether the chain gives a node the run that it says it has, or is about to."""
        job = self._context.known.jobs.get(brief.job)
        if job is None:
            return False
        if self._is_preparing(job, brief, device):
            return True
        mine = (job.device, job.run) == (device, brief.run)
        return mine and (brief.state == "ended" or not job.state.has_ended)

    def _is_preparing(self, job: ChainJob, brief: RunBrief, device: str) -> bool:
        """Whether the run is one that the node prepares before the chain gives it the job."""
        return (
            job.run + 1 == brief.run
            and not job.state.has_ended
            and self._mail.is_with(brief.job, brief.run, device)
        )

    async def _let_go(self, device: str, job: str, run: int) -> None:
        await self._context.ports.link.send(device, EndedAck(job=job, run=run))

    def _job(self, device: str, address: str, run: int) -> ChainJob | None:
        job = self._context.known.jobs.get(address)
        return job if job and job.device == device and job.run == run else None


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise RequestRefused("a log frame's data is not base64") from error
