"""The load process of `bench.heartbeats`: connects many nodes, then sends what they would in hours.

Frames are made and masked before the clock starts, so that this process takes little of the machine
while the orchestrator's is measured. Each heartbeat of a node waits for the answer to the one
before, and each answer is looked at.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from functools import partial

import uvloop

from bench.heartbeats_world import ORCHESTRATOR, frames_of, hello_of, key_of
from iog_worker.link import WebSocket, handshake

AT_ONCE = 50
"""Connections that are being opened at a time; the orchestrator limits those that are unproven."""
TEXT, PING, PONG = 0x81, 0x89, 0x8A


def masked(text: str) -> bytes:
    """A text frame of a client (RFC 6455), with a mask of zeros."""
    body = text.encode()
    if len(body) < 126:
        head = bytes([TEXT, 0x80 | len(body)])
    else:
        head = bytes([TEXT, 0x80 | 126]) + len(body).to_bytes(2, "big")
    return head + bytes(4) + body


class Sender(asyncio.Protocol):
    """One node from when it is welcome: sends its frames, one heartbeat after the other."""

    def __init__(self, transport: asyncio.Transport, frames: list[bytes]) -> None:
        self._transport = transport
        self._frames = iter(frames)
        self._answered = 0
        self._came = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        transport.set_protocol(self)

    def send(self) -> None:
        """Everything up to the next heartbeat."""
        for frame in self._frames:
            self._transport.write(frame)
            if b'"heartbeat"' in frame:
                return
        self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        for text in self._texts(data):
            answer = b'{"type":"heartbeat_ack","counter":%d,' % (self._answered + 1)
            if not text.startswith(answer):
                raise RuntimeError(f"the orchestrator answered {text!r}")
            self._answered += 1
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the orchestrator hung up"))

    def _texts(self, data: bytes) -> Iterator[bytes]:
        self._came += data
        while (ends := _frame_end(self._came)) and len(self._came) >= ends[1]:
            begin, end = ends
            frame, self._came = self._came, self._came[end:]
            if frame[0] == TEXT:
                yield frame[begin:end]
            elif frame[0] == PING:
                pong = bytes([PONG, 0x80 | (end - begin)]) + bytes(4) + frame[begin:end]
                self._transport.write(pong)


def _frame_end(data: bytes) -> tuple[int, int] | None:
    """Where the body of a server's short frame begins and ends."""
    if len(data) < 4:
        return (2, 2 + data[1]) if len(data) > 1 and data[1] < 126 else None
    if data[1] == 126:
        return 4, 4 + int.from_bytes(data[2:4], "big")
    return 2, 2 + data[1]


async def _connect(url: str, number: int, limit: asyncio.Semaphore) -> tuple[WebSocket, bytes]:
    async with limit:
        key = key_of(number)
        wire = await WebSocket.open(url)
        session = await handshake(wire, key, ORCHESTRATOR.pubkey(), partial(hello_of, key))
        return wire, session.key


async def load(url: str, nodes: int, beats: int, hour: int) -> None:
    """Connect, say so, wait to be told, send."""
    limit = asyncio.Semaphore(AT_ONCE)
    open_ = await asyncio.gather(*(_connect(url, one, limit) for one in range(nodes)))
    for wire, _ in open_:
        if (keepalive := wire._connection.keepalive_task) is not None:
            keepalive.cancel()  # it would not see the pongs that come to a sender
    senders = [
        Sender(
            wire._connection.transport,
            [masked(text) for text in frames_of(key_of(number), key, beats, hour)],
        )
        for number, (wire, key) in enumerate(open_)
    ]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for sender in senders:
        sender.send()
    await asyncio.gather(*(sender.done for sender in senders))
    print("sent", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    uvloop.run(load(**json.loads(sys.argv[1])))
