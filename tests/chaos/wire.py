"""A line between workers and orchestrator on which frames are doubled, swapped, lost or changed."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect

from iog_client.demo.processes import free_port
from iog_worker.link import socket_url
from tests.chaos.between import serving

Harm = Callable[[str, bool], list[str]]
"""From a frame, and whether it goes up to the orchestrator, to those that go on in its place.
After its time it is given an empty text, for what it still holds."""
Making = Callable[[], Harm]
"""Makes the harm of one connection, one way."""
MAX_FRAME = 2**26


class Wire:
    """What a worker takes for its orchestrator."""

    def __init__(self, real: str) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._real = real
        self._making: Making | None = None
        self.harmed = 0
        """Frames that did not go on just as they came."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Pass on while the body runs."""
        every = ["GET", "POST", "PUT", "DELETE"]
        routes = [
            WebSocketRoute("/v1/worker", self._frames),
            Route("/{path:path}", self._request, methods=every),
        ]
        server, task = await serving(Starlette(routes=routes), int(self.url.rsplit(":", 1)[1]))
        async with httpx.AsyncClient(timeout=60, base_url=self._real) as self._client:
            try:
                yield
            finally:
                server.should_exit = server.force_exit = True
                await task

    @contextlib.contextmanager
    def harm(self, how: Making) -> Iterator[None]:
        """Do this to every frame in the body, both ways."""
        self._making = how
        try:
            yield
        finally:
            self._making = None

    async def _request(self, request: Request) -> Response:
        raw, query = request.scope["raw_path"].decode(), request.url.query
        headers = {key: value for key, value in request.headers.items() if key != "host"}
        answer = await self._client.request(
            request.method,
            f"{raw}?{query}" if query else raw,
            content=await request.body(),
            headers=headers,
        )
        kept = {key: value for key, value in answer.headers.items() if key.startswith("x-iog")}
        kind = answer.headers.get("content-type")
        return Response(answer.content, answer.status_code, headers=kept, media_type=kind)

    async def _frames(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            async with connect(socket_url(self._real), max_size=MAX_FRAME, proxy=None) as real:
                ways = [
                    asyncio.create_task(self._up(socket, real)),
                    asyncio.create_task(self._down(real, socket)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, websockets.WebSocketException):
            pass
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()

    async def _up(self, socket: WebSocket, real: Any) -> None:
        changed = self._changes(up=True)
        while True:
            for text in changed(await socket.receive_text()):
                await real.send(text)

    async def _down(self, real: Any, socket: WebSocket) -> None:
        changed = self._changes(up=False)
        async for frame in real:
            for text in changed(frame):
                await socket.send_text(text)

    def _changes(self, *, up: bool) -> Callable[[str], list[str]]:
        """What becomes of each frame of one connection, one way; none moves to another."""
        made: dict[Making, Harm] = {}

        def changed(text: str) -> list[str]:
            making = self._making
            over = [made.pop(how) for how in list(made) if how is not making]
            kept = [left for harm in over for left in harm("", up)]
            if making is None:
                return [*kept, text]
            if making not in made:
                made[making] = making()
            self.harmed += 1
            after = made[making](text, up)
            self.harmed -= after == [text]
            return [*kept, *after]

        return changed


class Cut(Exception):  # noqa: N818 - an outcome
    """the connection ends here"""


def doubling() -> Harm:
    """Everything comes twice."""
    return lambda text, up: [text, text] if text else []


def swapping() -> Harm:
    """Two frames each change places; one that is left over comes once the harm is over."""
    held: list[str] = []

    def harm(text: str, up: bool) -> list[str]:
        if text:
            held.append(text)
        if text and len(held) < 2:
            return []
        pair = held[::-1]
        held.clear()
        return pair

    return harm


def losing(chance: random.Random) -> Making:
    """One frame in ten is lost, and as on any network its connection with it."""

    def harm(text: str, up: bool) -> list[str]:
        if text and chance.random() < 0.1:
            raise Cut
        return [text] if text else []

    return lambda: harm


def replaying(chance: random.Random) -> Making:
    """Frames of long ago, of other connections too, come again."""
    known: dict[bool, list[str]] = {True: [], False: []}

    def harm(text: str, up: bool) -> list[str]:
        if not text:
            return []
        known[up].append(text)
        return [text, chance.choice(known[up])] if chance.random() < 0.3 else [text]

    return lambda: harm


def changing(chance: random.Random) -> Making:
    """A digit in one of four frames of the node is another one."""

    def harm(text: str, up: bool) -> list[str]:
        digits = [place for place, one in enumerate(text) if one.isdigit()]
        if not up or not digits or chance.random() < 0.75:
            return [text] if text else []
        place = chance.choice(digits)
        return [text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]]

    return lambda: harm
