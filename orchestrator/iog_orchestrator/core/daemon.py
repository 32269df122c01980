"""The daemon: startup, loops, shutdown around one stop event."""

import asyncio
import logging
from contextlib import suppress
from itertools import count

from iog_orchestrator.core.agents import Agents
from iog_orchestrator.core.chain_sync import ChainSync
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.finishing import Finishing
from iog_orchestrator.core.gangs import Gangs
from iog_orchestrator.core.handout import Handout
from iog_orchestrator.core.hour_close import HourClose
from iog_orchestrator.core.intake import Intake
from iog_orchestrator.core.liveness import Liveness
from iog_orchestrator.core.mail import MailRoom
from iog_orchestrator.core.matching import Matching
from iog_orchestrator.core.means import Means
from iog_orchestrator.core.placing import Placing
from iog_orchestrator.core.proofs import Proofs
from iog_orchestrator.core.reconcile import Reconcile
from iog_orchestrator.core.releasing import Releasing
from iog_orchestrator.core.rewards import Rewards
from iog_orchestrator.core.runs import Runs
from iog_orchestrator.core.settlement import Settlement
from iog_orchestrator.core.standing import Standing
from iog_orchestrator.core.starting import Starting
from iog_orchestrator.core.statements import Statements
from iog_orchestrator.core.tasks import Tasks
from iog_orchestrator.domain.errors import ChainRefused, LeaseLost
from iog_orchestrator.domain.jobs import ChainJob, JobState

log = logging.getLogger(__name__)

ENDING = 5.0
"""Seconds that tasks have to end in when the daemon stops."""
FORGET_NONCES_EVERY = 60.0
FORGET_REQUESTS_EVERY = 60
"""Of the times that nonces are forgotten: reading all requests costs more."""
KEEP_PLACEMENTS = 30 * 86_400
"""Seconds for which it stays on record why a job got its node."""
WATCHES = 20
WATCH_EVERY = 0.25


class Core:
    """All parts of the core over one context, wired."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.stop = asyncio.Event()
        self.tasks = Tasks(self.stop)
        self.mail = MailRoom()
        self.sync = ChainSync(context)
        self.statements = Statements(context)
        self.matching = Matching(context)
        self.standing = Standing(context, self.statements.presences)
        self.agents = Agents(context, self.sync, self.statements, self.mail, self.standing)
        self.handout = Handout(context, self.agents, self.mail)
        self.placing = Placing(
            context, self.sync, self.matching, self.handout, self.standing.reliability
        )
        self.runs = self._wire_runs()
        self.intake = Intake(context, self.sync, self.runs)
        self.rewards = Rewards(context)
        self.hour_close = HourClose(context, self.statements, self.sync.soon)
        self.reconcile = Reconcile(context, self.sync, self.agents, self.matching, self.runs)
        self.liveness = Liveness(context, self.agents, self.statements.presences, self.standing)
        self.proofs = Proofs(context, self.agents)

    def _wire_runs(self) -> Runs:
        """The steps of a job's way, and the drivers over all of them."""
        context = self.context
        means = Means(
            sync=self.sync,
            matching=self.matching,
            placing=self.placing,
            handout=self.handout,
            agents=self.agents,
            statements=self.statements,
            mail=self.mail,
            reliability=self.standing.reliability,
        )
        self.gangs = Gangs(context, means)
        self.starting = Starting(context, means)
        self.releasing = Releasing(context, self.agents)
        self.finishing = Finishing(context, means, self.starting, self.releasing)
        self.settlement = Settlement(context, means, self.finishing)
        return Runs(
            context, means, self.gangs, self.starting, self.finishing, self.settlement, self.tasks
        )

    async def start(self) -> None:
        """Read the chain and take up every job where it is. Raises `ChainError`."""
        context = self.context
        jobs = await self.sync.everything()
        await self.standing.load()
        await self.proofs.recover()
        for job in jobs:
            if job.device in context.known.nodes and job.state.name == "ASSIGNED":
                self.matching.hold(job)
        self.tasks.start(self.sync.run(self.runs.notice), "chain sync")
        for loop, name in (
            (self._match, "matching"),
            (self.liveness.run, "liveness"),
            (self.reconcile.run, "reconcile"),
            (self._write_statements, "statements"),
            (self.hour_close.run, "hour close"),
            (self.proofs.run, "proofs"),
            (self._forget, "forgetting"),
        ):
            self.tasks.keep(loop, name, context.ports.clock.sleep)
        for job in jobs:
            self.runs.notice(job)
        log.info("orchestrator ready", extra={"action": "ready", "jobs": len(jobs)})

    async def end(self) -> None:
        """Stop the loops; what was received is written before this returns."""
        await self.tasks.end(ENDING)
        await asyncio.shield(self.statements.flush())

    async def cancelling(self, job: ChainJob) -> None:
        """A job's client is about to cancel it: put on chain what its run has proven so far."""
        now = await self.sync.job(job.address)
        if now is not None and now.state is JobState.RUNNING:
            with suppress(ChainRefused):
                await self.finishing.prove(now)
        self.tasks.start(self._watch(job.address), f"cancel {job.address}")

    async def _watch(self, address: str) -> None:
        """Look at a job often for a while: its client says nothing once the cancel is on chain."""
        for _ in range(WATCHES):
            await self.context.ports.clock.sleep(WATCH_EVERY)
            self.runs.wake(address)

    async def _match(self) -> None:
        while True:
            await self.context.fleet_changed.wait(None)
            placed = self.matching.match()
            try:
                await self.matching.save()
            except LeaseLost:
                raise
            except Exception:  # a full disk is not to stop placing: the records alone are missing
                log.exception("placements not recorded", extra={"action": "records_lost"})
            self.runs.placed(placed)

    async def _write_statements(self) -> None:
        while True:
            await self.context.ports.clock.sleep(self.context.pace.flush)
            await self.statements.flush()

    async def _forget(self) -> None:
        for times in count(1):
            await self.context.ports.clock.sleep(FORGET_NONCES_EVERY)
            await self.context.ports.store.forget_nonces(self.context.ports.clock.wall())
            if times % FORGET_REQUESTS_EVERY == 0:
                await self.intake.forget()
                before = self.context.ports.chain_clock.now() - KEEP_PLACEMENTS
                await self.context.ports.store.forget_placements(before)
