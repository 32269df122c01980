"""The load process of `bench.heartbeats`: connects many nodes, then sends what they would in hours.

Frames are made and masked before the clock starts, so that this process takes little of the machine
while the orchestrator's is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial

from bench.heartbeats_world import ORCHESTRATOR, frames_of, hello_of, key_of
from iog_worker.link import WebSocket, handshake

AT_ONCE = 50
"""Connections that are being opened at a time; the orchestrator limits those that are unproven."""


def masked(text: str) -> bytes:
    """A text frame of a client (RFC 6455), with a mask of zeros."""
    body = text.encode()
    if len(body) < 126:
        head = bytes([0x81, 0x80 | len(body)])
    else:
        head = bytes([0x81, 0x80 | 126]) + len(body).to_bytes(2, "big")
    return head + bytes(4) + body


async def _connect(url: str, number: int, limit: asyncio.Semaphore) -> tuple[WebSocket, bytes]:
    async with limit:
        key = key_of(number)
        wire = await WebSocket.open(url)
        session = await handshake(wire, key, ORCHESTRATOR.pubkey(), partial(hello_of, key))
        return wire, session.key


async def _send(wire: WebSocket, frames: list[bytes]) -> None:
    """All frames of one node, one answered before the next, as a node does."""
    transport = wire._connection.transport  # the frames are masked already
    for frame in frames:
        transport.write(frame)
        if b'"heartbeat"' in frame:
            await wire.receive()


async def load(url: str, nodes: int, beats: int, hour: int) -> None:
    """Connect, say so, wait to be told, send."""
    limit = asyncio.Semaphore(AT_ONCE)
    open_ = await asyncio.gather(*(_connect(url, one, limit) for one in range(nodes)))
    work = [
        [masked(text) for text in frames_of(key_of(number), key, beats, hour)]
        for number, (_, key) in enumerate(open_)
    ]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await asyncio.gather(*(_send(wire, one) for (wire, _), one in zip(open_, work, strict=True)))
    print("sent", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(load(**json.loads(sys.argv[1])))
