"""HTTP to the orchestrator: the network's facts, and blobs by their hash with signed requests.

On the standard library's client in a thread: a node moves few files, and this keeps it small.
"""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urlsplit

from solders.keypair import Keypair

from iog_client import requests
from iog_client.clocks import Clock
from iog_client.endpoints import Endpoints, failed, unmade
from iog_client.errors import IogError, NotAllowed, NotFound, Refused, Unreachable
from iog_client.protocol import InputFile, OutputFile

BLOCK = 1 << 20
TIMEOUT = 60.0
MAX_JSON = 1 << 20
RESUMED_BYTES = 1 << 20
"""Smaller files are sent again as a whole: to ask what is there would take longer."""
EMPTY = hashlib.sha256(b"").hexdigest()


class BlobRefused(Refused):
    """the orchestrator does not take or give this blob"""


class Blobs(Protocol):
    """Files by their hash, at the orchestrator."""

    async def fetch(self, file: InputFile, target: Path) -> None:
        """Write the blob to `target`.

        Raises:
            NotFound, BlobRefused: it is not there, or is not what its hash says.
            NotAllowed: the orchestrator does not give it to this device.
            Unreachable: the orchestrator did not answer.
        """

    async def upload(self, file: OutputFile, source: Path) -> None:
        """Store the file under its hash.

        Raises:
            BlobRefused: it is not taken, being too large, say.
            NotAllowed: the orchestrator takes nothing from this device.
            Unreachable: the orchestrator did not answer.
            OSError: the file cannot be read.
        """


class HttpBlobs:
    """Blobs through the orchestrator's HTTP API."""

    def __init__(self, addresses: Endpoints, device: Keypair, clock: Clock) -> None:
        self._addresses = addresses
        self._device = device
        self._clock = clock

    async def fetch(self, file: InputFile, target: Path) -> None:
        await asyncio.to_thread(self._anywhere, partial(self._fetch, file, target))

    async def upload(self, file: OutputFile, source: Path) -> None:
        await asyncio.to_thread(self._anywhere, partial(self._upload, file, source))

    def _anywhere(self, move: Callable[[str], None]) -> None:
        """Move a file at the first address that answers. What is kept under a hash is the same
        however often it is sent or fetched."""
        failures: list[Unreachable] = []
        for url in self._addresses.in_turn():
            try:
                move(url)
            except Unreachable as error:
                failures.append(error)
            else:
                return
        raise failed(failures)

    def _fetch(self, file: InputFile, target: Path, url: str) -> None:
        connection, path = self._request(url, "GET", file.sha256, EMPTY)
        try:
            with _answered(url):
                connection.request("GET", path[0], headers=path[1])
                answer = connection.getresponse()
                _check(answer, f"blob {file.sha256}")
                found = _save(answer, target, file.size)
        finally:
            connection.close()
        if found != file.sha256:
            target.unlink()
            raise BlobRefused(f"blob {file.sha256} came with other contents ({found})")

    def _upload(self, file: OutputFile, source: Path, url: str) -> None:
        # opened first: a file that cannot be read is no fault of the orchestrator's
        with source.open("rb") as body:
            offset = self._received(url, file) if file.size >= RESUMED_BYTES else 0
            if offset:
                try:
                    self._send(url, file, body, offset)
                except BlobRefused:
                    # what is there does not go with the rest: the whole of it may
                    pass
                else:
                    return
            self._send(url, file, body, 0)

    def _send(self, url: str, file: OutputFile, body: IO[bytes], offset: int) -> None:
        """Send the file from `offset` on."""
        rest = f"?offset={offset}" if offset else ""
        connection, path = self._request(url, "PUT", f"{file.sha256}{rest}", file.sha256)
        headers = path[1] | {
            "Content-Length": str(file.size - offset),
            "Content-Type": "application/octet-stream",
        }
        body.seek(offset)
        try:
            with _answered(url):
                connection.request("PUT", path[0], body=body, headers=headers)
                _check(connection.getresponse(), f"blob {file.sha256}")
        finally:
            connection.close()

    def _received(self, url: str, file: OutputFile) -> int:
        """How much of the file the orchestrator has of an upload that broke off."""
        connection, path = self._request(url, "GET", f"{file.sha256}/received", EMPTY)
        try:
            with _answered(url):
                connection.request("GET", path[0], headers=path[1])
                answer = connection.getresponse()
                _check(answer, f"blob {file.sha256}")
                known = json.loads(answer.read(MAX_JSON))["bytes"]
        except (NotFound, ValueError, KeyError, TypeError):
            return 0
        finally:
            connection.close()
        return known if isinstance(known, int) and 0 < known <= file.size else 0

    def _request(
        self, url: str, method: str, name: str, body: str
    ) -> tuple[http.client.HTTPConnection, tuple[str, dict[str, str]]]:
        connection, prefix = connect(url)
        path = f"{prefix}/v1/blobs/{name}"
        return connection, (
            path,
            requests.sign(self._device, method, path, body, self._clock.wall()),
        )


class _answered:  # noqa: N801 - reads as a statement about the block under it
    """Turns what the connection raises into `Unreachable`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError | http.client.HTTPException):
            why = (
                unmade(error)
                or getattr(error, "strerror", None)
                or str(error)
                or type(error).__name__
            )
            raise Unreachable(self._url, why) from error


def connect(url: str) -> tuple[http.client.HTTPConnection, str]:
    """A connection to the server of `url`, not opened yet, and the path that `url` begins with."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=TIMEOUT), parts.path.rstrip("/")


def get_json(url: str, path: str) -> object:
    """A public JSON document.

    Raises:
        Unreachable: no answer, or none in JSON.
        NotFound, BlobRefused: the server's own refusal.
    """
    connection, prefix = connect(url)
    try:
        with _answered(url):
            connection.request("GET", prefix + path, headers={"Accept": "application/json"})
            answer = connection.getresponse()
            _check(answer, path)
            body = answer.read(MAX_JSON)
    finally:
        connection.close()
    try:
        value: object = json.loads(body)
    except ValueError:
        raise Unreachable(url, f"{path} is not JSON; is this an orchestrator?") from None
    return value


def _check(answer: http.client.HTTPResponse, what: str) -> None:
    if answer.status < 300:
        return
    detail = _problem(answer.read(64 << 10)) or answer.reason
    error: IogError
    if answer.status == 404:
        error = NotFound(f"{what}: {detail}")
    elif answer.status in (401, 403):
        error = NotAllowed(f"{what}: {detail}")
    elif answer.status >= 500 or answer.status == 429:
        raise http.client.HTTPException(f"{what}: {answer.status} {detail}")
    else:
        error = BlobRefused(f"{what}: {detail}")
    raise error


def _problem(body: bytes) -> str:
    """The sentence of a problem+json answer, if it is one."""
    try:
        value = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(value, dict):
        return ""
    return str(value.get("detail") or value.get("title") or "")[:300]


def _save(answer: IO[bytes] | http.client.HTTPResponse, target: Path, size: int) -> str:
    """Write at most `size` bytes and one; the hash of what came."""
    digest = hashlib.sha256()
    left = size + 1
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        while left > 0 and (block := answer.read(min(BLOCK, left))):
            digest.update(block)
            file.write(block)
            left -= len(block)
    return digest.hexdigest()


def hash_file(path: Path) -> tuple[str, int]:
    """SHA-256 in hex and size of a file."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size
