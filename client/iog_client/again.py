"""Asks a Solana node once more for what it cut off.

A server under load, or one that just closed an idle connection, ends a request without a whole
answer. A read may be asked again, and so may a signed transaction: a chain carries one out once,
however often it gets the same bytes. SOL out of a faucet would come twice.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

PAUSE = 0.25
"""Seconds before it is asked again."""
KEEP_ALIVE = 20
"""Seconds that our servers keep a connection for the next request: longer than httpx, which gives
one up after 5 s, so that a request does not meet the end of its connection. An airdrop that does
cannot be asked again."""

CUT = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
"""What httpx raises when a server ends a connection before its answer was whole."""

ONCE = frozenset({"requestAirdrop"})
"""Methods that do something each time."""

Sleep = Callable[[float], Awaitable[None]]


class Client(httpx.AsyncClient):
    """An HTTP client that asks twice for what was cut off. `sleep` does the waiting."""

    def __init__(self, sleep: Sleep, **options: Any) -> None:
        super().__init__(**options)
        self._sleep = sleep

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        try:
            return await super().send(request, **options)
        except CUT:
            if method(request) in ONCE:
                raise
        await self._sleep(PAUSE)
        return await super().send(request, **options)


def method(request: httpx.Request) -> str:
    """The JSON-RPC method that a request asks for."""
    said = json.loads(request.content)
    return str(said.get("method")) if isinstance(said, dict) else "several methods"


def why(cut: httpx.TransportError) -> str:
    """What became of a request that was cut off to the end."""
    name = method(cut.request)
    times = "off" if name in ONCE else "off twice"
    said = str(cut)
    return f"it cut {name} {times}" + (f" ({said})" if said else "")
