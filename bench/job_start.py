"""`job_open` confirmed to run started, one free node, embedded chain; target p50 at most 1 s.

A job counts as started when its account on chain says running. The node is simulated, the job a
Python process.
"""

import asyncio
import statistics
import time
from pathlib import Path

from solders.pubkey import Pubkey

from bench.one_node import client_of
from iog_client import jobs
from iog_client.cli import job_flow
from iog_client.cli.session import Session

FOLDER = Path("build/bench-job-start")
RUNS = 20
JOB = """name: short
command: [python, -c, "print('started')"]
resources: {gpus: 1}
duration: 20s
price: 1 IO/h
"""
POLL = 0.01


async def _started(here: Session, job: job_flow.Prepared) -> float:
    """Seconds from the confirmed `job_open` until the chain says running."""
    view, _ = await job_flow.submit(here, job, lambda _: None, job_flow.Opening(0))
    begun = time.perf_counter()
    address = Pubkey.from_string(view.id)
    while not await _begun(here, address):
        await asyncio.sleep(POLL)
    waited = time.perf_counter() - begun
    await job_flow.follow(here, view.id, lambda _: None, settled=True)
    return waited


async def _begun(here: Session, address: Pubkey) -> bool:
    return jobs.STATES[(await jobs.get(here.rpc, address)).state] not in ("open", "assigned")


async def _measure(folder: Path) -> list[float]:
    async with client_of(folder) as here:
        file = folder / "short.yaml"
        file.write_text(JOB)
        prepared = job_flow.Prepared.load(file)
        return [await _started(here, prepared) for _ in range(RUNS)]


def main() -> None:
    """Print the median and the slowest of the runs."""
    times = asyncio.run(_measure(FOLDER.absolute()))
    print(
        f"job start: p50 {statistics.median(times) * 1e3:.0f} ms, "
        f"slowest {max(times) * 1e3:.0f} ms of {len(times)} "
        "(target p50 1,000 ms), job_open confirmed to running on chain"
    )
