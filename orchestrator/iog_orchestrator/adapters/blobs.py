"""Blobs in a folder, each under its SHA-256, and the output of runs beside them.

A blob is written to a part file of its owner's, hashed on the way, flushed to disk and only then
renamed to its name: a name that exists always has the right bytes. A part that broke off stays for
a day, so that its owner can send the rest.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import io
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from iog_orchestrator.adapters.keys import HourSigner
from iog_orchestrator.domain.errors import PartHeld, RequestRefused, TooMuch, Unknown

CHUNK = 1 << 20
PART_SECONDS = 86_400.0
MAX_PARTS = 4
"""Parts kept of one owner beside those that are being sent."""
MAX_LOG = 256 << 20
"""Bytes of output kept of a run; what comes after is acknowledged and dropped."""


class Digest(Protocol):
    """A hash that is being made."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


@dataclass
class _Sending:
    """A part that is being sent: who writes to it now, and how many are at it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    file: io.FileIO | None = None
    senders: int = 0

    def check(self, file: io.FileIO) -> None:
        """Raises `RequestRefused` when somebody else has taken over."""
        if self.file is not file:
            raise RequestRefused("the blob is being sent anew")


class FolderBlobs:
    """`ports.BlobStore` in a folder; `cap` is the most bytes of one blob."""

    def __init__(self, folder: Path, cap: int) -> None:
        self._folder = folder
        self._cap = cap
        self._parts = folder / "parts"
        self._parts.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open: dict[Path, _Sending] = {}

    async def put(
        self, sha256: str, body: AsyncIterator[bytes], owner: str = "", offset: int = 0
    ) -> int:
        part = self._part(sha256, owner)
        sending = self._open.setdefault(part, _Sending())
        sending.senders += 1
        try:
            return await self._fill(part, sending, sha256, body, offset)
        finally:
            sending.senders -= 1
            if sending.senders == 0:
                del self._open[part]

    def received(self, sha256: str, owner: str) -> int:
        try:
            return self._part(sha256, owner).stat().st_size
        except FileNotFoundError:
            return 0

    async def _fill(
        self, part: Path, sending: _Sending, sha256: str, body: AsyncIterator[bytes], offset: int
    ) -> int:
        """Write the body behind the first `offset` bytes of the part; the size of all of it.

        A sender that comes later takes over: the earlier one's connection may be gone without a
        sign. Nobody else writes to the file after that, for its bytes are those that were hashed.
        """
        async with sending.lock:
            if sending.file is not None:
                sending.file.close()
            digest, file = await asyncio.to_thread(self._begin, part, offset)
            sending.file = file
        size = offset
        try:
            async for chunk in body:
                size += len(chunk)
                if size > self._cap:
                    raise TooMuch(f"a blob has at most {self._cap} bytes")
                digest.update(chunk)
                async with sending.lock:
                    sending.check(file)
                    await asyncio.to_thread(_write_all, file, chunk)
            if digest.hexdigest() != sha256:
                raise RequestRefused(f"the body's SHA-256 is {digest.hexdigest()}, not {sha256}")
            async with sending.lock:
                sending.check(file)
                await asyncio.to_thread(_flush, file)
                await asyncio.to_thread(part.rename, self._path(sha256))
        except RequestRefused:
            if sending.file is file:
                # it would be refused again
                await asyncio.to_thread(part.unlink, missing_ok=True)
            raise
        finally:
            if sending.file is file:
                sending.file = None
                file.close()
        return size

    def _begin(self, part: Path, offset: int) -> tuple[Digest, io.FileIO]:
        """The part, open behind `offset`, and the hash of what is before it."""
        self._forget(part)
        digest = hashlib.sha256()
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            # a leader that froze may hold it; a refusal would have the sender give the blob up
            raise PartHeld from None
        # unbuffered: what has come is to be there when the connection breaks
        file = io.FileIO(handle, "r+")
        left = offset
        while left and (known := file.read(min(CHUNK, left))):
            digest.update(known)
            left -= len(known)
        if left:
            file.close()
            raise RequestRefused(f"{offset - left} bytes of the blob are here, not {offset}")
        file.truncate(offset)
        return digest, file

    def _forget(self, beside: Path) -> None:
        """Let go of parts that nobody has gone on with for a day, and of all but the newest few of
        the owner of this one."""
        ages: dict[Path, float] = {}
        for part in self._parts.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if part not in self._open:
                    ages[part] = time.time() - part.stat().st_mtime
        own = sorted((part for part in ages if part.stem == beside.stem), key=ages.__getitem__)
        late = [part for part, age in ages.items() if age > PART_SECONDS]
        for part in {*late, *own[MAX_PARTS:]} - {beside}:
            part.unlink(missing_ok=True)

    def _part(self, sha256: str, owner: str) -> Path:
        return self._parts / f"{owner or 'nobody'}.{sha256}"

    def size(self, sha256: str) -> int | None:
        try:
            return self._path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    async def chunks(self, sha256: str) -> AsyncIterator[bytes]:
        try:
            file = await asyncio.to_thread(self._path(sha256).open, "rb")
        except FileNotFoundError as error:
            raise Unknown(f"there is no blob {sha256}") from error
        with file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256


class FolderLogs:
    """`ports.LogStore`: one file a run."""

    def __init__(self, folder: Path, cap: int = MAX_LOG) -> None:
        self._folder = folder
        self._cap = cap
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def append(self, job: str, run: int, offset: int, data: bytes) -> int:
        return await asyncio.to_thread(self._append, job, run, offset, data)

    async def read(self, job: str, run: int, offset: int, limit: int) -> bytes:
        return await asyncio.to_thread(self._read, job, run, offset, limit)

    async def length(self, job: str, run: int) -> int:
        return self._length(job, run)

    def _append(self, job: str, run: int, offset: int, data: bytes) -> int:
        end = self._length(job, run)
        if offset > end and end < self._cap:
            raise RequestRefused(f"the log has {end} bytes; {offset} would leave a gap")
        fresh = data[max(0, end - offset) :][: max(0, self._cap - end)]
        if fresh:
            # at its place, not at the end: of a leader that froze and the one that took over,
            # who comes second writes the same bytes again
            handle = os.open(self._path(job, run), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with io.FileIO(handle, "w") as file:
                file.seek(end)
                _write_all(file, fresh)
        return max(end + len(fresh), offset + len(data) if end + len(fresh) >= self._cap else 0)

    def _read(self, job: str, run: int, offset: int, limit: int) -> bytes:
        try:
            with self._path(job, run).open("rb") as file:
                file.seek(offset)
                return file.read(limit)
        except FileNotFoundError:
            return b""

    def _length(self, job: str, run: int) -> int:
        try:
            return self._path(job, run).stat().st_size
        except FileNotFoundError:
            return 0

    def _path(self, job: str, run: int) -> Path:
        return self._folder / f"{job}.{run}.log"


class FolderPublisher:
    """`ports.Publisher`: `hour-<number>.sig` and `hour-<number>.json` in a folder, each whole or
    not there. `on_published` is told of the hour when both are."""

    def __init__(
        self, folder: Path, sign: HourSigner, on_published: Callable[[int], None] = lambda _: None
    ) -> None:
        self._folder = folder
        self.place = str(folder)
        self._sign = sign
        self._on_published = on_published
        folder.mkdir(parents=True, exist_ok=True)

    async def publish(self, hour: int, document: bytes) -> None:
        # the signature first: who finds a document finds it signed
        signature = await asyncio.to_thread(self.signature, hour, document)
        await asyncio.to_thread(self._write, f"hour-{hour:06}.sig", signature)
        await asyncio.to_thread(self._write, _file_of(hour), document)
        self._on_published(hour)

    def signature(self, hour: int, document: bytes) -> bytes:
        return self._sign(hour, document)

    async def published(self, hour: int) -> bytes | None:
        try:
            return await asyncio.to_thread((self._folder / _file_of(hour)).read_bytes)
        except FileNotFoundError:
            return None

    def _write(self, name: str, document: bytes) -> None:
        part = self._folder / f"{name}.{os.getpid()}.part"
        with part.open("wb") as file:
            file.write(document)
            _flush(file)
        part.rename(self._folder / name)


def _file_of(hour: int) -> str:
    return f"hour-{hour:06}.json"


def _write_all(file: io.FileIO, data: bytes) -> None:
    while data:
        data = data[file.write(data) or 0 :]


def _flush(file: BinaryIO | io.FileIO) -> None:
    file.flush()
    os.fsync(file.fileno())
