"""What Linux says of processes, from /proc alone; standard library only, for the supervisor.

A process is named by its number and its start time together, since numbers are used again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")
TOKEN = "IOG_RUN_TOKEN"
"""Variable in the environment of all processes of a run: finds those whose supervisor is gone."""

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[bytes] | None:
    """The fields of /proc/PID/stat from the state on (field 3 of proc(5) is index 0)."""
    try:
        return (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None


def numbers() -> list[int]:
    """All process numbers there are now."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def started(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None if there is none."""
    fields = _stat(pid)
    return None if fields is None else int(fields[19])


def is_running(pid: int, since: int) -> bool:
    """Whether that very process runs; one that ended and was not waited for does not."""
    fields = _stat(pid)
    return fields is not None and fields[0] not in (b"Z", b"X") and int(fields[19]) == since


def descendants(root: int) -> list[int]:
    """All processes below `root`, ended ones that nobody waited for included."""
    children: dict[int, list[int]] = {}
    for pid in numbers():
        fields = _stat(pid)
        if fields is not None:
            children.setdefault(int(fields[1]), []).append(pid)
    found: list[int] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def marked(token: str) -> list[int]:
    """Live processes with `token` in the environment they were started with."""
    entry = f"{TOKEN}={token}".encode()
    found = []
    for pid in numbers():
        with contextlib.suppress(OSError):
            if entry in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                found.append(pid)
    return found


def send(pids: Iterable[int], number: int) -> None:
    """Signal each process that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def ended_children() -> Iterator[tuple[int, int]]:
    """Number and wait status of the children of this process that ended; none stays a zombie."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            yield ended


def kill(find: Callable[[], list[int]], patience: float = 5.0, looks: int = 1) -> bool:
    """SIGKILL whatever `find` gives until it gives nothing; False if some outlived `patience`.

    Repeated, because a process may start another between the look and the signal. `looks` is how
    often in a row nothing has to be found: a process that is just taking on another program has no
    environment for a moment, and `marked` does not see it.
    """
    end = time.monotonic() + patience
    empty = 0
    while empty < looks:
        pids = find()
        empty = 0 if pids else empty + 1
        if pids and time.monotonic() > end:
            return False
        send(pids, signal.SIGKILL)
        if pids or empty < looks:
            time.sleep(0.005 if pids else 0.05)
    return True


def resident(pids: Iterable[int]) -> int:
    """Bytes of memory of these processes; pages that several share count for each of them."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError):
            total += int((PROC / str(pid) / "statm").read_bytes().split()[1]) * _PAGE
    return total


def proportional(pids: Iterable[int]) -> int:
    """Bytes of memory of these processes, shared pages divided among those who share; slower."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in (PROC / str(pid) / "smaps_rollup").read_bytes().splitlines():
                if line.startswith(b"Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time these processes and the children they waited for have used."""
    ticks = 0
    for pid in pids:
        fields = _stat(pid)
        if fields is not None:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS


def oom_kills() -> int:
    """How many processes the kernel has killed for want of memory since boot."""
    with contextlib.suppress(OSError):
        for line in (PROC / "vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
