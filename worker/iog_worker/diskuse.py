"""How much disk space a job's folders take, measured a little at a time.

A job may leave a million files: one look at all of them would keep its supervisor from hearing a
signal. Standard library only, for the supervisor.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

BLOCK = 512
"""Bytes of a unit of st_blocks, by stat(2)."""


class Hidden(Exception):  # noqa: N818 - an outcome, as people read it
    """a folder of the job cannot be looked into"""


class DiskUse:
    """Bytes on disk below some folders. Links are not followed, files of two names count once."""

    def __init__(self, roots: Iterable[Path], clock: Callable[[], float] = time.monotonic) -> None:
        self._roots = [str(root) for root in roots]
        self._clock = clock
        self._waiting: list[str] = []
        self._seen: set[int] = set()
        self._sum = 0
        self.total = 0
        """The newest that is known: of the last whole look, or of this one if that is more."""

    def step(self, seconds: float) -> bool:
        """Look on for about so long; whether all has been looked at since it last was.

        Raises:
            Hidden: what lies in a folder cannot be known: it may not be read, or is too deep.
        """
        end = self._clock() + seconds
        if not self._waiting:
            self._waiting, self._seen, self._sum = list(self._roots), set(), 0
        while self._waiting:
            self._look(self._waiting.pop())
            if self._clock() >= end:
                break
        done = not self._waiting
        self.total = self._sum if done else max(self.total, self._sum)
        return done

    def _look(self, folder: str) -> None:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._add(entry)
        except (FileNotFoundError, NotADirectoryError):
            return  # the job has just removed it
        except OSError as error:
            raise Hidden(error.strerror) from None

    def _add(self, entry: os.DirEntry[str]) -> None:
        try:
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        if found.st_nlink > 1 and not entry.is_dir(follow_symlinks=False):
            if found.st_ino in self._seen:
                return
            self._seen.add(found.st_ino)
        self._sum += found.st_blocks * BLOCK
        if entry.is_dir(follow_symlinks=False):
            self._waiting.append(entry.path)
