"""Where published hours are read from: a folder, or a server that answers like the orchestrator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import httpx

from iog_client.errors import NotFound, Unreachable, UsageError

NAMES = ("hour-{hour:06}.json", "{hour}.json")
"""Names that an hour's file may have in a folder."""


class HourFiles(Protocol):
    """A place with published hours."""

    name: str

    async def read(self, hour: int) -> bytes:
        """The bytes of that hour's file. Raises `NotFound` or `Unreachable`."""
        ...


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


class Server:
    """Published hours behind a URL: the orchestrator's, or one that ends in a folder of files."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.name = url
        self._http = http

    async def read(self, hour: int) -> bytes:
        for path in (f"/v1/hours/{hour}", f"/{NAMES[0].format(hour=hour)}"):
            try:
                response = await self._http.get(self.name + path)
            except httpx.HTTPError as error:
                raise Unreachable(self.name, str(error) or type(error).__name__) from error
            if response.is_success:
                return response.content
        raise NotFound(f"{self.name} has no file of hour {hour}")


@asynccontextmanager
async def opened(source: str) -> AsyncIterator[HourFiles]:
    """Open a URL or a folder.

    Raises:
        UsageError: it is neither.
    """
    if source.startswith(("http://", "https://")):
        async with httpx.AsyncClient(timeout=30, follow_redirects=True) as http:
            yield Server(source.rstrip("/"), http)
        return
    path = Path(source)
    if not path.is_dir():  # noqa: ASYNC240 - a command with nothing else to do
        raise UsageError(f"`{source[:100]}` is neither a folder nor a URL with http:// or https://")
    yield Folder(path)
