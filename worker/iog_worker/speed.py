"""How fast this node reaches its orchestrator: measured now and then, with little data."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from solders.keypair import Keypair

from iog_client import requests
from iog_client.clocks import Clock
from iog_client.endpoints import Endpoints
from iog_client.errors import IogError, Unreachable
from iog_client.protocol import Frame, Speed

from .folder import Facts
from .logs import LOGGER
from .transfer import connect

EVERY = 6 * 3600.0
"""Seconds (wall) that a measurement is good for."""
DOWN = 4 << 20
UP = 1 << 20
PATH = "/v1/speed"
TIMEOUT = 10.0


class Kept(Facts):
    """The last measurement: wall time, and bytes a second."""

    at: float
    down: int
    up: int


class Meter(Protocol):
    """Measures a connection; blocking."""

    def measure(self) -> Speed:
        """Raises `IogError` where the orchestrator does not answer or does not let it."""


class HttpMeter:
    """Over the orchestrator's HTTP API: 4 MiB down, 1 MiB up."""

    def __init__(
        self,
        addresses: Endpoints,
        device: Keypair,
        clock: Clock,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._addresses = addresses
        self._device = device
        self._clock = clock
        self._now = now

    def measure(self) -> Speed:
        down = self._timed("GET", f"{PATH}?size={DOWN}", b"", DOWN)
        up = self._timed("POST", PATH, bytes(UP), 0)
        return Speed(down=int(DOWN / down), up=int(UP / up))

    def _timed(self, method: str, path: str, body: bytes, expected: int) -> float:
        """Seconds for a request, over a connection that is open already."""
        url = self._addresses.current
        connection, prefix = connect(url)
        headers = requests.sign(self._device, method, prefix + path, body, self._clock.wall())
        try:
            connection.timeout = TIMEOUT
            connection.connect()
            began = self._now()
            connection.request(method, prefix + path, body=body or None, headers=headers)
            answer = connection.getresponse()
            got = len(answer.read(expected + 1))
            took = self._now() - began
        except (OSError, ValueError) as error:
            raise Unreachable(url, str(error) or type(error).__name__) from error
        finally:
            connection.close()
        if answer.status >= 300 or got != expected:
            raise Unreachable(url, f"{path} answered {answer.status} with {got} bytes")
        return max(took, 1e-6)


def known(path: Path, now: float) -> Speed | None:
    """The last measurement, while it is good. `now`: wall time."""
    try:
        kept = Kept.load(path, "iog node run")
    except IogError:
        return None
    return Speed(down=kept.down, up=kept.up) if 0 <= now - kept.at < EVERY else None


def measured(meter: Meter, path: Path, now: float) -> Speed:
    """Measure, and keep what was found. Raises `IogError`."""
    speed = meter.measure()
    with suppress(OSError):  # it is then measured again next time
        Kept(at=now, down=speed.down, up=speed.up).save(path)
    return speed


async def tell(meter: Meter | None, path: Path, now: float, send: Callable[[Frame], bool]) -> None:
    """Say how fast the orchestrator is reached; measured anew when that is some hours old."""
    if meter is None:
        return
    found = known(path, now)
    if found is None:
        try:
            found = await _aside(partial(measured, meter, path, now))
        except IogError as error:
            LOGGER.warning("speed not measured: %s", error.message, extra={"action": "speed"})
            return
        LOGGER.info("speed is %s", text_of(found), extra={"action": "speed"})
    send(found)


async def _aside(work: Callable[[], Speed]) -> Speed:
    """Do it in a thread that the end of this process does not wait for: links may be slow."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Speed] = loop.create_future()

    def tell_loop(said: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits for it any more
            loop.call_soon_threadsafe(lambda: None if done.done() else said())

    def run() -> None:
        try:
            found = work()
        except Exception as error:
            failed = error
            tell_loop(lambda: done.set_exception(failed))
        else:
            tell_loop(lambda: done.set_result(found))

    threading.Thread(target=run, name="speed", daemon=True).start()
    return await done


def text_of(speed: Speed) -> str:
    """For the log."""
    return f"{speed.down / 125_000:.0f} Mbit/s down, {speed.up / 125_000:.0f} Mbit/s up"
