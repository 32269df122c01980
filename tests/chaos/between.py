"""What stands between a process and the server it asks: passes on, and does harm on the way."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import random
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from iog_client.demo.processes import free_port
from iog_client.rpc import CLOCK_SYSVAR

Ask = Callable[[bytes], Awaitable[bytes]]
Harm = Callable[[bytes, Ask], Awaitable[bytes]]
"""From the body of a request to that of its answer; `Ask` puts a body to the real node."""
READS = ("getMultipleAccounts", "getProgramAccounts", "getBalance")
_UNIX_TIME = 32
"""Place of the unix time (i64) in the Clock sysvar."""


class Cut(Exception):  # noqa: N818 - an outcome
    """the connection ends without an answer"""


async def serving(app: Any, port: int) -> tuple[uvicorn.Server, asyncio.Task[None]]:
    """A server of this loop that answers on loopback."""
    config = uvicorn.Config(app, host="0.0.0.0", port=port, log_level="critical", ws_max_size=2**26)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    return server, task


class MeddlingNode:
    """A Solana node that is not quite what the real one behind it is."""

    def __init__(self, real: str) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._real = real
        self._harm: Harm | None = None
        self.harmed = 0
        """Requests that were not just passed on."""
        self.past: dict[str, bytes] = {}
        """What it answered when it was asked something for the first time."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer while the body runs."""
        app = Starlette(routes=[Route("/", self._answer, methods=["POST"])])
        server, task = await serving(app, int(self.url.rsplit(":", 1)[1]))
        async with httpx.AsyncClient(timeout=60) as self._client:
            try:
                yield
            finally:
                server.should_exit = True
                server.force_exit = True
                await task

    @contextlib.contextmanager
    def harm(self, how: Harm) -> Iterator[None]:
        """Do this to every request in the body."""
        self._harm = how
        try:
            yield
        finally:
            self._harm = None

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        try:
            if self._harm is None:
                answer = await self._ask(body)
                self.past.setdefault(_key(json.loads(body)), answer)
            else:
                self.harmed += 1
                answer = await self._harm(body, self._ask)
        except (Cut, httpx.HTTPError):
            return _CutOff()
        return Response(answer, media_type="application/json")

    async def _ask(self, body: bytes) -> bytes:
        headers = {"content-type": "application/json"}
        return (await self._client.post(self._real, content=body, headers=headers)).content


class _CutOff(Response):
    """Ends the connection in the middle of an answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        # fewer bytes than were promised: the server closes the connection
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


def slow(seconds: float) -> Harm:
    """Every answer comes late."""

    async def harm(body: bytes, ask: Ask) -> bytes:
        await asyncio.sleep(seconds)
        return await ask(body)

    return harm


def cutting(chance: random.Random) -> Harm:
    """Half of the answers break off, though what they answer was done."""

    async def harm(body: bytes, ask: Ask) -> bytes:
        answer = await ask(body)
        if chance.random() < 0.5:
            raise Cut
        return answer

    return harm


async def repeating(body: bytes, ask: Ask) -> bytes:
    """Everything reaches the chain twice, transactions too."""
    await ask(body)
    return await ask(body)


async def babbling(body: bytes, ask: Ask) -> bytes:
    """No answer is one."""
    return b"<html>502 Bad Gateway</html>"


def lagging() -> Harm:
    """What was read once is what is read ever after: a node that no block reaches any more."""
    known: dict[str, bytes] = {}

    async def harm(body: bytes, ask: Ask) -> bytes:
        key = _key(json.loads(body))
        if key not in known:
            known[key] = await ask(body)
        return _as_answer(known[key], body)

    return harm


def going_back(past: dict[str, bytes]) -> Harm:
    """What was read is as it was long ago: a node that was started anew from what it had stored."""
    known = dict(past)

    async def harm(body: bytes, ask: Ask) -> bytes:
        call = json.loads(body)
        old = known.get(_key(call)) if call["method"] in READS else None
        return await ask(body) if old is None else _as_answer(old, body)

    return harm


def _key(call: dict[str, Any]) -> str:
    return json.dumps([call["method"], call.get("params")])


def _as_answer(said: bytes, body: bytes) -> bytes:
    """The same answer to another request."""
    return json.dumps({**json.loads(said), "id": json.loads(body)["id"]}).encode()


def lying(seconds: int) -> Harm:
    """The chain's clock is said to be so many seconds ahead."""

    async def harm(body: bytes, ask: Ask) -> bytes:
        call, answer = json.loads(body), json.loads(await ask(body))
        if call["method"] == "getMultipleAccounts":
            for address, account in zip(call["params"][0], answer["result"]["value"], strict=True):
                if address == str(CLOCK_SYSVAR):
                    account["data"][0] = _later(account["data"][0], seconds)
        return json.dumps(answer).encode()

    return harm


def _later(data: str, seconds: int) -> str:
    clock = bytearray(base64.b64decode(data))
    [now] = struct.unpack_from("<q", clock, _UNIX_TIME)
    struct.pack_into("<q", clock, _UNIX_TIME, now + seconds)
    return base64.b64encode(clock).decode()
