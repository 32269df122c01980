"""Where published hours are read from: a folder, or a server that answers like the orchestrator."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import httpx

from iog_client.errors import NotFound, Unreachable, UsageError
from iog_client.hours_parts import HourFile

NAMES = ("hour-{hour:06}.json", "{hour}.json")
"""Names that an hour's file may have in a folder."""
PART = "parts/{sha256}.jsonl"


class HourFiles(Protocol):
    """A place with published hours."""

    name: str

    async def read(self, hour: int) -> bytes:
        """The bytes of that hour's file. Raises `NotFound` or `Unreachable`."""
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

    async def part(self, sha256: str) -> Path:
        path = self._path / PART.format(sha256=sha256)
        if not path.is_file():
            raise NotFound(f"{self.name} has no file {PART.format(sha256=sha256)}")
        return path


class Server:
    """Published hours behind a URL: the orchestrator's, or one that ends in a folder of files."""

    def __init__(self, url: str, http: httpx.AsyncClient, folder: Path) -> None:
        self.name = url
        self._http = http
        self._folder = folder

    async def read(self, hour: int) -> bytes:
        found = await self._first(f"/v1/hours/{hour}", f"/{NAMES[0].format(hour=hour)}")
        if found is None:
            raise NotFound(f"{self.name} has no file of hour {hour}")
        return found

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
        for path in paths:
            try:
                response = await self._http.get(self.name + path)
            except httpx.HTTPError as error:
                raise Unreachable(self.name, str(error) or type(error).__name__) from error
            if response.is_success:
                return response.content
        return None


@asynccontextmanager
async def opened(source: str) -> AsyncIterator[HourFiles]:
    """Open a URL or a folder.

    Raises:
        UsageError: it is neither.
    """
    if source.startswith(("http://", "https://")):
        with tempfile.TemporaryDirectory(prefix="iog-hours-") as folder:
            async with httpx.AsyncClient(timeout=30, follow_redirects=True) as http:
                yield Server(source.rstrip("/"), http, Path(folder))
        return
    path = Path(source)
    if not path.is_dir():  # noqa: ASYNC240 - a command with nothing else to do
        raise UsageError(f"`{source[:100]}` is neither a folder nor a URL with http:// or https://")
    yield Folder(path)
