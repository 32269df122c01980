"""Reconcile: chain, workers and database compared for ever, and what differs put right.

The chain decides. What is under way differs for a moment, so that a difference counts only when two
passes in a row find it; what counts is logged with its cause, repaired where that is possible, and
shown by the metric `iog_mismatches` until a pass finds it gone. In steady state there are none.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from iog_orchestrator.core.agents import Agents
from iog_orchestrator.core.chain_sync import ChainSync
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.matching import Matching
from iog_orchestrator.core.runs import Runs
from iog_orchestrator.domain.errors import ChainError
from iog_orchestrator.domain.jobs import ChainJob, JobState

log = logging.getLogger(__name__)

KINDS = (
    "job_not_stored",
    "job_unknown",
    "job_not_driven",
    "promise_stale",
    "run_unknown",
    "run_missing",
    "gpus_busy",
    "root_differs",
)
"""What may differ; docs/operations.md says of each what it means and what is done."""
EVERY = 6
"""Readings of the chain between two passes."""
WAITING = (JobState.OPEN, JobState.ASSIGNED, JobState.JOINED)

Repair = Callable[[], Awaitable[None]]
Ids = tuple[tuple[str, str | int], ...]
"""Names and values, as the log has them."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two places that say different things of what `ids` name: a job, a run, a node, an hour."""

    kind: str
    ids: Ids
    said: str = field(compare=False)
    repair: Repair | None = field(default=None, compare=False)


class Reconcile:
    """Compares, and repairs what was different twice."""

    def __init__(
        self, context: Context, sync: ChainSync, agents: Agents, matching: Matching, runs: Runs
    ) -> None:
        self._context = context
        self._sync = sync
        self._agents = agents
        self._matching = matching
        self._runs = runs
        self._seen: set[Mismatch] = set()
        self.standing: Counter[str] = Counter()
        """Mismatches that the last pass found for the second time or more, by kind."""

    async def run(self) -> None:
        """Compare for ever."""
        while True:
            await self._context.ports.clock.sleep(self._context.pace.sync * EVERY)
            try:
                await self.step()
            except ChainError as error:
                log.info("nothing was compared: %s", error, extra={"action": "reconcile_waits"})

    async def step(self) -> list[Mismatch]:
        """Compare once; what was found for the second time, which has been repaired or told."""
        live = {job.address: job for job in await self._sync.everything()}
        found = [one async for one in self._all(live)]
        standing = [one for one in found if one in self._seen]
        self._seen = set(found)
        self.standing = Counter(one.kind for one in standing)
        for one in standing:
            await self._mend(one)
        return standing

    async def _mend(self, one: Mismatch) -> None:
        ids = {"kind": one.kind, **dict(one.ids)}
        if one.repair is None:
            log.error("mismatch: %s", one.said, extra={"action": "mismatch", **ids})
            return
        log.warning("repaired: %s", one.said, extra={"action": "repaired", **ids})
        await one.repair()

    async def _all(self, live: dict[str, ChainJob]) -> AsyncIterator[Mismatch]:
        async for one in self._stored(live):
            yield one
        for one in (*self._driven(live), *self._held(), *self._missing(live), *self._busy(live)):
            yield one
        async for one in self._roots():
            yield one

    async def _stored(self, live: dict[str, ChainJob]) -> AsyncIterator[Mismatch]:
        """The database's projection of jobs against the chain."""
        store = self._context.ports.store
        for address, job in live.items():
            row = await store.job(address)
            if row is None or row.job != job:
                yield Mismatch(
                    "job_not_stored",
                    (("job", address),),
                    f"the database has not the job {address} as the chain has it",
                    partial(self._store, job),
                )
        for row in await store.unsettled():
            address = row.job.address
            if address not in live:
                yield Mismatch(
                    "job_unknown",
                    (("job", address),),
                    f"the database has the job {address} as {row.job.state.label}, "
                    "and it is none of the chain's that are not settled",
                    partial(self._read, address),
                )

    def _driven(self, live: dict[str, ChainJob]) -> Iterable[Mismatch]:
        """Jobs without a driver, and promises of GPUs to jobs that need none."""
        for address in live:
            if not self._runs.is_driven(address):
                yield Mismatch(
                    "job_not_driven",
                    (("job", address),),
                    f"nothing moves the job {address} on",
                    partial(self._drive, address),
                )
        for address, (device, gpus) in self._context.fleet.promises().items():
            job = live.get(address)
            if job is None or job.state not in WAITING:
                yield Mismatch(
                    "promise_stale",
                    (("job", address), ("device", device)),
                    f"{gpus} GPUs of {device} are promised to the job {address}, which needs none",
                    partial(self._release, address),
                )

    def _held(self) -> Iterable[Mismatch]:
        """Runs that a worker says it has, against the chain."""
        for device, session in self._agents.sessions.items():
            for brief in session.runs.values():
                if not self._agents.news.is_rightly_held(device, brief):
                    yield Mismatch(
                        "run_unknown",
                        (("job", brief.job), ("run", brief.run), ("device", device)),
                        f"{device} has run {brief.run} of the job {brief.job}, and the chain gives "
                        "it no such run",
                        partial(self._agents.news.compare, device, brief),
                    )

    def _missing(self, live: dict[str, ChainJob]) -> Iterable[Mismatch]:
        """Runs on chain whose worker is there without them."""
        for job in live.values():
            session = self._agents.sessions.get(job.device)
            if job.state is not JobState.RUNNING or session is None:
                continue
            brief = session.runs.get(job.address)
            if brief is None or brief.run != job.run:
                yield Mismatch(
                    "run_missing",
                    (("job", job.address), ("run", job.run), ("device", job.device)),
                    f"run {job.run} of the job {job.address} goes on by the chain, and its node "
                    f"{job.device} is connected and does not have it",
                    partial(self._drive, job.address),
                )

    def _busy(self, live: dict[str, ChainJob]) -> Iterable[Mismatch]:
        """GPUs that the chain counts as busy, against the jobs that run: others may have more."""
        ours: Counter[str] = Counter()
        for job in live.values():
            if job.state is JobState.RUNNING:
                ours[job.device] += job.gpus
        for device, gpus in ours.items():
            node = self._context.known.nodes.get(device)
            if node is not None and node.busy < gpus:
                yield Mismatch(
                    "gpus_busy",
                    (("device", device),),
                    f"{gpus} GPUs of {device} run jobs, and the chain counts {node.busy} as busy",
                )

    async def _roots(self) -> AsyncIterator[Mismatch]:
        """The root on chain against the hour that was published for it."""
        root = self._context.known.distributor
        reports = {one.hour: one for one in await self._context.ports.store.hours(100)}
        for epoch, on_chain in ((root.epoch, root.root), (root.pending_epoch, root.pending_root)):
            report = reports.get(epoch)
            if report is not None and report.root and report.root != on_chain:
                yield Mismatch(
                    "root_differs",
                    (("hour", epoch),),
                    f"the root of hour {epoch} is {on_chain} on chain, and {report.root} was "
                    "published",
                )

    async def _store(self, job: ChainJob) -> None:
        now = int(self._context.ports.chain_clock.now())
        await self._context.ports.store.put_job(job, now)

    async def _read(self, address: str) -> None:
        await self._sync.job(address)

    async def _drive(self, address: str) -> None:
        self._runs.drive(address)

    async def _release(self, address: str) -> None:
        self._matching.release(address)
