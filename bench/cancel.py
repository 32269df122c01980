"""`iog job cancel` typed to the last process of the job gone; target: 2 s, for any job.

One job ends when it is asked to, one ignores the signal and is ended by force after the grace. The
node is simulated, the command a process of its own, as a person starts it.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from pathlib import Path

from bench.one_node import NODE, client_of
from iog_client.cli import job_flow
from iog_client.cli.session import Session
from iog_worker import processes, supervisor

FOLDER = Path("build/bench-cancel")
RUNS = 5
IOG = Path(sys.executable).with_name("iog")
JOB = """name: long
command: [sh, -c, "{trap}echo up; while :; do sleep 0.1; done"]
resources: {{gpus: 1}}
duration: 60s
price: 1 IO/h
"""
KINDS = {"ends when asked": "", "ignores the signal": "trap '' TERM; "}
POLL = 0.005


async def _running(node: Path) -> str:
    """The mark of the processes of the node's job, once it has written its first line."""
    while (token := _token(node)) is None:
        await asyncio.sleep(POLL)
    return token


def _token(node: Path) -> str | None:
    for log in node.glob(f"runs/*/{supervisor.LOG}"):
        if log.stat().st_size:
            return str(json.loads((log.parent / supervisor.LAUNCH).read_text())["token"])
    return None


def _told(node: Path) -> bool:
    return any(node.glob(f"runs/*/{supervisor.STOP}"))


def _left(node: Path) -> bool:
    return any(node.glob("runs/*"))


async def _cancelled(
    here: Session, job: job_flow.Prepared, node: Path
) -> tuple[float, float, float]:
    """Seconds from the command's start until no process of the job is left; of these, those since
    the node was told; and until it returns with the job settled."""
    view, _ = await job_flow.submit(here, job, lambda _: None, job_flow.Opening(0))
    token = await _running(node)
    begun = time.perf_counter()
    settings = here.settings
    environment = os.environ | {"IOG_WALLET": str(settings.wallet)}
    command = await asyncio.create_subprocess_exec(
        str(IOG), "job", "cancel", view.id,
        "--rpc", settings.rpc_url, "--orchestrator", settings.orchestrator_url,
        env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    while not _told(node) and processes.marked(token):
        await asyncio.sleep(POLL)
    told = time.perf_counter() - begun
    while processes.marked(token):
        await asyncio.sleep(POLL)
    gone = time.perf_counter() - begun
    if await command.wait():
        raise SystemExit("iog job cancel failed")
    settled = time.perf_counter() - begun
    while _left(node):
        await asyncio.sleep(POLL)
    return gone, gone - told, settled


def zombies() -> int:
    """Processes of this machine that ended and that a worker or supervisor has not waited for."""
    found = 0
    for pid in processes.numbers():
        try:
            fields = (processes.PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
            parent = (processes.PROC / fields[1].decode() / "cmdline").read_bytes()
        except OSError:
            continue
        found += fields[0] == b"Z" and b"iog" in parent
    return found


async def _measure(folder: Path) -> dict[str, list[tuple[float, float, float]]]:
    file, node = folder / "long.yaml", folder / "nodes" / NODE
    times: dict[str, list[tuple[float, float, float]]] = {}
    async with client_of(folder) as here:
        for kind, trap in KINDS.items():
            file.write_text(JOB.format(trap=trap))
            prepared = job_flow.Prepared.load(file)
            times[kind] = [await _cancelled(here, prepared, node) for _ in range(RUNS)]
        print(f"cancel: {zombies()} zombies")
    return times


def main() -> None:
    """Print the median and the slowest of each kind."""
    for kind, times in asyncio.run(_measure(FOLDER.absolute())).items():
        gone, by_node, settled = ([parts[at] for parts in times] for at in (0, 1, 2))
        print(
            f"cancel, a job that {kind}: gone after p50 {statistics.median(gone) * 1e3:.0f} ms, "
            f"slowest {max(gone) * 1e3:.0f} ms of {len(gone)} (target 2,000 ms); "
            f"the node's part p50 {statistics.median(by_node) * 1e3:.0f} ms; "
            f"settled after p50 {statistics.median(settled) * 1e3:.0f} ms"
        )
