"""All runs of this node: takes them on, hands them what comes for them, and ends them."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Coroutine
from math import ceil
from pathlib import Path

from iog_client.errors import IogError
from iog_client.protocol import (
    Assign,
    Cancel,
    EndedAck,
    Gpu,
    LogAck,
    RunBrief,
    RunRefused,
    RunUpdate,
    SignRequest,
    Started,
    Stop,
)

from . import logs
from .logs import LOGGER
from .probe import is_simulated
from .runfiles import Held, RunFiles
from .runs import Run
from .station import Station, pauses
from .taking import NotTaken

STOP_GRACE = 2.0
TRIES = 8
"""How often a run may fail by an error in one state before it is given up: about a minute."""
FORGIVEN_SECONDS = 3600.0
"""After so long without an error, earlier ones do not count."""

Key = tuple[str, int]
RunFrame = Assign | SignRequest | Started | Cancel | Stop | LogAck | EndedAck


class RunBook:
    """The runs that this node holds, each with the task that carries it through."""

    def __init__(self, station: Station, runs: Path, gpus: list[Gpu]) -> None:
        self._station = station
        self._path = runs
        self._uuids = [gpu.uuid for gpu in gpus]
        self._simulated = is_simulated(gpus)
        self._runs: dict[Key, Run] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._stopping = False

    def adopt(self) -> None:
        """Go on with the runs whose folders an earlier worker left."""
        self._path.mkdir(mode=0o700, exist_ok=True)
        for path in sorted(self._path.iterdir()):
            files = RunFiles(path)
            try:
                held = Held.load(files.held, "an assignment")
            except IogError:
                files.remove()
                continue
            LOGGER.info("run found again", extra=_extra("adopt_run", held.assign))
            self._carry(Run(self._station, files, held))
        if self._station.groups is not None:
            self._station.groups.sweep([f"{job}-{number}" for job, number in self._runs])

    def briefs(self) -> list[RunBrief]:
        """The runs as hello and heartbeat list them."""
        return [run.brief for run in self._runs.values()]

    def reconnected(self) -> None:
        """Every run says again what may have got lost."""
        for run in list(self._runs.values()):
            run.reconnected()

    def take(self, frame: RunFrame) -> None:
        """Handle a frame about a run. One about a run that is not held is told so, or ignored.

        What fails for one run must not end the connection that all runs share.
        """
        try:
            self._take(frame)
        except Exception:
            LOGGER.exception("frame not handled", extra=_extra(f"take_{frame.type}", frame))

    def _take(self, frame: RunFrame) -> None:
        if isinstance(frame, Assign):
            self._assign(frame)
            return
        run = self._runs.get((frame.job, frame.run))
        if run is None:
            self._unknown(frame)
        elif isinstance(frame, SignRequest):
            self._sign(run, frame)
        elif isinstance(frame, Started):
            run.begin(frame.peers)
        elif isinstance(frame, Cancel):
            self._cancel(run, frame)
        elif isinstance(frame, Stop):
            LOGGER.info("run stopped: the node's notice is due", extra=run.extra("stop_run"))
            self._end_as_stopped(run)
        elif isinstance(frame, LogAck):
            run.log_acked(frame.offset)
        elif not run.closed():
            self._abandon(run)

    async def stop(self, patience: float) -> None:
        """End all runs as stopped by the node, and wait until that is on chain, or so long."""
        self._stopping = True
        for run in list(self._runs.values()):
            self._end_as_stopped(run)
        if tasks := list(self._tasks.values()):
            await asyncio.wait(tasks, timeout=patience)
        await self.leave()

    async def leave(self) -> None:
        """Let go of all runs; their jobs go on under their supervisors for the lease's time."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end_as_stopped(self, run: Run) -> None:
        """End a run, or give it back where its job has not begun."""
        if not run.stop("node_stopped", STOP_GRACE):
            self._forget((run.job, run.number))
            run.refuse(NotTaken("node_stopped", "the node is being stopped"))

    def _assign(self, assign: Assign) -> None:
        key = (assign.job, assign.run)
        if held := self._runs.get(key):
            held.reconnected()
            return
        try:
            gpus = self._free(assign.gpus)
        except NotTaken as error:
            self._station.send(
                RunRefused(
                    job=assign.job, run=assign.run, reason=error.reason, detail=error.message
                )
            )
            LOGGER.warning("run refused: %s", error.message, extra=_extra("refuse_run", assign))
            return
        LOGGER.info("run assigned", extra=_extra("assign_run", assign))
        held_now = Held(
            assign=assign,
            gpus=gpus,
            simulated=self._simulated,
            processors=self._processors(len(gpus)),
        )
        self._carry(Run(self._station, RunFiles.of(self._path, assign), held_now))

    def _free(self, count: int) -> list[str]:
        """GPUs for one more run. Raises `NotTaken`."""
        if self._stopping:
            raise NotTaken("node_stopped", "the node is being stopped")
        used = {uuid for run in self._runs.values() if run.holds_gpus for uuid in run.held.gpus}
        free = [uuid for uuid in self._uuids if uuid not in used]
        if len(free) < count:
            raise NotTaken(
                "node_failed", f"{len(free)} of {len(self._uuids)} GPUs are free, not {count}"
            )
        return free[:count]

    def _processors(self, gpus: int) -> tuple[int, ...]:
        """The share of so many GPUs, of the processors that the fewest runs are bound to."""
        running = (run.held.processors for run in self._runs.values() if run.holds_gpus)
        bound = Counter(itertools.chain.from_iterable(running))
        ranked = sorted(self._station.processors, key=lambda number: (bound[number], number))
        return tuple(ranked[: ceil(self._station.share(gpus).cpus)])

    def _carry(self, run: Run) -> None:
        self._runs[run.job, run.number] = run
        self._have(run, self._persist(run))

    def _abandon(self, run: Run) -> None:
        """Let go of a run that ended on chain, whatever it is at; its GPUs are free after that."""
        if task := self._tasks.get((run.job, run.number)):
            task.cancel()
        self._have(run, run.abandon())

    def _have(self, run: Run, life: Coroutine[None, None, None]) -> None:
        """Have this task be the run's; the run is gone when it ends."""
        key = (run.job, run.number)
        task = asyncio.create_task(life, name=f"run {run.job} {run.number}")
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._gone(key, task))

    def _gone(self, key: Key, task: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key], self._runs[key]

    def _forget(self, key: Key) -> None:
        self._runs.pop(key, None)
        if task := self._tasks.pop(key, None):
            task.cancel()

    async def _persist(self, run: Run) -> None:
        """Carry a run through; what fails on the way (a full disk, say) is tried again.

        What has failed so often ends the run: else a job could hold its GPUs for ever.
        """
        waits, failures, failed_at = pauses(), 0, 0.0
        while True:
            before = run.state
            try:
                await (run.carry_through() if failures < TRIES else run.give_up())
            except Exception as error:
                logs.failed("run interrupted by an error", error, run.extra("retry_run"))
                now = self._station.clock.monotonic()
                if run.state != before or now - failed_at > FORGIVEN_SECONDS:
                    waits, failures = pauses(), 0
                failures, failed_at = failures + 1, now
                await asyncio.sleep(next(waits))
            else:
                return

    def _cancel(self, run: Run, cancel: Cancel) -> None:
        LOGGER.info("run cancelled", extra=run.extra("cancel_run"))
        if not run.stop("cancelled", cancel.grace):
            self._forget((run.job, run.number))
            run.drop()

    def _sign(self, run: Run, request: SignRequest) -> None:
        try:
            signed = run.signature(request)
        except IogError as error:
            LOGGER.error(
                "message not signed: %s", error.message, extra=run.extra(f"sign_{request.what}")
            )
        else:
            self._station.send(signed)

    def _unknown(self, frame: SignRequest | Started | Cancel | Stop | LogAck | EndedAck) -> None:
        """The orchestrator believes that we hold a run, and we do not."""
        LOGGER.info("frame for a run that is not here", extra=_extra(frame.type, frame))
        if isinstance(frame, SignRequest | Started):
            detail = "this node does not hold that run"
            self._station.send(
                RunRefused(job=frame.job, run=frame.run, reason="node_failed", detail=detail)
            )
        elif isinstance(frame, Cancel | Stop):
            self._station.send(RunUpdate(job=frame.job, run=frame.run, state="ended"))


def _extra(action: str, frame: RunFrame) -> dict[str, object]:
    return {"action": action, "job": frame.job, "run": frame.run}
