"""The worker's hold on one run's supervisor: starts it, finds it again, reads what it wrote."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from iog_client.reasons import EndReason

from . import processes, supervisor
from .containers import Cli
from .control_groups import Group
from .folder import read_json, replace
from .holding import Launch

MOST_SECONDS = 1e9
_REASONS = frozenset(reason.label for reason in EndReason)
_PACKAGES = str(Path(__file__).resolve().parent.parent)


@dataclass(frozen=True, slots=True)
class End:
    """How a job ended: the label of an end reason, and seconds by the supervisor's clock."""

    reason: str
    exit_code: int | None
    seconds: float


class Keeper:
    """One supervisor, by its process number and start time."""

    def __init__(self, folder: Path, pid: int, started: int) -> None:
        self.folder = folder
        self.pid = pid
        self._started = started

    @classmethod
    def spawn(cls, folder: Path, launch: Launch) -> Keeper:
        """Start a supervisor in its own session, so that no signal to the worker reaches it."""
        replace(folder / supervisor.LAUNCH, json.dumps(asdict(launch)))
        errors = os.open(folder / "supervisor.err", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        null = os.open(os.devnull, os.O_RDWR)
        try:
            pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-S", "-s", "-m", "iog_worker.supervisor", str(folder)],
                # marked like its job: so it is found even before it has said who it is
                {"PYTHONPATH": _PACKAGES, processes.TOKEN: launch.token},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, null, 0),
                    (os.POSIX_SPAWN_DUP2, null, 1),
                    (os.POSIX_SPAWN_DUP2, errors, 2),
                ],
                setsid=True,
                setsigmask=[],
            )
        finally:
            os.close(errors)
            os.close(null)
        return cls(folder, pid, processes.started(pid) or 0)

    @classmethod
    def find(cls, folder: Path) -> Keeper:
        """The supervisor that an earlier worker started here; it may have ended since."""
        known = read_json(folder / supervisor.SELF) or {}
        pid, started = known.get("pid"), known.get("started")
        if isinstance(pid, int) and isinstance(started, int):
            return cls(folder, pid, started)
        return cls(folder, 0, 0)

    @property
    def alive(self) -> bool:
        """Whether the supervisor still runs."""
        return self.pid > 0 and processes.is_running(self.pid, self._started)

    @property
    def seconds(self) -> float:
        """Seconds the job has had so far, as last written."""
        usage = read_json(self.folder / supervisor.USAGE) or {}
        return _seconds(usage.get("seconds")) or 0.0

    def stop(self, reason: str, grace: float) -> None:
        """Ask for the job's end: a signal to it first, force after `grace` seconds."""
        # on a full disk the supervisor does not hear the reason, and ends the job all the same
        with contextlib.suppress(OSError):
            replace(self.folder / supervisor.STOP, json.dumps({"reason": reason, "grace": grace}))
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    async def ended(self) -> None:
        """Return once the supervisor has ended."""
        try:
            handle = os.pidfd_open(self.pid) if self.alive else None
        except OSError:
            handle = None
        if handle is not None:
            try:
                await _readable(handle)
            finally:
                os.close(handle)
        self._collect()

    def _collect(self) -> None:
        """Take the exit status of our own child; another worker's is not ours to take."""
        if self.pid > 0:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, os.WNOHANG)

    def end(self) -> End:
        """How the job ended, once the supervisor has; one that died itself left no word.

        Then the job's processes, which have lost their keeper, are found by their group and by
        their mark, and ended.
        """
        known = read_json(self.folder / supervisor.EXIT)
        if known is not None:
            code, reason = known.get("exit_code"), known.get("reason")
            seconds = _seconds(known.get("seconds"))
            return End(
                reason if isinstance(reason, str) and reason in _REASONS else "node_failed",
                code if isinstance(code, int) else None,
                self.seconds if seconds is None else seconds,
            )
        launch = read_json(self.folder / supervisor.LAUNCH) or {}
        engine, box = launch.get("engine"), launch.get("box")
        if isinstance(engine, dict) and isinstance(box, dict) and engine:
            Cli(**engine).remove(str(box.get("name")))
        group = launch.get("group")
        if isinstance(group, dict) and group:
            Group(**group).remove()
        token = launch.get("token")
        if isinstance(token, str) and token:
            processes.kill(lambda: processes.marked(token), looks=3)
        return End("node_failed", None, self.seconds)


def _seconds(value: object) -> float | None:
    """A number of seconds, if it is one: a job without isolation can write to these files."""
    if isinstance(value, int | float) and 0 <= value < MOST_SECONDS:
        return float(value)
    return None


async def _readable(handle: int) -> None:
    """Wait until a process handle says that its process has ended."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(handle, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(handle)
