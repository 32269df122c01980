"""Who uses the folder: one orchestrator with its SQLite, or all those of one other database.

It is one file under an OS lock, exclusive or shared, so that of one that forgot its `--database`
and those that did not, whoever comes second is refused.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from iog_orchestrator.domain.errors import StoreRefused

LOCK = "lock"
ALONE = "an orchestrator without --database"
BESIDE = "orchestrators with --database"
INSIDE = ("", "blobs", "blobs/parts", "logs", "hours")


def lock_alone(folder: Path) -> FileLock:
    """Make the folder and take it for this process alone. Raises `StoreRefused`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, blocking=False)
        lock.acquire()
    except Timeout as error:
        who = BESIDE if user(folder) == BESIDE else "another orchestrator"
        raise StoreRefused(f"{folder} is in use by {who}") from error
    except OSError as error:
        raise StoreRefused(f"{folder} cannot be used: {error.strerror}") from error
    return lock


@contextmanager
def locked_beside(folder: Path) -> Iterator[None]:
    """Make the folder and take it beside others with a database. Raises `StoreRefused`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreRefused(f"{folder} cannot be used: {error.strerror}") from error
    try:
        if not _locks(handle, fcntl.LOCK_SH, folder):
            raise StoreRefused(f"{folder} is in use by {ALONE}")
        yield
    finally:
        os.close(handle)


def user(folder: Path) -> str | None:
    """`ALONE` or `BESIDE`; empty when nobody has the folder now, None when nobody ever had.

    Raises `StoreRefused`.
    """
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreRefused(f"{folder} cannot be used: {error.strerror}") from error
    try:
        if not _locks(handle, fcntl.LOCK_SH, folder):
            return ALONE
        return "" if _locks(handle, fcntl.LOCK_EX, folder) else BESIDE
    finally:
        os.close(handle)


def _locks(handle: int, how: int, folder: Path) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise StoreRefused(f"{folder} cannot be locked: {error.strerror}") from error
    return True


def require_writable(folder: Path) -> None:
    """Make a file in the folder and in each that lies in it, which leaves no trace.

    Raises:
        OSError: it cannot be made in the one that the error names.
    """
    for place in (folder / name for name in INSIDE):
        if place.is_dir():
            tempfile.TemporaryFile(dir=place).close()
