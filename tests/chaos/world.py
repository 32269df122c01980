"""A small network of real processes, and a client whose jobs go through it all the while."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import jobs
from iog_client._generated.iog_jobs.accounts import Job
from iog_client.amounts import IO
from iog_client.api import OrchestratorApi
from iog_client.cli import job_flow
from iog_client.cli.session import Session
from iog_client.config import Settings
from iog_client.demo.network import ChainKind, Fleet, LocalNetwork
from iog_client.demo.processes import IOG
from iog_client.errors import IogError, Unreachable
from iog_client.reasons import EndReason
from tests.chaos.faults import ALL
from tests.chaos.invariants import Ledger
from tests.chaos.processes import Mortals
from tests.chaos.report import Report, Round

CHAIN: ChainKind = "validator" if os.environ.get("IOG_CHAOS_CHAIN") == "validator" else "embedded"
HOUR = 10
"""Seconds: heartbeats every 0.8 s, silent after 2.5 s, a run lost after 20 s."""
FLEETS = (
    Fleet("ada", "2xrtx-4090", "2x RTX 4090", "0.35 IO/h"),
    Fleet("alan", "1xt4", "1x T4", "0.10 IO/h"),
)
CLIENT = "client"
CLIENT_IO = 1000 * IO
AT_ONCE = 3
"""Jobs that the client keeps under way."""
SETTLED = jobs.STATES.index("settled")
# a transaction that a killed validator has forgotten is given up once its blockhash has run out
RECOVERED_WITHIN = 120.0 if CHAIN == "embedded" else 300.0
DRAINED_WITHIN = 180.0 if CHAIN == "embedded" else 400.0


async def _nothing() -> None:
    """What is to be done after a fault of which nothing is left."""


class World(LocalNetwork):
    """A network that is not left alone."""

    processes: Mortals

    def __init__(self, folder: Path, report: Report) -> None:
        super().__init__(folder, CHAIN, HOUR, keep=False)
        self.processes = Mortals(folder / "logs")
        if CHAIN == "validator":
            self.processes.launchers = frozenset({"chain"})
        # to look for one takes seconds at every start, and no job here comes as an image
        self.processes.more = {fleet.owner: ("--engine", "none") for fleet in FLEETS}
        self.report = report
        self._over: float | None = None
        # two at once would take the same number, and one's job would stand under the other's
        self._submitting = asyncio.Lock()
        self.ledger = Ledger(self, CLIENT, CLIENT_IO)

    @property
    def leader_url(self) -> str:
        """Where the orchestrator that leads answers."""
        return self.api_url

    async def open(self, fleets: tuple[Fleet, ...] = FLEETS) -> None:
        """Everything up: chain, orchestrator, nodes that are ready, a client, and emission."""
        await self.start_chain()
        await self.create()
        await self.start_orchestrator()
        await asyncio.gather(*(self.add_node(fleet) for fleet in fleets))
        await self.nodes_ready()
        await self.fund_sol(CLIENT)
        await self.fund_io(CLIENT, CLIENT_IO)
        await self.start_emission()

    async def fund_sol(self, name: str) -> Keypair:
        """As every network does, and once more if the answer was cut off: SOL that comes twice does
        no harm here."""
        with contextlib.suppress(Unreachable):
            return await super().fund_sol(name)
        return await super().fund_sol(name)

    async def restart(self, *names: str) -> None:
        """Start what was ended: the chain first, and the nodes last. The fault is over then."""
        self.over()
        if "chain" in names:
            await self.start_chain()
        if "orchestrator" in names:
            await self.start_orchestrator()
        for node in self.nodes:
            if node.fleet.owner in names:
                await self.start_node(node.fleet)

    def over(self) -> None:
        """Count the time to recover from now on, and not from the end of the body."""
        self._over = self._over or time.monotonic()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """What the client's commands work with."""
        wallet = self.wallet(CLIENT)
        settings = Settings(self.rpc_url, self.api_url, self.wallet_path(CLIENT))
        async with OrchestratorApi(self.api_url, wallet) as api:
            yield Session(settings, self.rpc, api, wallet)

    async def submit(self, seconds: float, command: str = "echo begin") -> Pubkey:
        """Open a job that takes so long after a command; it waits for a node if none is free."""
        content = {
            "name": "steady",
            "command": ["sh", "-c", f"{command}; sleep {seconds:.1f}; echo x > out"],
            "duration": "30s",
            "price": "0.50 IO/h",
            "outputs": ["out"],
            "retries": 3,
        }
        path = self.folder / "job.yaml"
        path.write_text(json.dumps(content))
        job = job_flow.Prepared.load(path)
        async with self._submitting, self.session() as here:
            opening = job_flow.Opening(0, queue=True)
            view, _ = await job_flow.submit(here, job, lambda _: None, opening)
        assert view.address is not None
        return Pubkey.from_string(view.address)

    async def jobs(self) -> dict[Pubkey, Job]:
        """Every job that the client has opened, by the chain alone."""
        return dict(await jobs.search(self.rpc, self.wallet(CLIENT).pubkey()))

    async def under_way(self) -> int:
        """How many are not settled."""
        return sum(job.state != SETTLED for job in (await self.jobs()).values())

    @asynccontextmanager
    async def ordeal(
        self,
        fault: str,
        chance: random.Random,
        then: Callable[[], Awaitable[None]] = _nothing,
    ) -> AsyncIterator[None]:
        """One round: the fault is done in the body while jobs go on, and is over at its end.

        Then the time is taken until a new job goes through, `then` mends what the network could do
        without, all jobs are waited for, and the invariants are held against what is left.
        """
        assert fault in ALL, f"tests/chaos/faults.py does not name {fault}"
        before, self._over = set(await self.jobs()), None
        async with self._traffic(chance):
            yield
            recovery = await self._recovered()
            await then()
        await self._drained()
        problems = await self.ledger.problems()
        assert not problems, f"{fault}: " + "; ".join(problems)
        new = [job for key, job in (await self.jobs()).items() if key not in before]
        reasons = Counter(EndReason(job.reason).label for job in new)
        self.report.add(Round(fault, round(recovery, 2), len(new), dict(reasons)))

    @asynccontextmanager
    async def _traffic(self, chance: random.Random) -> AsyncIterator[None]:
        """Jobs, one after the other, whatever becomes of the network meanwhile."""
        opening = asyncio.create_task(self._open_jobs(chance))
        try:
            await self._busy()
            yield
        finally:
            opening.cancel()
            # a transaction may be on its way: let the chain show what came of it
            await asyncio.gather(opening, return_exceptions=True)

    async def _open_jobs(self, chance: random.Random) -> None:
        while True:
            with contextlib.suppress(IogError):
                if await self.under_way() < AT_ONCE:
                    await self.submit(chance.uniform(0.5, 3.0))
                    continue
            await asyncio.sleep(0.2)

    async def _busy(self) -> None:
        running = jobs.STATES.index("running")
        async with asyncio.timeout(RECOVERED_WITHIN):
            while True:
                if any(job.state == running for job in (await self.jobs()).values()):
                    return
                await asyncio.sleep(0.05)

    async def _recovered(self) -> float:
        over = self._over or time.monotonic()
        async with asyncio.timeout(RECOVERED_WITHIN):
            while True:
                with contextlib.suppress(IogError):
                    job = await self._settled(await self.submit(0.1))
                    if EndReason(job.reason).label == "completed":
                        return time.monotonic() - over
                await asyncio.sleep(0.1)

    async def _settled(self, address: Pubkey) -> Job:
        while True:
            job = await jobs.get(self.rpc, address)
            if job.state == SETTLED:
                return job
            await asyncio.sleep(0.05)

    async def _drained(self) -> None:
        end = time.monotonic() + DRAINED_WITHIN
        while left := await self.under_way():
            assert time.monotonic() < end, f"{left} jobs are not settled: {await self._stuck()}"
            await asyncio.sleep(0.1)

    async def _stuck(self) -> str:
        found = await self.jobs()
        return ", ".join(
            f"{key} {jobs.STATES[job.state]} run {job.run}"
            for key, job in found.items()
            if job.state != SETTLED
        )

    @asynccontextmanager
    async def rerouted(self, node: str, url: str) -> AsyncIterator[None]:
        """Have a node reach its orchestrator at another address in the body, and end it then."""
        await self.processes.stop(node)
        path = self.folder / "nodes" / node / "node.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "orchestrator_url": url}))
        await self.restart(node)
        await self.nodes_ready()
        yield
        await self.processes.stop(node)

    async def refused_orchestrator(self) -> tuple[int, str]:
        """Exit code and words of an orchestrator that is not to come up on this database."""
        process = await asyncio.create_subprocess_exec(
            str(IOG), "orchestrator", "run", "--network", str(self.folder / "network.json"),
            "--db", str(self.folder / "orchestrator"), "--port", "0", "--rpc", self.rpc_url,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await asyncio.wait_for(process.communicate(), RECOVERED_WITHIN)
        return process.returncode or 0, said.decode()

    def children(self) -> dict[int, str]:
        """Process numbers of the network's own processes, with their names."""
        return {child.process.pid: child.name for child in self.processes.children}

    def resident(self, name: str) -> int:
        """MiB of memory that a process of the network has now (VmRSS)."""
        status = Path(f"/proc/{self.processes.of(name).process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return int(fields["VmRSS"].split()[0]) >> 10
