"""One run on this node, from its assignment to the acknowledgement of its end.

    preparing -> ready -> running -> ended

Each step leaves its trace in the run's folder first, so that a worker that comes back goes on where
the last one stopped. Frames to the orchestrator may get lost; what matters is sent again after each
reconnection, and all of it may come twice.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from solders.pubkey import Pubkey

from iog_client.errors import IogError, NotAllowed, NotFound, Unreachable, UsageError
from iog_client.jobspec import JobSpec, relative_path
from iog_client.protocol import (
    LOG_CHUNK,
    Ended,
    Log,
    OutputFile,
    RunBrief,
    RunRefused,
    RunState,
    RunUpdate,
    Signed,
    SignRequest,
    result_hash,
)
from iog_client.reasons import EndReason

from . import outputs
from .consent import Finish, MessageRefused
from .containers import EngineFailed, NoImage
from .holding import Launch
from .keeper import End, Keeper
from .link import encode
from .logs import LOGGER
from .runfiles import Held, RunFiles, Terms, misplaced
from .station import Station, retried
from .taking import NotTaken, check_takes, limits_of
from .transfer import BlobRefused

POLL = 0.25
LOG_WINDOW = 8 * LOG_CHUNK
READY_SECONDS = 3600.0
FETCH_TRIES = 5
HALT_GRACE = 2.0

_LEAVES_OUTPUTS = frozenset({"completed", "command_failed", "timed_out", "out_of_memory"})


class Run:
    """One run. `carry_through` is its life; the other methods are what comes from outside."""

    def __init__(self, station: Station, files: RunFiles, held: Held) -> None:
        self.held = held
        self.job, self.number = held.assign.job, held.assign.run
        self._station = station
        self._files = files
        self._keeper = Keeper.find(files.path) if files.launched else None
        self._image = files.image()
        self._ended = files.ended()
        self.state: RunState = "preparing" if self._keeper is None else "running"
        if self._ended is not None:
            self.state = "ended"
        self._told = False
        self._acked = self._sent = files.acked
        self._over = False
        self._begin = asyncio.Event()
        self._peers: tuple[str, ...] = ()
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def brief(self) -> RunBrief:
        """This run as hello and heartbeat list it."""
        return RunBrief(job=self.job, run=self.number, state=self.state)

    @property
    def holds_gpus(self) -> bool:
        """Whether its GPUs are its own: until the job's last process is gone, be it told or not."""
        return self.state != "ended" and not self._over

    # what comes from outside

    def begin(self, peers: Sequence[str] = ()) -> None:
        """The chain says that the run has started, of a gang's member with these `peers`."""
        self._peers = tuple(peers)
        self._begin.set()

    def log_acked(self, offset: int) -> None:
        """The orchestrator has all output below `offset`, be that more or less than we thought."""
        if offset == self._acked or offset > self._files.log_size:
            return
        if not self._acked < offset <= self._sent:
            self._sent = offset
        self._acked = offset
        self._files.keep_acked(offset)
        self._wake.set()

    def closed(self) -> bool:
        """The run's end is on chain: nothing of it is needed any more.

        False when it has not ended here, so that it has to be abandoned.
        """
        self._closed = True
        self._wake.set()
        return self.state == "ended"

    def reconnected(self) -> None:
        """There is a new connection: what was not acknowledged goes out again."""
        self._sent = self._acked
        self._told = False
        if self.state != "ended":
            self._station.send(RunUpdate(job=self.job, run=self.number, state=self.state))
        self._wake.set()

    def stop(self, reason: str, grace: float) -> bool:
        """End the job; False when there is none running, so that the run can just be dropped."""
        if self.state == "running" and self._keeper is not None:
            self._keeper.stop(reason, grace)
            return True
        return self.state == "ended"

    def drop(self) -> None:
        """Forget a run that never started, and say so."""
        self._station.send(RunUpdate(job=self.job, run=self.number, state="ended"))
        self._files.remove()

    def refuse(self, error: NotTaken) -> None:
        """Say why the run is not taken, and forget it."""
        detail = error.message[:300]
        self._station.send(
            RunRefused(job=self.job, run=self.number, reason=error.reason, detail=detail)
        )
        LOGGER.warning("run refused: %s", detail, extra=self.extra("refuse_run"))
        self._files.remove()

    def signature(self, request: SignRequest) -> Signed:
        """The device's signature under a message of this run.

        Raises:
            MessageRefused: the run is not at that point, or the message is another one.
        """
        try:
            message = base64.b64decode(request.message, validate=True)
        except ValueError:
            raise MessageRefused("the message is not base64") from None
        job = Pubkey.from_string(self.job)
        gang = self.held.assign.gang
        if request.what == "start" and self.state == "ready" and gang is None:
            self._station.consent.start(message, job)
        elif request.what == "join" and self.state == "ready" and gang is not None:
            self._station.consent.join(message, job, Pubkey.from_string(gang.address))
        elif request.what == "finish" and self.state == "ended" and self._ended is not None:
            finish = Finish(
                run=self.number,
                result_hash=bytes.fromhex(self._ended.result_hash),
                reason=EndReason.from_label(self._ended.reason),
                seconds=self._ended.seconds,
            )
            try:
                self._station.consent.finish(message, job, finish)
            except MessageRefused:
                # the last statement may not have been taken, or got lost: it will be asked again
                self._state_seconds(self._ended.seconds)
                raise
        elif request.what == "release" and self.state == "ended" and self._ended is not None:
            reason = EndReason.from_label(self._ended.reason)
            self._station.consent.release(message, job, reason)
        else:
            raise MessageRefused(f"the run is {self.state}, and has nothing to {request.what}")
        signature = self._station.sign(message)
        return Signed(job=self.job, run=self.number, what=request.what, signature=signature)

    # the run's own life

    async def carry_through(self) -> None:
        """Bring the run to its end, from wherever its folder says it is."""
        if self._ended is None:
            try:
                spec = self._spec()
                if self._keeper is None:
                    await self._prepare(spec)
                    await self._wait_for_start()
            except NotTaken as error:
                self.refuse(error)
                return
            end = await self._follow(self._launch(spec))
            self._over = True
            self._ended = await self._conclude(spec, end)
            self._files.keep_ended(self._ended)
        await self._close(self._ended)

    async def give_up(self) -> None:
        """End the run as the node's failure: what it takes to go on keeps failing here."""
        if self._ended is None:
            if self.state == "preparing":
                self.refuse(NotTaken("node_failed", "this node cannot prepare the run"))
                return
            await self._halt("node_failed")
            seconds = 0.0 if self._keeper is None else self._keeper.seconds
            self._ended = self._end(End("node_failed", None, seconds), "node_failed", [], {})
            with suppress(OSError):
                self._files.keep_ended(self._ended)
        await self._close(self._ended)

    async def abandon(self) -> None:
        """End the job and forget the run, which is over on chain before it is here."""
        await self._halt("cancelled")
        await asyncio.to_thread(self._files.remove)
        LOGGER.info("run abandoned", extra=self.extra("abandon_run"))

    async def _halt(self, reason: str) -> None:
        """End what still runs of the job."""
        if self._keeper is not None and not self._over:
            self._keeper.stop(reason, HALT_GRACE)
            await self._keeper.ended()
            await asyncio.to_thread(self._keeper.end)
        self._over = True

    async def _close(self, ended: Ended) -> None:
        self.state = "ended"
        await self._report(ended)
        # in a thread: a job may leave a million files, and the others' heartbeats go on
        await asyncio.to_thread(self._files.remove)
        LOGGER.info("run closed", extra=self.extra("close_run"))

    def _spec(self) -> JobSpec:
        assign = self.held.assign
        try:
            spec = JobSpec.parse(assign.spec)
        except UsageError as error:
            raise NotTaken("input_invalid", error.message) from None
        if spec.hash().hex() != assign.spec_hash or list(spec.inputs) != list(assign.inputs):
            raise NotTaken("input_invalid", "the spec is not the one that its hash names")
        return spec

    async def _prepare(self, spec: JobSpec) -> None:
        check_takes(self._station, spec, self.held.assign.gpus)
        if (path := misplaced(file.path for file in self.held.assign.inputs)) is not None:
            raise NotTaken("input_invalid", f"{path}: it cannot lie beside the other inputs")
        self._files.make(self.held, self._station.confinement.interpreter.path)
        await self._pull(spec)
        for file in self.held.assign.inputs:
            target = self._files.work / relative_path(file.path)
            fetch = partial(self._station.blobs.fetch, file, target)
            try:
                await retried(fetch, FETCH_TRIES)
            except (NotFound, BlobRefused) as error:
                raise NotTaken("input_invalid", f"{file.path}: {error.message}") from None
            except (Unreachable, NotAllowed) as error:
                raise NotTaken("node_failed", f"{file.path}: {error.message}") from None

    async def _pull(self, spec: JobSpec) -> None:
        """Have the job's image on this machine, and remember which it is."""
        engine, image = self._station.engine, spec.image
        if image is None or engine is None:
            return
        try:
            self._image = await asyncio.to_thread(engine.pull, image)
        except NoImage as error:
            raise NotTaken("input_invalid", f"image {image[:100]}: {error}") from None
        except EngineFailed as error:
            raise NotTaken("node_failed", f"image {image[:100]}: {error}") from None
        self._files.keep_image(self._image)
        LOGGER.info("image is there: %s", self._image.reference, extra=self.extra("pull_image"))

    async def _wait_for_start(self) -> None:
        self._become("ready")
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._begin.wait()
        except TimeoutError:
            raise NotTaken("start_missed", "the run was not started in time") from None

    def _launch(self, spec: JobSpec) -> Keeper:
        """Start the job, or find the one that an earlier worker started."""
        if self._keeper is None:
            self._keeper = Keeper.spawn(self._files.path, self._terms_of(spec))
        self._become("running")
        return self._keeper

    def _terms_of(self, spec: JobSpec) -> Launch:
        station = self._station
        limits = limits_of(station, spec, len(self.held.gpus))
        terms = Terms(limits, station.lease, station.lease_seconds, station.groups)
        if self._image is not None and station.engine is not None:
            return self._files.launch_container(
                self.held, spec, station.engine, self._image, terms, self._peers
            )
        return self._files.launch(self.held, spec, station.confinement, terms, self._peers)

    async def _follow(self, keeper: Keeper) -> End:
        """Send the job's output and statements until its supervisor has ended."""
        over = asyncio.ensure_future(keeper.ended())
        due = self._station.clock.monotonic() + self._station.statement_seconds
        try:
            while not over.done():
                self._push_log()
                if self._station.clock.monotonic() >= due:
                    self._state_seconds(keeper.seconds)
                    due = self._station.clock.monotonic() + self._station.statement_seconds
                await asyncio.wait([over], timeout=POLL)
        finally:
            over.cancel()
        return await asyncio.to_thread(keeper.end)

    async def _conclude(self, spec: JobSpec, end: End) -> Ended:
        """Store what the job left; a completed job that lacks an output has not completed."""
        reason = end.reason
        files: list[OutputFile] = []
        figures: outputs.Metrics = {}
        if reason in _LEAVES_OUTPUTS:
            try:
                files = await self._store(spec, whole=reason == "completed")
            except (outputs.OutputMissing, BlobRefused, NotFound, OSError) as error:
                # OSError: a file that could be read a moment ago; the job's folder is its own
                self._files.say(error.message if isinstance(error, IogError) else str(error))
                reason = "output_missing" if reason == "completed" else reason
            except NotAllowed as error:
                # a clock that is off makes requests invalid: no fault of the client's
                self._files.say(error.message)
                reason = "node_failed"
            figures = self._metrics()
        try:
            ended = self._end(end, reason, files, figures)
            encode(ended)
        except ValueError as error:
            self._files.say(f"what the job left is more than can be told: {error}")
            reason = "output_missing" if reason == "completed" else reason
            ended = self._end(end, reason, [], {})
        LOGGER.info("run ended", extra=self.extra("end_run") | {"reason": reason})
        return ended

    def _end(
        self, end: End, reason: str, files: list[OutputFile], figures: outputs.Metrics
    ) -> Ended:
        image = None if self._image is None else self._image.reference
        return Ended(
            job=self.job,
            run=self.number,
            reason=reason,
            exit_code=end.exit_code,
            outputs=files,
            metrics=figures,
            image=image,
            seconds=self._whole(end.seconds),
            result_hash=result_hash(reason, end.exit_code, files, image),
        )

    async def _store(self, spec: JobSpec, *, whole: bool) -> list[OutputFile]:
        work = self._files.work
        found = await asyncio.to_thread(outputs.collect, work, spec.outputs, partial=not whole)
        for output in found:
            await retried(partial(self._station.blobs.upload, output.file, output.source))
        return [output.file for output in found]

    def _metrics(self) -> outputs.Metrics:
        try:
            return outputs.metrics(self._files.work)
        except outputs.OutputMissing as error:
            self._files.say(f"{error.message}; it is left out")
            return {}

    async def _report(self, ended: Ended) -> None:
        """Send the rest of the output, the last statement and the end, until all is on chain."""
        while not self._closed:
            self._push_log()
            if self._acked >= self._files.log_size and not self._told:
                self._state_seconds(ended.seconds)
                self._told = self._station.send(ended)
            await self._wake.wait()
            self._wake.clear()

    def _push_log(self) -> None:
        size = self._files.log_size
        while self._sent < size and self._sent - self._acked < LOG_WINDOW:
            block = self._files.read_log(self._sent, min(LOG_CHUNK, size - self._sent))
            if not block:
                return
            data = base64.b64encode(block).decode()
            log = Log(job=self.job, run=self.number, offset=self._sent, data=data)
            if not self._station.send(log):
                return
            self._sent += len(block)

    def _state_seconds(self, seconds: float) -> None:
        """Sign and send how long the job has run; nothing is said about less than a second."""
        if whole := self._whole(seconds):
            self._station.send(self._station.statements.for_job(self.job, self.number, whole))

    def _whole(self, seconds: float) -> int:
        return min(int(seconds), self.held.assign.max_seconds)

    def _become(self, state: RunState) -> None:
        self.state = state
        self._station.send(RunUpdate(job=self.job, run=self.number, state=state))
        LOGGER.info("run is %s", state, extra=self.extra("become"))

    def extra(self, action: str) -> dict[str, object]:
        """What a log line about this run carries."""
        return {"action": action, "job": self.job, "run": self.number}
