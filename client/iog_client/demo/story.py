"""What the demo does, step by step, and what it tells while it does."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from iog_client import hours_verify, rewards
from iog_client.amounts import IO, format_amount
from iog_client.api import OrchestratorApi
from iog_client.cli import job_flow
from iog_client.cli.session import Session
from iog_client.config import Settings
from iog_client.demo import report as reports
from iog_client.demo.network import CHECKOUT, ChainKind, Fleet, LocalNetwork
from iog_client.demo.report import Claim, Report
from iog_client.errors import NotFound, Refused, TimedOut
from iog_client.hours import PublishedHour
from iog_client.job_models import JobView
from iog_client.transactions import Sender

FLEETS = (
    Fleet("ada", "2xrtx-4090", "2x RTX 4090", "0.35 IO/h"),
    Fleet("grace", "8xh100-pcie", "8x H100 PCIe", "2.00 IO/h"),
    Fleet("alan", "1xt4", "1x T4", "0.10 IO/h"),
    Fleet("kathleen", "4xrtx-4080", "4x RTX 4080", "0.25 IO/h"),
)
CLIENT = "client"
CLIENT_IO = 10 * IO
JOBS = {"digits": "completed", "fails": "command_failed", "too-big": "not_placed"}
"""The example jobs, and how each has to end."""
HOURS = 2
HOUR_LENGTH: dict[ChainKind, int] = {"embedded": 10, "validator": 20}
CLAIM_TRIES = 30


@dataclass(frozen=True, slots=True)
class Told:
    """What the demo ends with."""

    report: Report
    fleets: dict[str, Fleet]
    hours: list[PublishedHour]


class Narrator:
    """Says on stderr what happens, with the seconds since the beginning."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def __call__(self, text: str) -> None:
        """One line."""
        sys.stderr.write(f"[{time.monotonic() - self._begun:5.1f} s] {text}\n")


class Story:
    """The demo on one local network."""

    def __init__(self, net: LocalNetwork, say: Callable[[str], None]) -> None:
        self.net = net
        self.say = say
        self.claims: list[Claim] = []

    async def tell(self) -> Told:
        """Everything in its order; afterwards all but the orchestrator is still up."""
        await self.set_up()
        views = await self._jobs_and_hours()
        await self._claim_all()
        (self.net.folder / "memory.json").write_text(json.dumps(self.net.peak_memory()))
        views = await self._last_words(views)
        self.say("stopping the orchestrator; what follows is read from the chain and the files")
        await self.net.processes.stop("orchestrator")
        published = self._published()
        report = await reports.build(self.net.rpc, self.net.kind, published, views, self.claims)
        report.problems.extend(
            f"job {row.name} ended as {row.reason}, not {JOBS[row.name]}"
            for row in report.jobs
            if row.reason != JOBS[row.name]
        )
        text = json.dumps(report.to_json(), indent=2)
        (self.net.folder / "report.json").write_text(text + "\n")
        fleets = {str(node.owner.pubkey()): node.fleet for node in self.net.nodes}
        return Told(report, fleets, published)

    async def set_up(self) -> None:
        """A network with its nodes active, and emission started."""
        net = self.net
        version = await net.start_chain()
        self.say(f"chain: {net.kind}, {version}, at {net.rpc_url}")
        await net.create()
        self.say(f"network: 4 programs, 500,000,000 IO minted, hours of {net.hour_length} s")
        await net.start_orchestrator()
        self.say(f"orchestrator: at {net.api_url}")
        adding = [asyncio.create_task(net.add_node(fleet)) for fleet in FLEETS]
        try:
            for done in asyncio.as_completed(adding):
                node = await done
                self.say(f"node: {node.fleet.label} (simulated) of {node.fleet.owner}, staked")
        finally:
            for task in adding:
                task.cancel()
            await asyncio.gather(*adding, return_exceptions=True)
        await net.nodes_ready()
        await net.fund_sol(CLIENT)
        await net.fund_io(CLIENT, CLIENT_IO)
        start = await net.start_emission()
        self.say(f"emission: starts at {start}, now that all {len(FLEETS)} nodes are active")

    async def _jobs_and_hours(self) -> list[JobView]:
        """Run the jobs while the hours pass; the first failure ends both."""
        jobs = asyncio.create_task(self._jobs())
        hours = asyncio.create_task(self._hours())
        try:
            await asyncio.gather(jobs, hours)
        finally:
            for task in (jobs, hours):
                task.cancel()
            await asyncio.gather(jobs, hours, return_exceptions=True)
        return jobs.result()

    async def _jobs(self) -> list[JobView]:
        async with self._session() as here:
            submitted = [await self._submit(here, name) for name in JOBS]
            following = [self._follow(here, name, view) for name, view in submitted]
            ended = await asyncio.gather(*following)
        return list(ended)

    async def _submit(self, here: Session, name: str) -> tuple[str, JobView]:
        job = job_flow.Prepared.load(CHECKOUT / "examples" / f"{name}.yaml")
        try:
            view, _ = await job_flow.submit(here, job, lambda _: None, job_flow.Opening(0))
        except Refused as refused:
            found = [one for one in await here.api.jobs(str(here.key)) if one.state == "refused"]
            if not found:
                raise
            self.say(f"job {name}: refused: {refused.message}")
            return name, found[0]
        held = format_amount(view.funded)
        self.say(f"job {name}: number {view.number}, {held} held in its escrow")
        return name, view

    async def _follow(self, here: Session, name: str, view: JobView) -> JobView:
        if view.address is None:
            return view

        def log(data: bytes) -> None:
            for line in data.decode(errors="replace").splitlines():
                self.say(f"  {name} | {line}")

        ended = await job_flow.follow(here, view.address, log, settled=True)
        if ended.state != "settled":
            raise TimedOut(f"job {name} ended as {ended.state} and was not settled in time")
        self.say(
            f"job {name}: {ended.reason}, {ended.proven_seconds} s proven, "
            f"{format_amount(ended.node_paid)} to the node, "
            f"{format_amount(ended.refunded)} back to the client"
        )
        return ended

    async def _hours(self) -> None:
        """See each hour published, check it against the chain, and say so."""
        before: bytes | None = None
        for hour in range(1, HOURS + 1):
            data = await self._published_hour(hour)
            facts = await rewards.chain_facts(self.net.rpc, hour)
            verdict = hours_verify.verify(data, before, facts)
            if not verdict.holds:
                raise Refused(f"hour {hour} does not hold: {verdict.problems[0]}")
            file = PublishedHour.parse(data)
            given = sum(node.granted for node in file.nodes)
            self.say(
                f"hour {hour}: {format_amount(given)} to {len(file.leaves)} wallets, published as "
                f"{verdict.data_hash[:12]}…, root {(file.root or 'none')[:12]}… on chain, verified"
            )
            before = data

    async def _published_hour(self, hour: int) -> bytes:
        """The file of an hour, once its root is on chain as well."""
        limit = time.monotonic() + (hour + 2) * self.net.hour_length + 60
        while time.monotonic() < limit:
            self.net.processes.watch()
            known = {view.hour: view for view in await self.net.api.hours()}
            newest = max(known, default=0)
            if hour in known and any(
                known[one].state != "published" for one in range(hour, newest + 1)
            ):
                return await self.net.api.hour(hour)
            await asyncio.sleep(0.2)
        raise TimedOut(f"hour {hour} was not published in time")

    async def _claim_all(self) -> None:
        """Every payee draws what the newest root gives it, each paying its own fee."""
        await self._root_live(HOURS)
        for node in self.net.nodes:
            wallet = node.owner
            for attempt in range(1, CLAIM_TRIES + 1):
                try:
                    proof = await self.net.api.reward(str(wallet.pubkey()))
                    done = await rewards.claim(Sender(self.net.rpc, wallet), proof)
                    break
                except (NotFound, Refused):
                    # Either the orchestrator has not seen yet that the root is live, or a new
                    # hour's root has just taken its place.
                    if attempt == CLAIM_TRIES:
                        raise
                    await asyncio.sleep(1)
            self.claims.append(Claim(str(wallet.pubkey()), done.amount))
            self.say(
                f"claim: {format_amount(done.amount)} to {node.fleet.owner} "
                f"({node.fleet.label}, simulated), by hour {done.epoch}"
            )

    async def _root_live(self, hour: int) -> None:
        """Wait until a root that covers `hour` can be claimed against."""
        limit = time.monotonic() + 2 * self.net.hour_length + 60
        while time.monotonic() < limit:
            self.net.processes.watch()
            record = await rewards.distributor(self.net.rpc)
            root = rewards.due_root(record, await self.net.rpc.chain_time())
            if root is not None and root.epoch >= hour:
                return
            await asyncio.sleep(0.2)
        raise TimedOut(f"the root of hour {hour} did not go live in time")

    async def _last_words(self, views: list[JobView]) -> list[JobView]:
        async with self._session() as here:
            return [await here.api.job(view.id) for view in views]

    def _published(self) -> list[PublishedHour]:
        files = {}
        for path in self.net.hours_folder.glob("*.json"):
            hour = PublishedHour.parse(path.read_bytes())
            files[hour.hour] = hour
        return [files[hour] for hour in sorted(files)]

    @contextlib.asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        """What the client's commands would work with."""
        wallet = self.net.wallet(CLIENT)
        settings = Settings(
            rpc_url=self.net.rpc_url,
            orchestrator_url=self.net.api_url,
            wallet=self.net.wallet_path(CLIENT),
        )
        async with OrchestratorApi(self.net.api_url, wallet) as api:
            yield Session(settings, self.net.rpc, api, wallet)
