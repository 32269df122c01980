"""A chain's folder belongs to one process at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from iog_client.errors import Refused

LOCK_NAME = "lock"


class FolderLock:
    """An OS lock on a folder, which the kernel drops when its process ends, however it ends.

    Makes the folder when there is none. Raises `Refused` when another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise Refused(f"{folder} cannot hold a chain: {exc.strerror}") from exc
        if not _taken(self._fd):
            os.close(self._fd)
            raise Refused(f"{folder} is in use by another process")
        os.ftruncate(self._fd, 0)
        os.write(self._fd, str(os.getpid()).encode())

    def release(self) -> None:
        """Lets go; a second call does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def holder(folder: Path) -> int | None:
    """Process that holds the folder now; None when nobody does, 0 while it is just taking it."""
    try:
        fd = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if _taken(fd):
            return None
        written = os.read(fd, 20)
        return int(written) if written.isdigit() else 0
    finally:
        os.close(fd)


def locked(folder: Path) -> bool:
    """Whether a process holds the folder now."""
    return holder(folder) is not None
