"""Files that are whole and on disk before anybody is told of them."""

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

WAITING = 2
"""Files that wait for the disk at most, so that a slow one fills no memory."""


class DurableFiles:
    """Writes files beside its caller's work; at the end of the block all of them, and the names in
    their folders, survive a power cut.

    A file gets its name only when its bytes are flushed, so a name that is there has the right
    bytes. Leaving the block, or a later `write`, raises what kept a file from being written.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()
        self._folders: set[Path] = set()

    def __enter__(self) -> Self:
        return self

    def write(self, path: Path, data: bytes) -> None:
        """Write a file, whole; waits while others do."""
        while len(self._waiting) >= WAITING:
            self._waiting.popleft().result()
        self._folders.add(path.parent)
        self._waiting.append(self._thread.submit(_write, path, data))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=error is not None)
        if error is not None:
            return
        while self._waiting:
            self._waiting.popleft().result()
        for folder in self._folders:
            _flush_names(folder)


def _write(path: Path, data: bytes) -> None:
    # its own name: a leader that froze and the one that took over may write the same file
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def _flush_names(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
