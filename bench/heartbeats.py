"""Authenticated heartbeats with their signed statements into one orchestrator; target 10,000/s.

Two figures. `handling`: frames in, answers out, all checks and the durable store, without sockets.
`sockets`: the same frames over real WebSockets on loopback, sent by a process of its own, each
heartbeat of a node when the one before is answered. A statement comes with every fourth heartbeat;
writes are durable.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
import uvloop

from bench import stores
from bench.heartbeats_world import (
    BEATS_PER_STATEMENT,
    FACTS,
    ORCHESTRATOR,
    core_of,
    frames_of,
    hello_of,
    key_of,
)
from iog_orchestrator.adapters.http.app import application
from iog_orchestrator.adapters.http.serving import config_of
from iog_orchestrator.adapters.prompt_frames import PromptFrames
from iog_orchestrator.adapters.signature_checks import SignatureChecks
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_orchestrator.core.daemon import Core
from tests.postgres_server import Server

NODES, BEATS = 2000, 20
SOCKETS, SOCKET_BEATS = 1000, 60
AT_ONCE = 100
"""Frames that are handled before the writer of statements has its turn, where there is no socket
to wait for."""
TARGET = 10_000
SESSION = b"k" * 32


def main(options: list[str] | None = None) -> None:
    """Print both figures for each store."""
    parser = argparse.ArgumentParser(prog="python -m bench heartbeats", description=__doc__)
    parser.add_argument("--store", choices=stores.CHOICES, default="both")
    for store in stores.asked(parser.parse_args(options or []).store):
        with suppress(LookupError), stores.server_of(store, "heartbeats") as server:
            print(f"heartbeats, {store}")
            uvloop.run(_measured(handling, server))
            uvloop.run(_measured(sockets, server))


async def _measured(
    measure: Callable[[Core, WorkerSockets], Awaitable[None]], server: Server | None
) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url = None if server is None else await stack.enter_async_context(server.database())
        store = await stack.enter_async_context(stores.opened(folder, FACTS, url))
        checks = SignatureChecks()
        stack.push_async_callback(checks.close)
        core, links = core_of(store, folder, max(NODES, SOCKETS), checks)
        await measure(core, links)


async def handling(core: Core, _: WorkerSockets) -> None:
    """Frames to answers, without sockets."""
    texts = []
    for number in range(NODES):
        key = key_of(number)
        session, _ = await core.agents.connected(hello_of(key))
        frames = frames_of(key, SESSION, BEATS, core.context.hour)
        texts.append((PromptFrames(session, SESSION, core.agents), frames))
    flushing = asyncio.create_task(_flush(core))
    took = _Took()
    for turn in range(len(texts[0][1])):
        for number, (take, frames) in enumerate(texts):
            if take(frames[turn]) is None:
                raise RuntimeError("a frame was not taken")
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
    await _stored(core, NODES, BEATS)
    took.report("handling", NODES, BEATS)
    flushing.cancel()


async def sockets(core: Core, links: WorkerSockets) -> None:
    """The same over WebSockets, with the load in another process."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = uvicorn.Server(config_of(application(core, links)))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    flushing = asyncio.create_task(_flush(core))
    try:
        await _loaded(core, links, listening.getsockname()[1])
    finally:
        flushing.cancel()
        server.should_exit = True
        await serving


async def _loaded(core: Core, links: WorkerSockets, port: int) -> None:
    what = {
        "url": f"http://127.0.0.1:{port}",
        "nodes": SOCKETS,
        "beats": SOCKET_BEATS,
        "hour": core.context.hour,
    }
    load = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.heartbeats_load",
        json.dumps(what),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if load.stdin is None or load.stdout is None:
        raise RuntimeError("the load process has no pipes")
    await _said(load.stdout, b"ready\n")
    took = _Took()
    load.stdin.write(b"\n")
    await _said(load.stdout, b"sent\n")
    await _stored(core, SOCKETS, SOCKET_BEATS)
    took.report("sockets", SOCKETS, SOCKET_BEATS)
    await links.close_all()
    load.stdin.write(b"\n")
    await load.wait()


async def _said(stream: asyncio.StreamReader, text: bytes) -> None:
    if (found := await stream.readline()) != text:
        raise RuntimeError(f"the load process said {found!r}, not {text!r}")


async def _flush(core: Core) -> None:
    while True:
        await asyncio.sleep(core.context.pace.flush)
        await core.statements.flush()


async def _stored(core: Core, nodes: int, beats: int) -> None:
    """Wait until the last statement of every node is in the database, and see that it is."""
    last = beats // BEATS_PER_STATEMENT
    for number in range(nodes):
        device = str(key_of(number).pubkey())
        while await core.statements.counter(device) < last:
            await asyncio.sleep(0.01)
    await core.statements.flush()
    stored = await core.context.ports.store.hour_statements(core.context.hour)
    if [one.counter for one in stored] != [last] * nodes:
        raise RuntimeError("not every statement was stored")


class _Took:
    """Time from now on, by the wall and by this process's use of processors."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def report(self, what: str, nodes: int, beats: int) -> None:
        """Print the figures."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        total = nodes * beats
        print(
            f"heartbeats, {what}: {total / wall:,.0f}/s by the wall, {total / cpu:,.0f} a second "
            f"of the orchestrator's processor time (target {TARGET:,}/s), {total:,} heartbeats and "
            f"{total // BEATS_PER_STATEMENT:,} statements of {nodes:,} nodes, key "
            f"{str(ORCHESTRATOR.pubkey())[:8]}"
        )


if __name__ == "__main__":
    main()
