"""`job_open` confirmed to run started, one free node, embedded chain; target p50 at most 1 s.

A job counts as started when its account on chain says running. The node is simulated, the job a
Python process.
"""

import asyncio
import statistics
import time
from pathlib import Path

from solders.pubkey import Pubkey

from iog_client import jobs
from iog_client.api import OrchestratorApi
from iog_client.cli import job_flow
from iog_client.cli.session import Session
from iog_client.config import Settings
from iog_client.demo.network import Fleet, LocalNetwork
from iog_client.demo.story import CLIENT, CLIENT_IO

FOLDER = Path("build/bench-job-start")
RUNS = 20
HOUR_LENGTH = 600
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
    net = LocalNetwork(folder, "embedded", HOUR_LENGTH, keep=False)
    try:
        await net.start_chain()
        await net.create()
        await net.start_orchestrator()
        await net.add_node(Fleet("ada", "1xrtx-4090", "1x RTX 4090", "0.35 IO/h"))
        await net.nodes_ready()
        wallet = await net.fund_sol(CLIENT)
        await net.fund_io(CLIENT, CLIENT_IO)
        file = folder / "short.yaml"
        file.write_text(JOB)
        prepared = job_flow.Prepared.load(file)
        settings = Settings(net.rpc_url, net.api_url, net.wallet_path(CLIENT))
        async with OrchestratorApi(net.api_url, wallet) as api:
            here = Session(settings, net.rpc, api, wallet)
            return [await _started(here, prepared) for _ in range(RUNS)]
    finally:
        await net.close()


def main() -> None:
    """Print the median and the slowest of the runs."""
    times = asyncio.run(_measure(FOLDER.absolute()))
    print(
        f"job start: p50 {statistics.median(times) * 1e3:.0f} ms, "
        f"slowest {max(times) * 1e3:.0f} ms of {len(times)} "
        "(target p50 1,000 ms), job_open confirmed to running on chain"
    )
