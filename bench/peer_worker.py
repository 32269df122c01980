"""The peer's side of `bench.placements_peer`; runs in an environment where pgqueuer is.

Jobs are enqueued in batches, each batch fetched, given to a function that does nothing, and marked
as finished. Its own defaults throughout, but for the size of a batch, which is that of ours.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta

import asyncpg  # type: ignore[import-untyped,unused-ignore]
import uvloop
from pgqueuer import AsyncpgPoolDriver, Job, PgQueuer, Queries  # type: ignore[import-not-found]
from pgqueuer.types import QueueExecutionMode  # type: ignore[import-not-found]

CONNECTIONS = 4


async def measure(url: str, jobs: int, batch: int) -> dict[str, float]:
    """Seconds that so many jobs took to be enqueued, and to be fetched and finished."""
    async with asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        driver = AsyncpgPoolDriver(pool)
        queries = Queries(driver)
        await queries.install()
        queue = PgQueuer(driver)
        done = 0

        @queue.entrypoint("job")
        async def finish(job: Job) -> None:
            nonlocal done
            done += 1

        began = time.perf_counter()
        for _ in range(jobs // batch):
            await queries.enqueue(["job"] * batch, [b"x" * 200] * batch, [0] * batch)
        enqueued = time.perf_counter()
        await queue.run(
            dequeue_timeout=timedelta(seconds=1),
            batch_size=batch,
            mode=QueueExecutionMode.drain,
        )
        finished = time.perf_counter()
    if done != jobs:
        raise RuntimeError(f"{done} of {jobs} jobs were finished")
    return {"enqueue": enqueued - began, "finish": finished - enqueued}


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    print(json.dumps(uvloop.run(measure(asked["url"], asked["jobs"], asked["batch"]))))
