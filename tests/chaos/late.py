"""A line on which bytes come late, as over an ocean."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import urlsplit

from iog_client.demo.processes import free_port

Waiting = asyncio.Queue[tuple[float, bytes]]
"""Chunks of one direction, each with the time at which it goes on; an empty one is the end."""
Delay = Callable[[], float]
"""Seconds that what comes now has to wait."""
CHUNK = 1 << 16
ON_THE_WAY = 256
"""Chunks of a connection's one way that wait at most; what sends more is kept waiting itself."""


class LateLine:
    """What a worker takes for its orchestrator: passes every byte on, in order, in its time."""

    def __init__(self, real: str) -> None:
        self._host, self._port = str(urlsplit(real).hostname), urlsplit(real).port
        self.url = f"http://127.0.0.1:{free_port()}"
        self._delay: Delay = lambda: 0.0
        self.late = 0
        """Bytes that were kept back."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Pass on while the body runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", urlsplit(self.url).port)
        async with server:
            yield

    @contextlib.contextmanager
    def by(self, seconds: float, jitter: float, chance: random.Random) -> Iterator[None]:
        """Keep all back for so long in the body, give or take the jitter; both ways."""
        self._delay = lambda: chance.uniform(seconds - jitter, seconds + jitter)
        try:
            yield
        finally:
            self._delay = lambda: 0.0

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError), contextlib.closing(back):
            far, forth = await asyncio.open_connection(self._host, self._port)
            with contextlib.closing(forth):
                up, down = Waiting(ON_THE_WAY), Waiting(ON_THE_WAY)
                steps = (
                    self._take(near, up),
                    _give(up, forth),
                    self._take(far, down),
                    _give(down, back),
                )
                tasks = [asyncio.create_task(step) for step in steps]
                _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in left:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, source: asyncio.StreamReader, waiting: Waiting) -> None:
        now, due, chunk = asyncio.get_running_loop().time, 0.0, b"begin"
        while chunk:
            chunk = await source.read(CHUNK)
            delay = self._delay()
            self.late += len(chunk) if delay else 0
            # nothing overtakes what came before it
            due = max(due, now() + delay)
            await waiting.put((due, chunk))


async def _give(waiting: Waiting, target: asyncio.StreamWriter) -> None:
    now = asyncio.get_running_loop().time
    while True:
        due, chunk = await waiting.get()
        await asyncio.sleep(due - now())
        if not chunk:
            target.close()
            return
        target.write(chunk)
        await target.drain()
