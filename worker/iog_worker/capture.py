"""A job's joint output: a pipe, and a thread that copies from it into the run's log.

The job gets no handle on the log itself: with one it could make the file as large as it likes
without writing anything. The reader never stops, so that a job is not held up by its own output;
what is above the limit is dropped, but for the last lines, which tell why a job failed.

Standard library only, for the supervisor.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

TAIL = 64 << 10
"""Bytes of the end of the output that are kept even above the limit."""
BLOCK = 64 << 10


class Capture:
    """Copies what is written to `writing` into a file, up to a limit."""

    def __init__(self, log: Path, limit: int) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._reading, self.writing = os.pipe()
        self._limit = limit
        self._left = limit
        self._tail = bytearray()
        self._cut = 0
        self._thread = threading.Thread(target=self._copy, name="capture", daemon=True)

    def start(self) -> None:
        """Begin to copy, once the job has the writing end: ours is closed, so that theirs counts.

        Not before: a process with a second thread is not to be forked.
        """
        os.close(self.writing)
        self._thread.start()

    def end(self, patience: float) -> bool:
        """Wait until all is copied: soon after the job's last process ended. False if it is not."""
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _copy(self) -> None:
        while block := os.read(self._reading, BLOCK):
            head = block[: self._left]
            self._left -= len(head)
            self._write(head)
            if len(head) < len(block):
                self._set_aside(block[len(head) :])
        if self._cut:
            self._write(f"[node] {self._cut} bytes were left out here\n".encode())
        self._write(bytes(self._tail))

    def _set_aside(self, data: bytes) -> None:
        if not self._tail:
            notice = (
                f"\n[node] the output has reached its limit of {self._limit} bytes; "
                f"of what follows, the last {TAIL} bytes are kept\n"
            )
            self._write(notice.encode())
        self._tail += data
        if (more := len(self._tail) - TAIL) > 0:
            self._cut += more
            del self._tail[:more]

    def _write(self, data: bytes) -> None:
        # a full disk loses output, and must not hold up the job
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self._log, data) :]
