"""Who works with the matcher's key: one orchestrator with its SQLite, or those of other databases.

Two that know nothing of each other would both assign the jobs of that key. The lock is the key's
file itself, so that a second one is found on the same machine whatever folder it has; a copy of the
file is another file.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from iog_orchestrator.adapters import folder_lock
from iog_orchestrator.domain.errors import StoreRefused

log = logging.getLogger(__name__)


@contextmanager
def locked_key(path: Path, folder: Path, *, shared: bool) -> Iterator[None]:
    """Hold the key in the file `path`, beside others if it is `shared`.

    Raises `StoreRefused`, which names the orchestrator's `folder` if that is in use as well.
    """
    handle = _open(path.expanduser())
    try:
        if not _locks(handle, path, shared=shared):
            if found := folder_lock.user(folder):
                raise StoreRefused(f"{folder} is in use by {_other(found, shared)}")
            raise StoreRefused(
                f"the matcher key {path} is in use by another orchestrator with a database of its "
                "own: end that one, or name the same PostgreSQL by --database for both"
            )
        yield
    finally:
        os.close(handle)


def _other(user: str, shared: bool) -> str:
    """The folder's user, as one that comes second and is `shared` or not is to see it."""
    return "another orchestrator" if user == folder_lock.ALONE and not shared else user


def _open(path: Path) -> int:
    """To be written where that is allowed: NFS gives a lock of one's own for nothing less."""
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _locks(handle: int, path: Path, *, shared: bool) -> bool:
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        # the key could be read, and is good for its work
        log.warning(
            "%s cannot be locked, so that another orchestrator with this key is not found: %s",
            path,
            error.strerror,
            extra={"action": "key_not_locked"},
        )
    return True
