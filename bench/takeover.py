"""The leader of two orchestrators killed or stopped: how long until the other leads and places.

Real processes on a real PostgreSQL with durable writes, an embedded chain, one simulated node. A
client that knows both addresses asks all the while, and opens a job as soon as it is answered.
"""

import asyncio
import contextlib
import signal
import statistics
import tempfile
import time
from pathlib import Path

import asyncpg
from solders.pubkey import Pubkey

from iog_client import jobs
from iog_client.errors import IogError
from iog_worker.route import STEADY_SECONDS
from tests import postgres_server
from tests.chaos.pair import Pair, other
from tests.chaos.report import Report
from tests.chaos.world import FLEETS

ROUNDS = 5
POLL = 0.02
SETTLED = jobs.STATES.index("settled")
RUNNING = jobs.STATES.index("running")
STEPS = ("other leads", "API answers", "job runs")


async def _holder(connection: asyncpg.Connection) -> str:
    """URL of whoever holds the lease by the database's clock."""
    query = "SELECT url FROM leader WHERE expires_at > extract(epoch FROM clock_timestamp())"
    return str(await connection.fetchval(query))


async def _answers(pair: Pair) -> None:
    while True:
        with contextlib.suppress(IogError):
            await pair.api.network()
            return
        await asyncio.sleep(POLL)


async def _runs(pair: Pair) -> Pubkey:
    """The job that was opened, once it runs or has run on chain."""
    while True:
        with contextlib.suppress(IogError):
            address = await pair.submit(0.2)
            break
        await asyncio.sleep(POLL)
    while (await jobs.get(pair.rpc, address)).state < RUNNING:
        await asyncio.sleep(POLL)
    return address


async def _round(pair: Pair, connection: asyncpg.Connection, how: signal.Signals) -> list[float]:
    leader = await pair.leader()
    await pair.until(other(leader), "standby")
    child = pair.processes.of(leader)
    pair.processes.children.remove(child)
    begun = time.perf_counter()
    child.process.send_signal(how)
    took = []
    while await _holder(connection) != pair.urls[other(leader)]:
        await asyncio.sleep(POLL)
    took.append(time.perf_counter() - begun)
    await _answers(pair)
    took.append(time.perf_counter() - begun)
    address = await _runs(pair)
    took.append(time.perf_counter() - begun)
    await child.process.wait()
    await pair.stands_by(leader)
    while (await jobs.get(pair.rpc, address)).state != SETTLED:
        await asyncio.sleep(POLL)
    # a worker whose connections break again and again waits longer from time to time
    await asyncio.sleep(STEADY_SECONDS + 1)
    return took


async def _measure(folder: Path, url: str) -> None:
    pair = Pair(folder / "net", Report(folder / "report.json", 0), url)
    connection = await asyncpg.connect(url)
    try:
        await pair.open(FLEETS[:1])
        for how, words in ((signal.SIGKILL, "kill -9"), (signal.SIGTERM, "stop")):
            took = [await _round(pair, connection, how) for _ in range(ROUNDS)]
            for step, seconds in zip(STEPS, zip(*took, strict=True), strict=True):
                middle, most = statistics.median(seconds), max(seconds)
                print(f"{words}, {step}: p50 {middle:.2f} s, most of {ROUNDS}: {most:.2f} s")
    finally:
        await connection.close()
        await pair.close()


async def _main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_server.server(postgres_server.required(), settings=()) as server,
    ):
        async with server.database() as url:
            await _measure(Path(folder), url)


def main() -> None:
    """Print the time of each step after a kill and after an orderly stop."""
    asyncio.run(_main())


if __name__ == "__main__":
    main()
