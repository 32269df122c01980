"""A peer's job queue beside our placements, on one PostgreSQL server that keeps what it commits.

pgqueuer: jobs enqueued, fetched and marked as finished, in batches of the size of our rounds, by a
function that does nothing. Ours: jobs that are matched to one of 5,000 nodes by filters and scores,
with the record of each decision committed. The work is not the same: a queue hands any job to any
worker and writes each job three times (queued, picked, finished); a placement chooses among all
nodes and writes once. So the ratio says only that choosing a node is not what would hold a job up.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.placements import ROUND, measure
from bench.stores import DURABLE
from tests import postgres_server

PEER = "pgqueuer[asyncpg]==1.6.0"
PLACE = Path("build/peer")
JOBS = 20_000
NODES = 5_000


def main() -> None:
    """Print both figures and their ratio; one line where there is no PostgreSQL."""
    programs = postgres_server.programs()
    if programs is None:
        print(f"placements_peer: skipped, {postgres_server.MISSING}")
        return
    python = _environment()
    with postgres_server.server(programs, DURABLE) as server:
        asyncio.run(_compare(server, python))


def _environment() -> Path:
    """A Python that has the peer, made where it is missing."""
    python = PLACE / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", PEER, "uvloop"], check=True)
    return python


async def _compare(server: postgres_server.Server, python: Path) -> None:
    async with server.database() as url:
        peer = _peer(python, url)
    async with server.database() as url:
        with tempfile.TemporaryDirectory() as folder:
            ours = await measure(NODES, Path(folder), url)
    both = JOBS / (peer["enqueue"] + peer["finish"])
    print(
        f"{PEER}: {JOBS / peer['enqueue']:,.0f}/s enqueued, {JOBS / peer['finish']:,.0f}/s fetched "
        f"and finished, {both:,.0f}/s for both"
    )
    print(f"our placements, {NODES:,} nodes, same server: {ours.rate:,.0f}/s")
    print(
        f"ratio: {ours.rate / both:.2f} to both, {ours.rate * peer['finish'] / JOBS:.2f} to "
        f"fetching and finishing alone; {ROUND} jobs a batch"
    )


def _peer(python: Path, url: str) -> dict[str, float]:
    what = json.dumps({"url": url, "jobs": JOBS, "batch": ROUND})
    done = subprocess.run(
        [python, "-m", "bench.peer_worker", what], check=True, stdout=subprocess.PIPE, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
