"""Both real ends of the worker's protocol, over a connection in memory."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import WebSocket
from orchestrator_world import Worker, World

from iog_client.protocol import (
    Hello,
)
from iog_orchestrator.adapters.http.access import RateLimit
from iog_orchestrator.adapters.keys import KeypairSigner
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_worker.link import Lost, Session, handshake


class Pipe:
    """The worker's end of a connection in memory, and the server's socket."""

    def __init__(self) -> None:
        self._up: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._down: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._up.put_nowait({"type": "websocket.connect"})
        self.stuck = False
        """Whether what the server sends is never taken, as after a cut of the network."""
        self.socket = WebSocket(
            {"type": "websocket", "path": "/v1/worker", "headers": []},
            self._up.get,
            self._down_put,
        )

    async def send(self, text: str) -> None:
        await self._up.put({"type": "websocket.receive", "text": text})

    async def receive(self) -> str:
        while True:
            message = await asyncio.wait_for(self._down.get(), 5)
            if message["type"] == "websocket.close":
                raise Lost("closed")
            if message["type"] == "websocket.send":
                return str(message["text"])

    async def send_bytes(self, data: bytes) -> None:
        await self._up.put({"type": "websocket.receive", "bytes": data})

    async def close(self) -> None:
        await self._up.put({"type": "websocket.disconnect", "code": 1000})

    async def _down_put(self, message: Any) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        await self._down.put(message)


class End:
    """The server's handler of connections, with every one of them ended at the end."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sockets = WorkerSockets(KeypairSigner(world.matcher))
        self.limit = RateLimit(rate=0, burst=1000)
        self._tasks: list[asyncio.Task[None]] = []

    def connect(self) -> Pipe:
        """A new connection to the server."""
        pipe = Pipe()
        serving = self.sockets.serve(pipe.socket, self.world.core.agents, self.limit)
        self._tasks.append(asyncio.create_task(serving))
        return pipe

    async def greet(self, worker: Worker, pipe: Pipe | None = None, **changes: Any) -> Session:
        """Go through the challenge as the worker does."""
        hello = worker.hello(**{key: changes.pop(key) for key in ("simulated",) if key in changes})

        def first(exchange_key: str) -> Hello:
            return hello.model_copy(update={"exchange_key": exchange_key, **changes})

        return await handshake(
            pipe or self.connect(), worker.key, self.world.matcher.pubkey(), first
        )

    async def failures(self) -> list[BaseException]:
        """What the connections that are over have raised."""
        for _ in range(20):
            await asyncio.sleep(0)
        return [one for task in self._tasks if task.done() and (one := task.exception())]

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
