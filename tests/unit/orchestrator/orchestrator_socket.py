"""Both real ends of the worker's protocol, over a connection in memory.

The server's end is the one that is served with: bytes go in and come out as they would over TCP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import WebSocket
from orchestrator_world import Worker, World
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from iog_client.protocol import Hello
from iog_orchestrator.adapters.http.access import RateLimit
from iog_orchestrator.adapters.http.greeting import PromptGreeting
from iog_orchestrator.adapters.http.serving import config_of
from iog_orchestrator.adapters.keys import KeypairSigner
from iog_orchestrator.adapters.prompt_protocol import PromptProtocol
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_worker.link import Lost, Session, handshake

CLOSE = Frame(Opcode.CLOSE, (1000).to_bytes(2, "big"))


class Wire(asyncio.Transport):
    """The server's transport. What it writes is taken at once, each write by itself."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__({"peername": ("192.0.2.1", 40_000), "sockname": ("192.0.2.2", 80)})
        self._take = take
        self._unread: list[bytes] = []
        self._closing = False
        self.reading = True
        self.protocol: PromptProtocol | PromptGreeting | None = None

    def get_protocol(self) -> asyncio.BaseProtocol:
        assert self.protocol is not None
        return self.protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closing:
            self._take(bytes(data))

    def feed(self, data: bytes) -> None:
        """Bytes that have come, and are read as soon as the server reads."""
        self._unread.append(data)
        self._read()

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True
        asyncio.get_running_loop().call_soon(self._read)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing and self.protocol is not None:
            self._closing = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()

    def _read(self) -> None:
        while self.reading and self._unread and not self._closing and self.protocol is not None:
            self.protocol.data_received(self._unread.pop(0))


class Pipe:
    """The worker's end of a connection in memory to an application."""

    def __init__(self, app: ASGIApp) -> None:
        self.writes = 0
        """How often the server has written."""
        self._client = ClientProtocol(parse_uri("ws://here/v1/worker"), max_size=None)
        self._opened = asyncio.Event()
        self._came: asyncio.Queue[str | None] = asyncio.Queue()
        self.transport = Wire(self._take)
        config = config_of(app)
        config.load()
        self.server = PromptProtocol(config=config, server_state=ServerState(), app_state={})
        self.transport.protocol = self.server
        self.server.connection_made(self.transport)
        self._client.send_request(self._client.connect())
        self._flush()

    @property
    def closed(self) -> Close | None:
        """How the server closed, if it did."""
        return self._client.close_rcvd

    @property
    def stuck(self) -> bool:
        """Whether what the server sends is never taken, as after a cut of the network."""
        return not self.server.writable.is_set()

    @stuck.setter
    def stuck(self, stuck: bool) -> None:
        (self.server.pause_writing if stuck else self.server.resume_writing)()

    async def send(self, *texts: str) -> None:
        """Frames that come to the server in one piece."""
        await self.send_frames(*(Frame(Opcode.TEXT, text.encode()) for text in texts))

    async def send_bytes(self, data: bytes) -> None:
        await self.send_frames(Frame(Opcode.BINARY, data))

    async def send_frames(self, *frames: Frame) -> None:
        """The same for any frames. They are sent as well when the server has closed, like those
        that were under way then."""
        await self.send_raw(b"".join(frame.serialize(mask=True) for frame in frames))

    async def send_raw(self, data: bytes) -> None:
        """One read of the server."""
        await self._opened.wait()
        self.transport.feed(data)

    async def receive(self) -> str:
        text = await asyncio.wait_for(self._came.get(), 5)
        if text is None:
            raise Lost("closed")
        return text

    async def close(self) -> None:
        await self.send_frames(CLOSE)

    def _flush(self) -> None:
        self.transport.feed(b"".join(self._client.data_to_send()))

    def _take(self, data: bytes) -> None:
        self.writes += 1
        self._client.receive_data(data)
        for event in self._client.events_received():
            if isinstance(event, Response):
                self._opened.set()
                if event.status_code != 101:
                    self._came.put_nowait(None)
            elif isinstance(event, Frame) and event.opcode is Opcode.CLOSE:
                self._came.put_nowait(None)
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._came.put_nowait(bytes(event.data).decode())


class End:
    """The server's handler of connections, with every one of them ended at the end."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sockets = WorkerSockets(KeypairSigner(world.matcher))
        self.limit = RateLimit(rate=0, burst=1000)
        self._pipes: list[Pipe] = []
        self._failures: list[BaseException] = []

    def connect(self) -> Pipe:
        """A new connection to the server."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self._serve(WebSocket(scope, receive, send))

        self._pipes.append(Pipe(app))
        return self._pipes[-1]

    async def _serve(self, socket: WebSocket) -> None:
        try:
            await self.sockets.serve(socket, self.world.core.agents, self.limit)
        except Exception as error:
            self._failures.append(error)
            raise

    async def greet(self, worker: Worker, pipe: Pipe | None = None, **changes: Any) -> Session:
        """Go through the challenge as the worker does."""
        hello = worker.hello(**{key: changes.pop(key) for key in ("simulated",) if key in changes})

        def first(exchange_key: str) -> Hello:
            return hello.model_copy(update={"exchange_key": exchange_key, **changes})

        return await handshake(
            pipe or self.connect(), worker.key, self.world.matcher.pubkey(), first
        )

    async def failures(self) -> list[BaseException]:
        """What the connections have raised."""
        for _ in range(20):
            await asyncio.sleep(0)
        return self._failures

    async def end(self) -> None:
        for pipe in self._pipes:
            pipe.transport.close()
        tasks = [task for pipe in self._pipes for task in pipe.server.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
