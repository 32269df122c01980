"""Placements a second: jobs with GPU filters, matched by the core's own queue and written down.

Each round a number of jobs is put into the queue, as the steps of their drivers do, matched, and
the records of all placements are committed in one transaction (SQLite with synchronous=FULL, or
PostgreSQL with its own settings, which are as durable) before the round counts as done. Then the
jobs of older rounds end, so that nodes keep coming free. Requests are of 36 shapes (class, GPUs,
memory, connectivity), each with a price of its own. Beside the time that passed stands what this
process computed, for a machine that does other work as well.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from bench import stores
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.core.matching import Matching
from iog_orchestrator.domain.candidates import Candidate
from iog_orchestrator.domain.jobs import ChainJob, JobRequest, JobState
from iog_orchestrator.domain.matching import Fleet
from iog_orchestrator.domain.needs import Needs
from tests.postgres_server import Server

SIZES = (1_000, 5_000, 10_000, 31_623, 100_000)
PLOT = Path("docs/images/placements.svg")
ROUND = 500
"""Jobs of a round."""
SECONDS = 5.0
WARM = 2
GOALS = {5_000: 5_000, 100_000: 1_000}
"""Placements a second that are asked for, by the number of nodes."""
CLASSES = ("rtx-4090", "h100-pcie", "a100-80gb")
MEMORY = {"rtx-4090": 24_564, "h100-pcie": 81_559, "a100-80gb": 81_920}
BASE_PRICE = {"rtx-4090": 9_000, "h100-pcie": 50_000, "a100-80gb": 40_000}


class Context:
    """What the queue needs of the core's context."""

    def __init__(self, store: SqlStore) -> None:
        self.fleet = Fleet()
        self.fleet_changed = asyncio.Event()
        self.ports = _Ports(store)


@dataclass(frozen=True, slots=True)
class _ChainClock:
    def now(self) -> float:
        return 1_800_000_000.0


class _Ports:
    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.chain_clock = _ChainClock()


@dataclass(frozen=True, slots=True)
class Figure:
    """What came out for one number of nodes; times in seconds."""

    nodes: int
    placements: int
    seconds: float
    computed: float
    rounds: list[float]

    @property
    def rate(self) -> float:
        """Placements a second."""
        return self.placements / self.seconds

    @property
    def rate_computed(self) -> float:
        """Placements in a second of this process's own computing."""
        return self.placements / self.computed


def candidates(count: int, dice: random.Random) -> list[Candidate]:
    """Nodes of three classes, with 1 to 8 GPUs each and asks of their own."""
    found = []
    for index in range(count):
        slug = dice.choice(CLASSES)
        found.append(
            Candidate(
                device=f"{dice.getrandbits(200):050x}"[:44],
                node=f"node{index:040}",
                node_class=f"class-{slug}",
                slug=slug,
                multiplier=10_000,
                gpus=dice.choice((1, 2, 4, 8)),
                busy=0,
                ask=int(BASE_PRICE[slug] * dice.uniform(0.7, 1.3)),
                memory=MEMORY[slug],
                unready="" if dice.random() > 0.05 else "not_connected",
                simulated=True,
                confined=dice.random() > 0.1,
                reliability=dice.choice((1.0, 1.0, 0.99, 0.95, 0.8)),
                owner=f"owner{index % 997:039}",
                country=dice.choice(("DE", "FR", "US", "JP", "")),
                connectivity=dice.randrange(4),
            )
        )
    return found


def job(number: int, dice: random.Random) -> tuple[ChainJob, JobRequest]:
    """A job of one of the shapes."""
    slug = dice.choice(CLASSES)
    gpus = dice.choice((1, 1, 2, 4))
    memory = dice.choice((0, 20_000))
    address = f"job{number:041}"
    chain = ChainJob(
        address=address,
        client="client",
        payer="client",
        matcher="matcher",
        number=number,
        spec_hash="0" * 64,
        gpus=gpus,
        max_price=int(BASE_PRICE[slug] * dice.uniform(0.9, 1.5)),
        max_seconds=3_600,
        state=JobState.OPEN,
        deadline=1_800_000_600,
        opened_at=1_800_000_000,
        job_class=f"class-{slug}",
    )
    needs = Needs(connectivity=dice.choice((0, 1)))
    request = JobRequest(
        address, "client", number, "0" * 64, "", (), gpus=gpus, memory=memory, needs=needs
    )
    return chain, request


async def measure(nodes: int, folder: Path, url: str | None = None) -> Figure:
    """Place jobs for some seconds on so many nodes; records go to the database at `url`, or to one
    in `folder`."""
    async with stores.opened(folder, {"genesis_hash": "bench"}, url) as store:
        return await _rounds(store, nodes, SECONDS, ROUND, random.Random(nodes))


async def _measured(nodes: int, server: Server | None) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        if server is None:
            return await measure(nodes, Path(folder))
        async with server.database() as url:
            return await measure(nodes, Path(folder), url)


async def _rounds(
    store: SqlStore, nodes: int, seconds: float, jobs: int, dice: random.Random
) -> Figure:
    context = Context(store)
    for candidate in candidates(nodes, dice):
        context.fleet.put(candidate)
    matching = Matching(context)  # type: ignore[arg-type]
    running: deque[list[str]] = deque()
    live, placed, number, warm, computed = 0, 0, 0, WARM, 0.0
    rounds: list[float] = []
    room = nodes * 2  # of 3.75 GPUs a node about half stay taken
    while sum(rounds) < seconds:
        wanted = [job(number + index, dice) for index in range(jobs)]
        number += jobs
        began, cpu = time.perf_counter(), time.process_time()
        for chain, request in wanted:
            matching.want(chain, request, frozenset())
        done = matching.match()
        await matching.save()
        passed, used = time.perf_counter() - began, time.process_time() - cpu
        running.append(done)
        live += len(done)
        for chain, _ in wanted:
            if matching.promised(chain.address) is None:
                matching.release(chain.address)
        while live * 2 > room and running:
            ended = running.popleft()
            live -= len(ended)
            for address in ended:
                matching.release(address)
        if warm:
            warm -= 1
            continue
        rounds.append(passed)
        computed += used
        placed += len(done)
    return Figure(nodes, placed, sum(rounds), computed, rounds)


def main(options: list[str] | None = None) -> None:
    """Print a line for each number of nodes, and draw them where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench placements", description=__doc__)
    parser.add_argument("--store", choices=stores.CHOICES, default="both")
    parser.add_argument("--plot", action="store_true", help=f"write {PLOT} of the growth")
    asked = parser.parse_args(options or [])
    found = {}
    for store in stores.asked(asked.store):
        with contextlib.suppress(LookupError):
            found[store] = _growth(store)
    if asked.plot:
        _draw(found)


def _growth(store: str) -> list[Figure]:
    """A figure for each number of nodes. Raises `LookupError` without the store's server."""
    with stores.server_of(store, "placements") as server:
        print(f"placements, {store}")
        print("   nodes  placements/s  in a second of CPU  round of 500: median ms   p99 ms  goal")
        return [_printed(asyncio.run(_measured(nodes, server))) for nodes in SIZES]


def _printed(figure: Figure) -> Figure:
    ordered, goal = sorted(figure.rounds), GOALS.get(figure.nodes, "-")
    print(
        f"{figure.nodes:>8}  {figure.rate:>12,.0f}  {figure.rate_computed:>18,.0f}  "
        f"{statistics.median(ordered) * 1000:>23.1f}  "
        f"{ordered[int(0.99 * (len(ordered) - 1))] * 1000:>7.1f}  {goal:>5}",
        flush=True,
    )
    return figure


def _draw(found: dict[str, list[Figure]]) -> None:
    """The growth with the number of nodes."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "iog"
    from matplotlib import pyplot

    drawn, axis = pyplot.subplots(figsize=(6, 3.4), layout="constrained")
    for store, figures in found.items():
        sizes = [one.nodes for one in figures]
        axis.plot(sizes, [one.rate for one in figures], "o-", label=store)
    axis.plot(list(GOALS), list(GOALS.values()), "x", color="tab:red", label="target")
    axis.set(xscale="log", xlabel="nodes", ylabel="placements a second", ylim=(0, None))
    axis.grid(alpha=0.3)
    axis.legend()
    drawn.savefig(PLOT, metadata={"Date": None})
