"""One run's keeper: `python -m iog_worker.supervisor RUN_FOLDER`, a process of its own.

It starts the job, counts its seconds, watches deadline and lease, and memory where the kernel does
not, and leaves no process behind. The worker that started it may die and come back: all it needs
lies in the run's folder.

    launch.json      what to do, written by the worker (`Launch`)
    supervisor.json  this process: number and start time
    log              joint output of the job, copied from a pipe by this process (capture.py)
    usage.json       seconds, memory and processor time so far, every second
    stop.json        the worker's wish to end the run, read on SIGTERM
    exit.json        how the job ended; written once, last

The lease is a file that a living worker touches. When it has not changed for `lease_seconds` of
this process's own clock, the worker is gone for good and the run ends as failed.

Standard library only, and few of its modules: this starts once a run.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from iog_worker import holding, processes
from iog_worker.capture import Capture
from iog_worker.containers import EngineFailed
from iog_worker.diskuse import DiskUse, Hidden
from iog_worker.holding import Launch, NotHeld, prctl

LAUNCH = "launch.json"
SELF = "supervisor.json"
LOG = "log"
USAGE = "usage.json"
STOP = "stop.json"
EXIT = "exit.json"

TICK = 1.0
GRACE = 2.0
DISK_SECONDS = 0.05
"""How long the disk space is looked at in every tick."""
LAST_DISK_SECONDS = 1.0
OWN = ("work", "home", "tmp")
"""Folders of the run that its job can write to."""
DRAIN_SECONDS = 10.0
"""How long the last output may take once all processes of the job have ended."""
PR_SET_CHILD_SUBREAPER = 36


def write(path: Path, value: object, *, durable: bool = False) -> None:
    """Write JSON so that a reader sees all of it or what was there before."""
    partial = path.with_name(path.name + ".new")
    with partial.open("w") as file:
        json.dump(value, file)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    partial.replace(path)


class Supervisor:
    """Holds one job from its start to the end of its last process."""

    def __init__(self, folder: Path, launch: Launch) -> None:
        self.folder = folder
        self.launch = launch
        self.began = time.monotonic()
        self.job: subprocess.Popen[bytes] | None = None
        self.held = holding.job(launch, self._collect)
        self.capture = Capture(folder / LOG, launch.log_bytes)
        self.peak = 0
        self.cpu = 0.0
        self.kills = processes.oom_kills()
        self.reason: str | None = None
        self.force_at = 0.0
        self.measure_at = 0.0
        self.disk = DiskUse(folder / name for name in OWN)
        self.disk_peak = 0
        self.lease_seen = self._lease()
        self.lease_at = self.began

    @property
    def seconds(self) -> float:
        """Seconds the job has had, never more than it may have."""
        return min(time.monotonic() - self.began, self.launch.max_seconds)

    def run(self) -> None:
        """Start the job, keep it, and write its end."""
        self.began = time.monotonic()
        try:
            self.job = self._start()
            # what it took to make a container is not the job's time
            self.began = time.monotonic()
        except EngineFailed as error:
            self._say(f"the container was not made: {error}")
            self._finish("node_failed", None)
            return
        except NotHeld as error:
            self._say(f"the job's limits could not be set: {error}")
            self._finish("node_failed", None)
            return
        except (OSError, ValueError) as error:
            # ValueError: a zero byte, which a spec may have and a command line may not
            why = error.strerror if isinstance(error, OSError) else str(error)
            self._log(f"{self.launch.argv[0]}: {why}")
            self._finish("command_failed", 127)
            return
        self._measure()
        while not self._collect():
            received = signal.sigtimedwait({signal.SIGCHLD, signal.SIGTERM}, self._wait())
            if received is not None and received.si_signo == signal.SIGTERM:
                self._stop_asked()
            # by the clock: a job that starts and orphans processes all the time sends signals too
            if time.monotonic() >= self.measure_at:
                self._measure()
            self._watch()
        self._end(self.job.returncode)

    def _collect(self) -> bool:
        """Take the status of ended children, adopted ones too; whether the job itself has ended."""
        for pid, status in processes.ended_children():
            if self.job is not None and pid == self.job.pid:
                self.job.returncode = os.waitstatus_to_exitcode(status)
        return self.job is None or self.job.returncode is not None

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return self.held.start(self.capture.writing)
        finally:
            self.capture.start()

    def _wait(self) -> float:
        """Seconds until something has to be looked at even when no signal comes."""
        now = time.monotonic()
        due = [TICK, self.began + self.launch.max_seconds - now]
        if self.reason is not None:
            due = [TICK, self.force_at - now]
        due.append(self.measure_at - now)
        return max(0.02, min(due))

    def _measure(self) -> None:
        self.measure_at = time.monotonic() + TICK
        if self.held.group is None:
            self._look_at_processes()
        elif self._killed_in_group() and self.reason is None:
            self._ask_end("out_of_memory", grace=0)
        self._check_disk()
        # the job may have filled the disk: old figures are better than no supervisor
        with contextlib.suppress(OSError):
            write(self.folder / USAGE, self._usage())

    def _look_at_processes(self) -> None:
        """What they use, and whether that is too much."""
        pids = self.held.pids()
        memory = processes.resident(pids)
        limit = self.launch.memory
        if limit and memory > limit:
            # the quick sum counts shared pages several times: ask exactly before ending a job
            memory = processes.proportional(pids)
            if memory > limit:
                self._say(f"the job uses {memory} bytes of memory, above its limit of {limit}")
                self._ask_end("out_of_memory", grace=0)
        self._check_processes(len(pids))
        self.peak = max(self.peak, memory)
        self.cpu = max(self.cpu, processes.cpu_seconds(pids))

    def _killed_in_group(self) -> bool:
        """Take over what the job's group has used; whether the kernel had to end some of it."""
        if self.held.group is None:
            return False
        try:
            used = self.held.group.usage()
        except (OSError, ValueError):
            return False  # a job that is root may delete what it likes
        self.peak = max(self.peak, used.memory)
        self.cpu = max(self.cpu, used.cpu_seconds)
        if used.oom_kills and self.reason is None:
            self._say(f"the job needs more memory than its limit of {self.launch.memory} bytes")
        return used.oom_kills > 0

    def _check_processes(self, count: int) -> None:
        limit = self.launch.processes
        if limit and count > limit:
            self._say(f"the job has {count} processes, above its limit of {limit}")
            self._ask_end("command_failed", grace=0)

    def _check_disk(self, seconds: float = DISK_SECONDS) -> None:
        limit = self.launch.disk
        if not limit:
            return
        try:
            self.disk.step(seconds)
        except Hidden as error:
            self._say(f"the disk space of the job cannot be measured: {error}")
            self._ask_end("command_failed", grace=0)
            return
        self.disk_peak = max(self.disk_peak, self.disk.total)
        if self.disk.total > limit and self.reason is None:
            self._say(f"the job uses {self.disk.total} bytes of disk, above its limit of {limit}")
            self._ask_end("command_failed", grace=0)

    def _usage(self) -> dict[str, object]:
        return {
            "seconds": self.seconds,
            "memory_peak": self.peak,
            "disk_peak": self.disk_peak,
            "cpu_seconds": round(self.cpu, 2),
        }

    def _watch(self) -> None:
        now = time.monotonic()
        if self.reason is not None:
            if now >= self.force_at:
                self.held.force()
            return
        if now - self.began >= self.launch.max_seconds:
            self._ask_end("timed_out", GRACE)
        elif self._lease_lapsed(now):
            self._ask_end("node_failed", GRACE)

    def _stop_asked(self) -> None:
        reason, grace = "node_stopped", GRACE
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            wish = json.loads((self.folder / STOP).read_text())
            reason, grace = str(wish["reason"]), float(wish["grace"])
        self._ask_end(reason, grace)

    def _ask_end(self, reason: str, grace: float) -> None:
        """Signal the job to end; force follows after `grace`. The first reason stands."""
        self.reason = self.reason or reason
        self.force_at = time.monotonic() + grace
        if grace > 0:
            self.held.terminate()
        else:
            self.held.force()

    def _lease(self) -> int:
        try:
            return Path(self.launch.lease).stat().st_mtime_ns
        except OSError:
            return 0

    def _lease_lapsed(self, now: float) -> bool:
        """Whether no worker has touched the lease for too long, by this process's own clock."""
        seen = self._lease()
        if seen != self.lease_seen:
            self.lease_seen, self.lease_at = seen, now
        return now - self.lease_at > self.launch.lease_seconds

    def _say(self, line: str) -> None:
        self._log(f"[node] {line}")

    def _log(self, line: str) -> None:
        # a full disk is no reason to lose hold of the job
        with contextlib.suppress(OSError), (self.folder / LOG).open("ab") as log:
            log.write(f"{line}\n".encode(errors="backslashreplace"))

    def _end(self, status: int) -> None:
        found, code = self.held.verdict(status)
        # what it was that it may have ended by: a file cannot grow above the limit
        self._check_disk(LAST_DISK_SECONDS)
        reason = self.reason or found
        if self._ended_by_kernel(code):
            reason = reason or "out_of_memory"
        self._finish(reason or ("completed" if code == 0 else "command_failed"), code)

    def _ended_by_kernel(self, code: int) -> bool:
        """Whether the job ended for want of memory, as far as can be told."""
        if self.held.group is not None:
            return self._killed_in_group()
        # a sandbox gives the signal of its job as a shell does, above 128
        killed = code in (-signal.SIGKILL, 128 + signal.SIGKILL)
        return killed and processes.oom_kills() > self.kills

    def _finish(self, reason: str, code: int | None) -> None:
        seconds = self.seconds
        if not self.held.clear():
            self._say("a process of the job could not be ended")
        if not self.capture.end(DRAIN_SECONDS):
            self._say("the last output was not copied")
        end = self._usage() | {"seconds": seconds, "reason": reason, "exit_code": code}
        write(self.folder / EXIT, end, durable=True)


def main(argv: list[str]) -> int:
    """Run the job of one folder; the folder says how it ended, not the exit status."""
    if len(argv) != 1:
        sys.stderr.write("usage: python -m iog_worker.supervisor RUN_FOLDER\n")
        return 2
    folder = Path(argv[0])
    try:
        launch = Launch(**json.loads((folder / LAUNCH).read_text()))
    except (OSError, ValueError, TypeError) as error:
        sys.stderr.write(f"{folder / LAUNCH} is not a launch: {error}\n")
        return 2
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT})
    # orphans of the job come to this process, so that they can be found and ended
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    pid = os.getpid()
    write(folder / SELF, {"pid": pid, "started": processes.started(pid)})
    Supervisor(folder, launch).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
