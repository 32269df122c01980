"""Where published hours are read from: a folder, or a server that answers like the orchestrator."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import httpx

from iog_client import proxies
from iog_client.endpoints import Endpoints, unreachable
from iog_client.errors import NotFound, Unreachable, UsageError
from iog_client.following import reaching
from iog_client.hours_parts import HourFile

SIGNATURE = "hour-{hour:06}.sig"
NAMES = ("hour-{hour:06}.json", "{hour}.json")
"""Names that an hour's file may have in a folder."""
PART = "parts/{sha256}.jsonl"
OTHER_PLACE = "--from names another URL or folder with the published hours"


class HourFiles(Protocol):
    """A place with published hours."""

    name: str

    async def read(self, hour: int) -> bytes:
        """The bytes of that hour's file. Raises `NotFound` or `Unreachable`."""
        ...

    async def signature(self, hour: int) -> bytes | None:
        """The file of that hour's signature, if there is one. Raises `Unreachable`."""
        ...

    async def part(self, sha256: str) -> Path:
        """Where a part of an hour lies here, fetched if need be. Raises as `read`."""
        ...


async def opened_hour(files: HourFiles, hour: int) -> HourFile:
    """An hour with all its parts at hand. Raises as `HourFiles.read`, and `UsageError`."""
    file = HourFile.parse(await files.read(hour))
    return await with_parts(files, file)


async def with_parts(files: HourFiles, file: HourFile) -> HourFile:
    """The hour with its parts at hand."""
    paths = {name: await files.part(name) for name in file.part_hashes()}
    return replace(file, read=lambda name: paths[name].read_bytes())


class Folder:
    """Published hours in a folder."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    async def read(self, hour: int) -> bytes:
        for name in NAMES:
            path = self._path / name.format(hour=hour)
            if path.is_file():
                return path.read_bytes()
        raise NotFound(f"{self.name} has no file of hour {hour} ({NAMES[0].format(hour=hour)})")

    async def signature(self, hour: int) -> bytes | None:
        path = self._path / SIGNATURE.format(hour=hour)
        return path.read_bytes() if path.is_file() else None

    async def part(self, sha256: str) -> Path:
        path = self._path / PART.format(sha256=sha256)
        if not path.is_file():
            raise NotFound(f"{self.name} has no file {PART.format(sha256=sha256)}")
        return path


class Server:
    """Published hours behind URLs: the orchestrator's, or those that end in a folder of files.

    All is only read, so that any request may be sent to another address as well.
    """

    def __init__(self, addresses: Endpoints, http: httpx.AsyncClient, folder: Path) -> None:
        self.name = str(addresses)
        self._addresses = addresses
        self._http = http
        self._folder = folder

    async def read(self, hour: int) -> bytes:
        found = await self._first(f"/v1/hours/{hour}", f"/{NAMES[0].format(hour=hour)}")
        if found is None:
            raise NotFound(f"{self.name} has no file of hour {hour}")
        return found

    async def signature(self, hour: int) -> bytes | None:
        return await self._first(f"/v1/hours/{hour}/signature", f"/{SIGNATURE.format(hour=hour)}")

    async def part(self, sha256: str) -> Path:
        path = self._folder / sha256
        if not path.exists():
            name = PART.format(sha256=sha256)
            found = await self._first(f"/v1/hours/{name}", f"/{name}")
            if found is None:
                raise NotFound(f"{self.name} has no file {name}")
            path.write_bytes(found)
        return path

    async def _first(self, *paths: str) -> bytes | None:
        failures: list[Unreachable] = []
        for url in self._addresses.in_turn():
            try:
                found = await self._at(url, paths)
            except Unreachable as error:
                failures.append(error)
                continue
            self._addresses.answered(url)
            return found
        raise unreachable(failures, OTHER_PLACE)

    async def _at(self, url: str, paths: tuple[str, ...]) -> bytes | None:
        for path in paths:
            with reaching(url):
                response = await self._http.get(url + path)
            if response.is_success:
                return response.content
            if response.is_server_error:
                raise Unreachable(url, f"it answers {response.status_code}")
        return None


@asynccontextmanager
async def opened(source: str) -> AsyncIterator[HourFiles]:
    """Open a URL or a folder.

    Raises:
        UsageError: it is neither.
    """
    if source.startswith(("http://", "https://")):
        with tempfile.TemporaryDirectory(prefix="iog-hours-") as folder:
            servers = Endpoints(source)
            options = {"timeout": 30, "follow_redirects": True}
            async with proxies.client(httpx.AsyncClient, servers.urls, **options) as http:
                yield Server(servers, http, Path(folder))
        return
    path = Path(source)
    if not path.is_dir():  # noqa: ASYNC240 - a command with nothing else to do
        raise UsageError(f"`{source[:100]}` is neither a folder nor a URL with http:// or https://")
    yield Folder(path)
