"""`/v1/worker`: the challenge, the frames of a connection, and frames sent to nodes.

A connection that does not speak the protocol is told why in a `Refuse` and closed. All frames to a
node go through one queue, so that their order is the order in which they were sent.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocketState

from iog_client.protocol import (
    ANSWER_TAG,
    HELLO_TAG,
    MAX_FRAME,
    PROTOCOL,
    WORKER_FRAMES,
    Answer,
    Challenge,
    Frame,
    Heartbeat,
    Hello,
    Pong,
    RefusalCode,
    Refuse,
    exchange_bytes,
    nonce,
    session_key,
)
from iog_orchestrator.adapters.http.access import RateLimit, TooOften
from iog_orchestrator.adapters.prompt_frames import (
    Allowance,
    PromptFrames,
    answer_to,
    require_authentic,
)
from iog_orchestrator.adapters.prompt_protocol import STATE
from iog_orchestrator.core.agents import Agents
from iog_orchestrator.core.sessions import Session
from iog_orchestrator.domain.errors import ChainError, DeviceInUse, RequestRefused
from iog_orchestrator.ports import Signer

log = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 10.0
FAREWELL_SECONDS = 2.0
"""For the last words to a connection, which may be open in name only."""
MAX_CONNECTIONS = 20_000
MAX_UNPROVEN = 200
"""Connections of one network address that have not proven a device's key yet."""
QUEUE = 1000
WRONG = 1008
"""WebSocket close code: policy violation (RFC 6455)."""
GOING_AWAY = 1001


class _Connection:
    """One socket: what is to be sent, and who it belongs to."""

    def __init__(self, socket: WebSocket, host: str) -> None:
        self.socket = socket
        self.host = host
        self.proven = False
        self.outgoing: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self.session: Session | None = None
        self.allowance = Allowance()


class WorkerSockets:
    """`ports.WorkerLink`, and the handler of the WebSocket route; nothing is sent once it may not
    be."""

    def __init__(self, signer: Signer, may: Callable[[], bool] = lambda: True) -> None:
        self._signer = signer
        self._may = may
        self._connections: dict[str, _Connection] = {}
        self._open = 0
        self._unproven: Counter[str] = Counter()
        self._closing = False

    async def send(self, device: str, frame: BaseModel) -> bool:
        connection = self._connections.get(device)
        if connection is None or connection.outgoing.full() or not self._may():
            return False
        connection.outgoing.put_nowait(frame.model_dump_json())
        return True

    async def close(self, device: str, reason: str) -> None:
        connection = self._connections.get(device)
        if connection is not None:
            await _refuse(connection.socket, reason)

    async def close_all(self) -> None:
        """End every connection, because this process ends."""
        self._closing = True
        for connection in tuple(self._connections.values()):
            await _close(connection.socket, GOING_AWAY)

    async def serve(self, socket: WebSocket, agents: Agents, limit: RateLimit) -> None:
        """One connection, from its opening to its end; `limit` counts openings by address."""
        connection = _Connection(socket, socket.client.host if socket.client else "?")
        if not self._may_come(connection.host, limit):
            # before it is accepted, so that it costs no more than a refused request
            await socket.close(WRONG)
            return
        self._open += 1
        self._unproven[connection.host] += 1
        try:
            await socket.accept()
            if self._open > MAX_CONNECTIONS or self._closing:
                raise RequestRefused("no more connections are taken now")
            await self._talk(connection, agents)
        except DeviceInUse as error:
            await _refuse(socket, str(error), "device_in_use")
        except (RequestRefused, ChainError) as error:
            await _refuse(socket, str(error))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            await _refuse(socket, f"a frame is not understood: {where}: {first['msg']}"[:300])
        except TimeoutError:
            await _refuse(socket, "no answer came in time")
        except WebSocketDisconnect:
            pass
        finally:
            self._open -= 1
            self._prove(connection)
            self._drop(connection, agents)

    def _may_come(self, host: str, limit: RateLimit) -> bool:
        try:
            limit.take(host, time.monotonic())
        except TooOften:
            return False
        return self._unproven[host] < MAX_UNPROVEN

    def _prove(self, connection: _Connection) -> None:
        """The connection is a device's, or over: either way none that has yet to prove itself."""
        if connection.proven:
            return
        connection.proven = True
        self._unproven[connection.host] -= 1
        if not self._unproven[connection.host]:
            del self._unproven[connection.host]

    async def _talk(self, connection: _Connection, agents: Agents) -> None:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            hello, key, round_trip = await self._handshake(connection.socket, agents)
        self._prove(connection)
        session, welcome = await agents.connected(hello)
        connection.session, session.round_trip = session, round_trip
        earlier = self._connections.get(hello.device)
        self._connections[hello.device] = connection
        if earlier is not None:
            await _refuse(earlier.socket, "the same device has connected again")
        await connection.socket.send_text(welcome.model_dump_json())
        sending = asyncio.create_task(_send_all(connection), name=f"send {hello.device}")
        try:
            await agents.welcomed(session)
            # where the server has no such protocol, everything goes the long way
            if (protocol := connection.socket.scope.get("state", {}).get(STATE)) is not None:
                protocol.prompt = PromptFrames(session, key, agents, connection.allowance)
            await self._receive(connection, session, key, agents)
        finally:
            sending.cancel()

    async def _handshake(self, socket: WebSocket, agents: Agents) -> tuple[Hello, bytes, float]:
        """The node, the session's key, and the seconds that its answer took."""
        hello = await _frame(socket)
        if not isinstance(hello, Hello):
            raise RequestRefused("the first frame has to be a hello")
        if hello.protocol != PROTOCOL:
            raise RequestRefused(f"protocol {hello.protocol} is not spoken here, {PROTOCOL} is")
        own, own_nonce = X25519PrivateKey.generate(), nonce()
        own_public = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
        asked = time.monotonic()
        await socket.send_text(
            Challenge(
                orchestrator=self._signer.address,
                nonce=own_nonce,
                exchange_key=own_public,
                signature=self._signer.sign(
                    exchange_bytes(HELLO_TAG, hello, own_nonce, own_public)
                ),
            ).to_json()
        )
        answer = await _frame(socket)
        round_trip = time.monotonic() - asked
        signed = exchange_bytes(ANSWER_TAG, hello, own_nonce, own_public)
        if not isinstance(answer, Answer) or not self._signer.verify(
            hello.device, signed, answer.signature
        ):
            raise RequestRefused("the challenge was not answered with the device's signature")
        # only a proven device learns why it is refused, or costs a reading of the chain
        await agents.admit(hello)
        try:
            key = session_key(own, hello.exchange_key, hello.nonce, own_nonce)
        except ValueError as error:
            raise RequestRefused("the exchange key gives no secret") from error
        return hello, key, round_trip

    async def _receive(
        self, connection: _Connection, session: Session, key: bytes, agents: Agents
    ) -> None:
        while True:
            frame = await _frame(connection.socket)
            if wait := connection.allowance.take():
                await asyncio.sleep(wait)
                connection.allowance.take()
            if isinstance(frame, Heartbeat):
                # past the queue of what was not asked for: it saves a change of tasks, and one
                # who does not take its answers holds up only itself
                await _answer(connection.socket, answer_to(frame, session, key, agents))
                continue
            if isinstance(frame, Pong):
                require_authentic(frame, key)
            await agents.received(session, frame)

    def _drop(self, connection: _Connection, agents: Agents) -> None:
        session = connection.session
        if session is None:
            return
        if self._connections.get(session.device) is connection:
            del self._connections[session.device]
        agents.disconnected(session, ending=self._closing)


async def _frame(socket: WebSocket) -> Frame:
    if socket.application_state is not WebSocketState.CONNECTED:
        # closed from this side; what still came in is not acted on
        raise WebSocketDisconnect(WRONG)
    message = await socket.receive()
    if message["type"] != "websocket.receive":
        raise WebSocketDisconnect(message.get("code", WRONG))
    text = message.get("text")
    if text is None:
        raise RequestRefused("a frame is text")
    if len(text) > MAX_FRAME:
        raise RequestRefused(f"a frame has at most {MAX_FRAME} bytes")
    return WORKER_FRAMES.validate_json(text)


async def _answer(socket: WebSocket, text: str) -> None:
    try:
        await socket.send_text(text)
    except RuntimeError:
        # closed from this side while the frame was waited for
        raise WebSocketDisconnect(WRONG) from None


async def _send_all(connection: _Connection) -> None:
    while True:
        text = await connection.outgoing.get()
        try:
            await connection.socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            return


async def _refuse(socket: WebSocket, reason: str, code: RefusalCode = "refused") -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await socket.send_text(Refuse(code=code, reason=reason[:300]).to_json())
        except (WebSocketDisconnect, RuntimeError):
            return
        except TimeoutError:
            log.info("a refusal was not taken", extra={"action": "refusal_lost"})
    await _close(socket, WRONG)


async def _close(socket: WebSocket, code: int) -> None:
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        async with asyncio.timeout(FAREWELL_SECONDS):
            await socket.close(code)
    except (WebSocketDisconnect, RuntimeError, TimeoutError):
        return
