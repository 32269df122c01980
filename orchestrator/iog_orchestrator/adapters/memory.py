"""Ports in memory, for tests: nothing waits on real time, nothing is on disk."""

import hashlib
from collections.abc import AsyncIterator

from pydantic import BaseModel

from iog_orchestrator.adapters.keys import HourSigner
from iog_orchestrator.domain.errors import RequestRefused, TooMuch, Unknown


class ManualClock:
    """`ports.Clock` that moves when told to; sleeping moves it too."""

    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        self._start = wall
        self._passed = 0.0

    def monotonic(self) -> float:
        return self._passed

    def wall(self) -> float:
        return self._start + self._passed

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds


class MemoryLink:
    """`ports.WorkerLink` that keeps the frames of each device that is there."""

    def __init__(self) -> None:
        self.frames: dict[str, list[BaseModel]] = {}
        self.closed: list[tuple[str, str]] = []

    async def send(self, device: str, frame: BaseModel) -> bool:
        if device not in self.frames:
            return False
        self.frames[device].append(frame)
        return True

    async def close(self, device: str, reason: str) -> None:
        self.closed.append((device, reason))
        self.frames.pop(device, None)


class MemoryBlobs:
    """`ports.BlobStore` in a dictionary."""

    def __init__(self, cap: int = 1 << 20) -> None:
        self._cap = cap
        self._blobs: dict[str, bytes] = {}
        self._parts: dict[tuple[str, str], bytes] = {}

    async def put(
        self, sha256: str, body: AsyncIterator[bytes], owner: str = "", offset: int = 0
    ) -> int:
        data = self._parts.pop((sha256, owner), b"")[:offset]
        if len(data) < offset:
            raise RequestRefused(f"{len(data)} bytes of the blob are here, not {offset}")
        try:
            async for chunk in body:
                data += chunk
                if len(data) > self._cap:
                    raise TooMuch(f"a blob has at most {self._cap} bytes")
        except ConnectionError:
            self._parts[sha256, owner] = data
            raise
        if hashlib.sha256(data).hexdigest() != sha256:
            raise RequestRefused("the body has another SHA-256")
        self._blobs[sha256] = data
        return len(data)

    def received(self, sha256: str, owner: str) -> int:
        return len(self._parts.get((sha256, owner), b""))

    def add(self, data: bytes) -> str:
        """Store bytes; their hash."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._blobs[sha256] = data
        return sha256

    def size(self, sha256: str) -> int | None:
        return len(self._blobs[sha256]) if sha256 in self._blobs else None

    async def chunks(self, sha256: str) -> AsyncIterator[bytes]:
        if sha256 not in self._blobs:
            raise Unknown(f"there is no blob {sha256}")
        yield self._blobs[sha256]


class MemoryLogs:
    """`ports.LogStore` in a dictionary."""

    def __init__(self) -> None:
        self._logs: dict[tuple[str, int], bytes] = {}

    async def append(self, job: str, run: int, offset: int, data: bytes) -> int:
        known = self._logs.get((job, run), b"")
        if offset > len(known):
            raise RequestRefused("a gap")
        self._logs[job, run] = known + data[len(known) - offset :]
        return len(self._logs[job, run])

    async def read(self, job: str, run: int, offset: int, limit: int) -> bytes:
        return self._logs.get((job, run), b"")[offset : offset + limit]

    async def length(self, job: str, run: int) -> int:
        return len(self._logs.get((job, run), b""))


class MemoryPublisher:
    """`ports.Publisher` that remembers what was published."""

    place = "the memory"

    def __init__(self, sign: HourSigner = lambda _hour, _document: b"") -> None:
        self.documents: dict[int, bytes] = {}
        self._sign = sign

    async def publish(self, hour: int, document: bytes) -> None:
        self.documents[hour] = document

    def signature(self, hour: int, document: bytes) -> bytes:
        return self._sign(hour, document)

    async def published(self, hour: int) -> bytes | None:
        return self.documents.get(hour)
