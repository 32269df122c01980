"""Copies of the published hours in an S3-compatible store, made beside everything else.

What lies in the folder of hours is compared with what is there, and what is missing is uploaded: of
an hour its parts, then its signature, its document last, so that whoever finds a document finds all
of it. Parts are named by their hash and go once. An upload that fails or is slow holds up nothing
but the copies: it is tried again, with growing pauses, until all is there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

from iog_client.errors import UsageError
from iog_client.hours_parts import HourFile
from iog_client.pauses import growing
from iog_orchestrator.adapters.bucket import Bucket, BucketFailed

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
PAUSES = partial(growing, FIRST_PAUSE, LONGEST_PAUSE)


class Mirror:
    """Brings the hours of a folder to a bucket. `pauses` gives the seconds between tries."""

    def __init__(
        self,
        folder: Path,
        bucket: Bucket,
        pauses: Callable[[], Iterator[float]] = PAUSES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._folder = folder
        self._bucket = bucket
        self._pauses = pauses
        self._sleep = sleep
        self._waiting: set[int] = set()
        self._is_read = False
        self._there: dict[str, int] | None = None
        self._wake = asyncio.Event()

    @property
    def behind(self) -> int:
        """Hours that are published here and not there yet."""
        return len(self._waiting)

    def published(self, hour: int) -> None:
        """An hour is in the folder now."""
        self._waiting.add(hour)
        self._wake.set()

    async def run(self) -> None:
        """Bring there what is here, for ever."""
        pauses = self._pauses()
        while True:
            self._wake.clear()
            try:
                await self.catch_up()
            except Exception as error:  # whatever it was, the copies have to be made one day
                self._there = None
                self._complain(error)
                await self._sleep(next(pauses))
                continue
            pauses = self._pauses()
            await self._wake.wait()

    def _complain(self, error: Exception) -> None:
        known = isinstance(error, BucketFailed | UsageError | OSError)
        log.warning(
            "%s: %s",
            _not_mirrored(self.behind),
            error,
            extra={"action": "mirror_behind", "hours": self.behind},
            exc_info=None if known else error,
        )

    async def catch_up(self) -> None:
        """Upload what is missing. Raises `BucketFailed`, or what keeps an hour from being read."""
        if not self._is_read:
            self._waiting |= await asyncio.to_thread(_hours, self._folder)
            self._is_read = True
        if self._there is None:
            self._there = await self._bucket.sizes()
        for hour in sorted(self._waiting):
            missing = await asyncio.to_thread(self._missing, hour, self._there)
            for name, size in missing.items():
                await self._bucket.put(name, self._folder / name)
                self._there[name] = size
            self._waiting.discard(hour)
            if missing:
                log.info("hour mirrored", extra={"action": "hour_mirrored", "hour": hour})

    def _missing(self, hour: int, there: dict[str, int]) -> dict[str, int]:
        """The files of an hour that have to go, with their sizes, in the order in which they go."""
        document, signature = f"hour-{hour:06}.json", f"hour-{hour:06}.sig"
        names = [document]
        if (self._folder / signature).exists():  # hours of before they were signed have none
            names.insert(0, signature)
        if not self._is_there(document, there):  # it goes last: else its parts are there too
            found = HourFile.parse((self._folder / document).read_bytes())
            names = [f"parts/{sha256}.jsonl" for sha256 in found.part_hashes()] + names
        return {name: self._size(name) for name in names if not self._is_there(name, there)}

    def _is_there(self, name: str, there: dict[str, int]) -> bool:
        return there.get(name) == self._size(name)

    def _size(self, name: str) -> int:
        return (self._folder / name).stat().st_size


def _not_mirrored(hours: int) -> str:
    if not hours:
        return "the store for copies of the hours does not work"
    return "1 hour is not mirrored" if hours == 1 else f"{hours} hours are not mirrored"


def _hours(folder: Path) -> set[int]:
    """The hours that have a document in a folder."""
    names = (path.stem.removeprefix("hour-") for path in folder.glob("hour-*.json"))
    return {int(name) for name in names if name.isdigit()}
