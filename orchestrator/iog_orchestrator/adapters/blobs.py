"""Blobs in a folder, each under its SHA-256, and the output of runs beside them.

A blob is written to a temporary file, hashed on the way, flushed to disk and only then renamed to
its name: a name that exists always has the right bytes.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from iog_orchestrator.domain.errors import RequestRefused, TooMuch, Unknown

CHUNK = 1 << 20
MAX_LOG = 256 << 20
"""Bytes of output kept of a run; what comes after is acknowledged and dropped."""


class FolderBlobs:
    """`ports.BlobStore` in a folder; `cap` is the most bytes of one blob."""

    def __init__(self, folder: Path, cap: int) -> None:
        self._folder = folder
        self._cap = cap
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.glob("*.part"):
            left.unlink(missing_ok=True)

    async def put(self, sha256: str, body: AsyncIterator[bytes]) -> int:
        handle, name = await asyncio.to_thread(tempfile.mkstemp, suffix=".part", dir=self._folder)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                size = await self._receive(file, sha256, body)
            await asyncio.to_thread(part.rename, self._path(sha256))
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return size

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

    async def _receive(self, file: BinaryIO, sha256: str, body: AsyncIterator[bytes]) -> int:
        digest, size = hashlib.sha256(), 0
        async for chunk in body:
            size += len(chunk)
            if size > self._cap:
                raise TooMuch(f"a blob has at most {self._cap} bytes")
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
        if digest.hexdigest() != sha256:
            raise RequestRefused(f"the body's SHA-256 is {digest.hexdigest()}, not {sha256}")
        await asyncio.to_thread(_flush, file)
        return size

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
            with self._path(job, run).open("ab") as file:
                file.write(fresh)
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
    """`ports.Publisher`: `hour-<number>.json` in a folder, whole or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def publish(self, hour: int, document: bytes) -> None:
        await asyncio.to_thread(self._write, f"hour-{hour:06}.json", document)

    def _write(self, name: str, document: bytes) -> None:
        part = self._folder / f"{name}.part"
        with part.open("wb") as file:
            file.write(document)
            _flush(file)
        part.rename(self._folder / name)


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
