"""The worker's end of one connection to the orchestrator: mutual challenge, then frames.

Nothing here decides anything about runs; `agent.py` does. `Wire` is the seam to the network: the
real one is a WebSocket, tests use one in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import ValidationError
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from iog_client import proxies
from iog_client.endpoints import is_local
from iog_client.errors import IogError, NotAllowed, Refused, Unreachable
from iog_client.protocol import (
    ANSWER_TAG,
    HELLO_TAG,
    MAX_FRAME,
    SERVER_FRAMES,
    Answer,
    Challenge,
    Frame,
    Hello,
    Refuse,
    ServerFrame,
    Welcome,
    exchange_bytes,
    session_key,
)

HANDSHAKE_SECONDS = 10.0
PATH = "/v1/worker"


class LinkRefused(Refused):
    """the orchestrator and this node do not accept each other"""


class Standby(LinkRefused):
    """this orchestrator does not lead; another one does, or soon will"""


class DeviceInUse(NotAllowed):
    """another worker with this device key is connected"""


class Lost(IogError):  # noqa: N818 - an outcome, as people read it
    """the connection to the orchestrator is lost"""


class Wire(Protocol):
    """A connection that carries text frames."""

    async def send(self, text: str) -> None:
        """Raises `Lost`."""

    async def receive(self) -> str:
        """The next frame. Raises `Lost`."""

    async def close(self) -> None:
        """Close it; never raises."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open connection whose other end proved to be the pinned orchestrator."""

    wire: Wire
    key: bytes
    welcome: Welcome

    async def receive(self) -> ServerFrame:
        """The next frame. Raises `Lost`, also for what is no frame of the protocol."""
        return parse(await self.wire.receive())


def encode(frame: Frame) -> str:
    """A frame as it is sent. Raises `ValueError` for one that the other end would not take."""
    text = frame.to_json()
    if (size := len(text.encode())) > MAX_FRAME:
        raise ValueError(f"a frame of {size} bytes; at most {MAX_FRAME} are sent")
    return text


def parse(text: str) -> ServerFrame:
    """A frame of the server. Raises `Lost`: who sends anything else is not to be talked to."""
    try:
        return SERVER_FRAMES.validate_json(text)
    except ValidationError as error:
        raise Lost(f"the orchestrator sent no known frame: {error.errors()[0]['msg']}") from None


async def handshake(
    wire: Wire,
    device: Keypair,
    orchestrator: Pubkey,
    hello: Callable[[str], Hello],
    private: X25519PrivateKey | None = None,
) -> Session:
    """Prove who we are, and have the other end prove that it is `orchestrator`.

    `hello` makes the first frame from our exchange key.

    Raises:
        LinkRefused: the other end is another one, or does not accept this node.
        Standby: the other end does not lead.
        DeviceInUse: another worker has this device's connection.
        Lost: the connection ended, or the other end did not answer in time.
    """
    private = private or X25519PrivateKey.generate()
    try:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            return await _handshake(wire, device, orchestrator, hello, private)
    except TimeoutError:
        raise Lost("the orchestrator did not finish the challenge in time") from None


async def _handshake(
    wire: Wire,
    device: Keypair,
    orchestrator: Pubkey,
    hello: Callable[[str], Hello],
    private: X25519PrivateKey,
) -> Session:
    first = hello(private.public_key().public_bytes_raw().hex())
    await wire.send(first.to_json())
    challenge = _expect(parse(await wire.receive()), Challenge)
    _check_challenge(challenge, first, orchestrator)
    signed = exchange_bytes(ANSWER_TAG, first, challenge.nonce, challenge.exchange_key)
    await wire.send(Answer(signature=str(device.sign_message(signed))).to_json())
    welcome = _expect(parse(await wire.receive()), Welcome)
    try:
        key = session_key(private, challenge.exchange_key, first.nonce, challenge.nonce)
    except ValueError:
        raise LinkRefused("the orchestrator's exchange key gives no secret") from None
    return Session(wire, key, welcome)


def _check_challenge(challenge: Challenge, hello: Hello, orchestrator: Pubkey) -> None:
    if challenge.orchestrator != str(orchestrator):
        raise LinkRefused(
            f"the orchestrator there is {challenge.orchestrator}; this node accepts {orchestrator}"
        )
    signed = exchange_bytes(HELLO_TAG, hello, challenge.nonce, challenge.exchange_key)
    try:
        genuine = Signature.from_string(challenge.signature).verify(orchestrator, signed)
    except ValueError:
        genuine = False
    if not genuine:
        raise LinkRefused("the orchestrator did not prove that it holds its key")


F = TypeVar("F", bound=Frame)


def refusal(frame: Refuse) -> LinkRefused | DeviceInUse:
    """What a refusal means for this end."""
    if frame.code == "standby":
        return Standby(f"the orchestrator stands by: {frame.reason}")
    kind = DeviceInUse if frame.code == "device_in_use" else LinkRefused
    return kind(f"the orchestrator refuses this node: {frame.reason}")


def _expect(frame: ServerFrame, kind: type[F]) -> F:
    if isinstance(frame, Refuse):
        raise refusal(frame)
    if not isinstance(frame, kind):
        raise Lost(f"the orchestrator sent {frame.type} in the middle of the challenge")
    return frame


def socket_url(url: str) -> str:
    """The WebSocket address of an orchestrator's HTTP address."""
    parts = urlsplit(url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + PATH, "", ""))


class WebSocket:
    """A wire over the `websockets` library."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, url: str) -> WebSocket:
        """Connect to an orchestrator by its HTTP address. Raises `Unreachable`."""
        try:
            return cls(
                await connect(
                    socket_url(url),
                    max_size=MAX_FRAME,
                    compression=None,
                    open_timeout=HANDSHAKE_SECONDS,
                    proxy=None if is_local(url) else True,
                )
            )
        except (OSError, TimeoutError, WebSocketException, ImportError) as error:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Unreachable(url, why + proxies.by_way_of(url)) from None

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            raise Lost(f"the connection is closed: {error}") from None

    async def receive(self) -> str:
        try:
            text = await self._connection.recv(decode=True)
        except (ConnectionClosed, UnicodeDecodeError) as error:
            raise Lost(f"the connection is closed: {error}") from None
        return str(text)

    async def close(self) -> None:
        await self._connection.close()
