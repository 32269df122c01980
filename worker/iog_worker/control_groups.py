"""A run's control group: limits on memory, processes and processors that the kernel keeps.

The limits are set on the run's group, and the job lives in the group `job` inside it. A job can
make namespaces in which it is root and mount the control groups there, where it has all rights of
the user it runs as; but such a mount begins at the group it is in. So it sees `job`, which has no
limits, and never the files of its own.

Version 2 has one tree of groups for all controllers, version 1 a tree for each.

Standard library only, for the supervisor.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from iog_worker import processes
from iog_worker.containers import Limits

CONTROLLERS = {1: ("memory", "pids", "cpu", "cpuacct"), 2: ("memory", "pids", "cpu")}
"""What a run's group needs, by version."""
JOB = "job"
PERIOD = 100_000
"""Microseconds in which a group may use its share of processor time."""
LEAST_QUOTA = 1_000
PATIENCE = 5.0
"""Seconds that the last processes of a group may take to be gone."""

_MISSING_IS_FINE = (
    "memory.memsw.limit_in_bytes",
    "memory.swap.max",
    "memory.swappiness",
    "memory.use_hierarchy",
)
"""Files that kernels without swap, and newer ones, do not have."""


@dataclass(frozen=True)
class Usage:
    """What a group has used: most bytes of memory, seconds of processors; and how many of its
    processes the kernel ended for want of memory."""

    memory: int
    cpu_seconds: float
    oom_kills: int


@dataclass(frozen=True)
class Group:
    """The group of one run, by its folder for each controller."""

    version: int
    folders: Mapping[str, str]

    def make(self, limits: Limits) -> None:
        """Make it with these limits; what an earlier one of its name left is ended first.

        Raises:
            OSError: the groups are not usable any more.
        """
        self.remove()
        for folder in self._all:
            folder.mkdir()
        for controller, name, text in _settings(self.version, limits):
            path = Path(self.folders[controller]) / name
            if path.exists() or name not in _MISSING_IS_FINE:
                write(path, text)
        for folder in self._all:
            (folder / JOB).mkdir()

    def enter(self) -> None:
        """Take this process into it, and with it all that it will start. Raises `OSError`."""
        for folder in self._all:
            write(folder / JOB / "cgroup.procs", "0")

    def usage(self) -> Usage:
        """What it has used so far. Raises `OSError` or `ValueError` when it cannot be read."""
        memory, cpu = Path(self.folders["memory"]), Path(self.folders["cpu"])
        if self.version == 1:
            nanoseconds = (Path(self.folders["cpuacct"]) / "cpuacct.usage").read_text()
            return Usage(
                memory=int((memory / "memory.max_usage_in_bytes").read_text()),
                cpu_seconds=int(nanoseconds) / 1e9,
                # counted where the process was, not in the groups above
                oom_kills=_value(memory / JOB / "memory.oom_control", "oom_kill"),
            )
        peak = memory / "memory.peak"  # since Linux 5.19
        if not peak.exists():
            peak = memory / "memory.current"
        return Usage(
            memory=int(peak.read_text()),
            cpu_seconds=_value(cpu / "cpu.stat", "usage_usec") / 1e6,
            oom_kills=_value(memory / "memory.events", "oom_kill"),
        )

    def pids(self) -> list[int]:
        """Its processes."""
        found: set[int] = set()
        for folder in self._all:
            for path in _groups(folder):
                with contextlib.suppress(OSError):
                    found.update(map(int, (path / "cgroup.procs").read_text().split()))
        # 0 is a process that has no number here
        return sorted(found - {0})

    def remove(self) -> bool:
        """End all that runs in it and delete it; False if something of it stays."""
        with contextlib.suppress(OSError):
            write(Path(self.folders["pids"]) / "pids.max", "0")  # none can start another
        with contextlib.suppress(OSError):
            write(self._all[0] / "cgroup.kill", "1")  # version 2 since Linux 5.14
        processes.kill(self.pids, PATIENCE)
        end = time.monotonic() + PATIENCE
        while left := [folder for folder in self._all if not _removed(folder)]:
            if time.monotonic() > end:
                return not left
            time.sleep(0.005)
        return True

    @property
    def _all(self) -> list[Path]:
        """Its folders, each once."""
        return [Path(folder) for folder in dict.fromkeys(self.folders.values())]


def write(path: Path, text: str) -> None:
    """Write to a file of a control group. Raises `OSError`."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


def _settings(version: int, limits: Limits) -> Iterator[tuple[str, str, str]]:
    """Controller, file and text of each setting, in the order that they are to be made."""
    quota = max(LEAST_QUOTA, int(limits.cpus * PERIOD))
    if version == 1:
        yield "memory", "memory.use_hierarchy", "1"
        if limits.memory:
            yield "memory", "memory.limit_in_bytes", str(limits.memory)
            yield "memory", "memory.memsw.limit_in_bytes", str(limits.memory)
            yield "memory", "memory.swappiness", "0"
        if limits.cpus:
            yield "cpu", "cpu.cfs_period_us", str(PERIOD)
            yield "cpu", "cpu.cfs_quota_us", str(quota)
    else:
        # all of a job ends when one of its processes does: half a job helps nobody
        yield "memory", "memory.oom.group", "1"
        if limits.memory:
            yield "memory", "memory.max", str(limits.memory)
            yield "memory", "memory.swap.max", "0"
        if limits.cpus:
            yield "cpu", "cpu.max", f"{quota} {PERIOD}"
    if limits.processes:
        yield "pids", "pids.max", str(limits.processes)


def _value(path: Path, name: str) -> int:
    """A number from a file of lines with a name and a number. Raises `OSError`, `ValueError`."""
    for line in path.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    raise ValueError(f"{path} does not say {name}")


def _groups(folder: Path) -> list[Path]:
    """A group and all below it, the deepest first."""
    return [Path(path) for path, _, _ in os.walk(folder, topdown=False)]


def _removed(folder: Path) -> bool:
    """Delete a group and all below it; False if it stays, because processes have yet to go."""
    with contextlib.suppress(OSError):
        for path in _groups(folder):
            path.rmdir()
    return not folder.exists()
