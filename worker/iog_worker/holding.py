"""What a supervisor holds: a job as processes of its own, or as a container of an engine.

Standard library only, for the supervisor.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from iog_worker import processes
from iog_worker.containers import SLACK, Box, Cli, Engine, EngineFailed, Limits, unblock
from iog_worker.control_groups import Group

PR_SET_PDEATHSIG = 1
OPEN_FILES = 65_536
PROCESSES = 16_384
FILE_BYTES = 1 << 40
COMMAND_CODES = (126, 127)
"""What engines and shells end with when the command cannot be run."""


@dataclass(frozen=True)
class Launch:
    """What the worker asks for. Sizes in bytes, times in seconds; 0 is no limit.
    `processors`: those that the job is bound to, none for all.

    With an `engine` (the fields of `containers.Cli`) the job is the container `box` (those of
    `containers.Box`), else `argv`, in the `group` (those of `control_groups.Group`) if it has one.
    """

    argv: list[str]
    env: dict[str, str]
    cwd: str
    token: str
    max_seconds: float
    memory: int
    log_bytes: int
    lease: str
    lease_seconds: float
    confined: bool
    cpus: float = 0.0
    processors: list[int] = field(default_factory=list)
    disk: int = 0
    processes: int = 0
    engine: dict[str, Any] = field(default_factory=dict)
    box: dict[str, Any] = field(default_factory=dict)
    group: dict[str, Any] = field(default_factory=dict)

    @property
    def limits(self) -> Limits:
        """What the run may use."""
        return Limits(self.cpus, self.memory, self.disk, self.processes)


class NotHeld(Exception):  # noqa: N818 - an outcome
    """The job's limits cannot be set here any more."""


class Job(Protocol):
    """A job, however it runs."""

    group: Group | None
    """What keeps its limits; without one it has to be watched."""

    def start(self, output: int) -> subprocess.Popen[bytes]:
        """Start it; the process returned ends when the job does.

        Raises:
            OSError, ValueError: the command cannot be started.
            EngineFailed: the engine does not do it.
            NotHeld: its group does not.
        """

    def pids(self) -> list[int]:
        """Its processes by this machine's numbers."""

    def terminate(self) -> None:
        """Ask its processes to end."""

    def force(self) -> None:
        """End them."""

    def verdict(self, code: int) -> tuple[str | None, int]:
        """The reason of its end, if that is known, and its exit code; `code` is the process's."""

    def clear(self) -> bool:
        """Leave nothing of it; False if something stays."""


class Processes:
    """A job as the descendants of this process."""

    def __init__(self, launch: Launch, collect: Callable[[], object]) -> None:
        self._launch = launch
        self._collect = collect
        self._first = 0
        self.group = Group(**launch.group) if launch.group else None

    def start(self, output: int) -> subprocess.Popen[bytes]:
        if self.group is not None:
            try:
                self.group.make(self._launch.limits)
            except OSError as error:
                raise NotHeld(str(error)) from None
        try:
            started = subprocess.Popen(
                self._launch.argv,
                env=self._launch.env,
                cwd=self._launch.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=self._prepare,
            )
        except subprocess.SubprocessError as error:
            raise NotHeld(str(error)) from None
        self._first = started.pid
        return started

    def pids(self) -> list[int]:
        return processes.descendants(os.getpid())

    def terminate(self) -> None:
        # the sandbox's own process would take everything down before the job can react
        kept = {self._first} if self._launch.confined else set()
        processes.send([pid for pid in self.pids() if pid not in kept], signal.SIGTERM)

    def force(self) -> None:
        processes.send(self.pids(), signal.SIGKILL)

    def verdict(self, code: int) -> tuple[str | None, int]:
        return None, code

    def clear(self) -> bool:
        # both: what left the group, or hid from its supervisor
        ended = processes.kill(self._left)
        return (self.group is None or self.group.remove()) and ended

    def _left(self) -> list[int]:
        self._collect()
        return self.pids()

    def _prepare(self) -> None:
        """In the new process, before the job's program: limits, and death with the supervisor."""
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        if self.group is not None:
            self.group.enter()
        for kind, wanted in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, OPEN_FILES),
            # it counts all processes of this user: a group knows better
            *([(resource.RLIMIT_NPROC, PROCESSES)] if self.group is None else []),
            # a block above the limit, so that a file that reaches it is seen to
            (resource.RLIMIT_FSIZE, self._launch.disk + SLACK if self._launch.disk else FILE_BYTES),
        ):
            hard = resource.getrlimit(kind)[1]
            limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(kind, (limit, limit))
        if self._launch.processors:
            # one of them may be gone by now: a job on too many is better than none
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, self._launch.processors)


class Container:
    """A job as a container; the process that this one has is the engine's client."""

    def __init__(self, launch: Launch, engine: Engine, rest: Processes, init: bool) -> None:
        self._launch = launch
        self._engine = engine
        self._rest = rest
        self._init = init
        self._box = Box(**launch.box)
        self._pid = 0
        self.group: Group | None = None

    def start(self, output: int) -> subprocess.Popen[bytes]:
        self._engine.create(self._box, self._launch.limits)
        return subprocess.Popen(
            self._engine.attach(self._box.name),
            env=self._launch.engine["env"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=unblock,
        )

    def pids(self) -> list[int]:
        if self._pid == 0:
            try:
                state = self._engine.state(self._box.name)
            except EngineFailed:
                state = None
            self._pid = state.pid if state is not None and state.running else 0
        return [self._pid, *processes.descendants(self._pid)] if self._pid else []

    def terminate(self) -> None:
        pids = self.pids()
        if not pids:
            return  # it has not begun: there is nothing to put in order
        if not _may_signal(pids[0]):
            self._engine.signal(self._box.name, signal.SIGTERM)
            return
        # the engine's first process would pass on to one of them what all get from here
        processes.send(pids[1:] if self._init else pids, signal.SIGTERM)

    def force(self) -> None:
        self._engine.remove(self._box.name)

    def verdict(self, code: int) -> tuple[str | None, int]:
        try:
            state = self._engine.state(self._box.name)
        except EngineFailed:
            return "node_failed", code
        if state is None or state.running:
            return "node_failed", code
        if not state.started:
            return ("command_failed" if code in COMMAND_CODES else "node_failed"), code
        return ("out_of_memory" if state.out_of_memory else None), state.exit_code

    def clear(self) -> bool:
        # the container first: what else is there are the engine's helpers
        removed = self._engine.remove(self._box.name)
        return self._rest.clear() and removed


def job(launch: Launch, collect: Callable[[], object]) -> Job:
    """The job of a launch; `collect` takes the status of ended children."""
    rest = Processes(launch, collect)
    if not launch.engine:
        return rest
    engine = Cli(**launch.engine)
    return Container(launch, engine, rest, engine.init)


def prctl(option: int, value: int) -> None:
    """Set an option of this process, where the system knows it."""
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _may_signal(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return False
    except ProcessLookupError:
        return True
    return True
