"""Closing an hour with many nodes: from stored inputs to root, files and proofs.

Each node has a wallet of its own, a signed statement in the store, which is open, and a leaf from
the hour before. What is stored is made first and not measured, but for the time in which nodes go
from objects into stored columns (`collect`). The close runs in a process of its own, with a fork on
every further core. Peak memory is VmHWM of that process, and the greatest sum of the shares (Pss)
of it and its forks, sampled; a database's server comes on top. Target for a million: 15 s, 1.5 GB.
`--verify` has the hour checked from its files afterwards, as `iog reward verify` does, in another
process.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from solders.pubkey import Pubkey

from bench import hour_world, stores
from bench.hour_world import HOUR
from iog_client import hours_verify, merkle
from iog_client.hours_parts import HourFile
from iog_orchestrator.adapters.forks import Forks
from iog_orchestrator.adapters.hour_folder import HourFolder
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.core.hour_close import collect_said
from tests.postgres_server import Server

PROOFS = 1_000
PLOT = Path("docs/images/hour-close.svg")


def main(options: list[str] | None = None) -> None:
    """Measure one size, or with `--growth` 10^3 to `--nodes`, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench hour_close", description=__doc__)
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--growth", action="store_true", help="all powers of ten up to --nodes")
    parser.add_argument("--plot", action="store_true", help=f"write {PLOT} of the growth")
    parser.add_argument("--verify", action="store_true", help="check the published hour, too")
    parser.add_argument("--store", choices=stores.CHOICES[:2], default="sqlite")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    asked = parser.parse_args(options or [])
    if asked.work:
        work = _verify if asked.verify else _close
        print(json.dumps(asyncio.run(work(asked.work, asked.url))))
        return
    sizes = [asked.nodes]
    if asked.growth or asked.plot:
        sizes = [10**power for power in range(3, 10) if 10**power <= asked.nodes]
    with suppress(LookupError), stores.server_of(asked.store, "hour_close") as server:
        print(f"hour_close, {asked.store}")
        found = {size: _measured(size, asked.verify, server) for size in sizes}
        if asked.plot:
            _draw(found)


def _measured(nodes: int, verify: bool, server: Server | None) -> dict[str, float]:
    url, database = None, f"hour_{nodes}"
    if server is not None:
        asyncio.run(server.run(f"CREATE DATABASE {database}"))
        url = server.url(database)
    where = () if url is None else ("--url", url)
    with tempfile.TemporaryDirectory(prefix="iog-hour-", dir=os.environ.get("IOG_BENCH")) as name:
        collect = asyncio.run(hour_world.prepare(Path(name), nodes, url))
        figures = _in_process(name, *where)
        _print(nodes, {**figures, "collect": collect})
        if verify:
            took = _in_process(name, *where, "--verify")
            print(
                f"hour_verify: {nodes:>8,} nodes {took['seconds']:7.2f} s "
                f"(processor {took['processor']:.2f} s), VmHWM {took['vmhwm']:.0f} MiB",
                flush=True,
            )
    return figures


def _in_process(folder: str, *options: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench", "hour_close", "--work", folder, *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _print(nodes: int, figures: dict[str, float]) -> None:
    phases = [f"{name} {figures[name]:.2f}" for name in figures if name not in NOT_PHASES]
    print(
        f"hour_close: {nodes:>9,} nodes {figures['seconds']:7.2f} s "
        f"(processor {figures['processor']:.2f} s; {', '.join(phases)}), "
        f"VmHWM {figures['vmhwm']:.0f} MiB, all processes {figures['pss']:.0f} MiB, "
        f"files {figures['written']:.0f} MB, proof {figures['proof']:.0f} us; "
        f"collect {figures['collect']:.2f} s before",
        flush=True,
    )


NOT_PHASES = {"seconds", "processor", "vmhwm", "pss", "written", "proof", "collect"}


async def _close(folder: Path, url: str | None) -> dict[str, float]:
    """Hour 2, measured."""
    async with stores.opened(folder / "store", hour_world.NETWORK, url) as store:
        return await _closed(store, folder)


async def _closed(store: SqlStore, folder: Path) -> dict[str, float]:
    begun = last = time.perf_counter()
    figures: dict[str, float] = {}

    def phase(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        figures[name], last = now - last, now

    watch = _Watch()
    works = HourFolder(folder / "hours", Forks(), phase)
    columns = works.kept(HOUR)
    phase("nodes")
    await collect_said(store, HOUR, columns)
    phase("statements")
    previous = HourFile.parse(await store.hour(1) or b"", works.part)
    asked = hour_world.inputs(HOUR, previous.as_previous())
    hour, _ = await asyncio.to_thread(works.build, asked, columns, previous)
    await store.put_hour(hour_world.report(HOUR, hour.root or ""), hour.to_bytes())
    phase("store")
    figures["seconds"] = time.perf_counter() - begun
    figures["processor"] = sum(os.times()[:4])
    figures["vmhwm"], figures["pss"] = watch.stop()
    wallets = columns.of["payee"][:: max(1, len(columns) // PROOFS)].tolist()
    start = time.perf_counter()
    for wallet in wallets:
        _check(works, hour.root or "", wallet.decode())
    figures["proof"] = (time.perf_counter() - start) / len(wallets) * 1e6
    names = HourFile.parse(hour.to_bytes(), works.part).part_hashes()
    figures["written"] = sum(works.part_path(one).stat().st_size for one in names) / 1e6
    return figures


async def _verify(folder: Path, url: str | None) -> dict[str, float]:
    """Hour 2 checked against the hour before and what the chain would say."""
    part = HourFolder(folder / "hours").part
    async with stores.opened(folder / "store", hour_world.NETWORK, url) as store:
        both = [HourFile.parse(await store.hour(one) or b"", part) for one in (HOUR - 1, HOUR)]
    begun = time.perf_counter()
    verdict = hours_verify.verify(both[1], both[0], hour_world.facts(both[1]))
    if not verdict.holds:
        raise AssertionError(verdict.problems)
    return {
        "seconds": time.perf_counter() - begun,
        "processor": sum(os.times()[:4]),
        "vmhwm": _kib(Path("/proc/self/status"), "VmHWM:") / 1024,
    }


def _check(works: HourFolder, root: str, wallet: str) -> None:
    cumulative, siblings = works.proof(HOUR, wallet)
    distributor = Pubkey.from_string(hour_world.ADDRESS)
    leaf = merkle.leaf(distributor, Pubkey.from_string(wallet), cumulative)
    if not merkle.verify(bytes.fromhex(root), leaf, siblings):
        raise AssertionError(f"the proof of {wallet} does not lead to the root")


class _Watch:
    """Peak memory in MiB: of this process, and of it with its forks."""

    def __init__(self) -> None:
        self._peak, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> tuple[float, float]:
        self._ended.set()
        self._thread.join()
        return _kib(Path("/proc/self/status"), "VmHWM:") / 1024, self._peak / 1024

    def _run(self) -> None:
        ended = False
        while not ended:
            ended = self._ended.wait(0.1)
            own = os.getpid()
            forks = Path(f"/proc/self/task/{own}/children").read_text().split()
            both = [_kib(Path(f"/proc/{one}/smaps_rollup"), "Pss:") for one in (own, *forks)]
            self._peak = max(self._peak, sum(both))


def _kib(path: Path, name: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:  # the fork has ended meanwhile
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def _draw(found: dict[int, dict[str, float]]) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "iog"
    from matplotlib import pyplot

    figure, (time_axis, memory_axis) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    sizes = list(found)
    time_axis.loglog(sizes, [found[one]["seconds"] for one in sizes], "o-", label="wall time")
    time_axis.plot(sizes, [found[one]["processor"] for one in sizes], "s--", label="processor time")
    memory_axis.loglog(sizes, [found[one]["pss"] for one in sizes], "o-", label="measured")
    time_axis.plot([10**6], [15], "x", color="tab:red", label="target")
    memory_axis.plot([10**6], [1500], "x", color="tab:red", label="target")
    for axis, what in ((time_axis, "seconds"), (memory_axis, "MiB, all processes")):
        axis.set(xlabel="nodes, each with its wallet", ylabel=what)
        axis.grid(alpha=0.3)
        axis.legend(frameon=False)
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PLOT, metadata={"Date": None})
