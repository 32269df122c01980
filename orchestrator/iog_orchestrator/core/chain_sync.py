"""Keeps what is known of the chain fresh: everything at intervals, one account whenever it is
asked."""

import asyncio
import logging
from collections.abc import Callable

from iog_client import schedule
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.ends import give_outputs
from iog_orchestrator.core.failures import first_line, trace
from iog_orchestrator.core.wake import Wake
from iog_orchestrator.domain.errors import LeaseLost
from iog_orchestrator.domain.jobs import ChainJob
from iog_orchestrator.domain.nodes import ChainNode

log = logging.getLogger(__name__)


class ChainSync:
    """Reads the chain into `context.known` and the store's projection."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._wake = Wake()
        self._failing = False
        self._read: float | None = None
        """When the chain last answered a reading (monotonic)."""

    @property
    def unread(self) -> str | None:
        """What an operator of this orchestrator reads while the chain cannot be read.

        It is public, so that it says nothing of the Solana node's address, which may hold a key.
        """
        if self._read is None:
            return None
        silent = self._context.ports.clock.monotonic() - self._read
        if silent <= self._context.pace.unread:
            return None
        return (
            f"the Solana node has not answered for {silent:.0f} s, or not so that the chain could "
            "be read; the log says why"
        )

    def soon(self) -> None:
        """Read everything again without waiting for the interval."""
        self._wake.set()

    async def run(self, on_job: Callable[[ChainJob], None]) -> None:
        """Read everything, for ever; `on_job` hears of every job that is not settled."""
        while True:
            try:
                for job in await self.everything():
                    on_job(job)
                self._failing = False
            except LeaseLost:
                raise
            except Exception as error:  # an account that cannot be read is not to end the service
                if not self._failing:
                    log.warning(
                        "the chain cannot be read: %s",
                        first_line(error),
                        extra={"action": "sync_failed"},
                        exc_info=trace(error),
                    )
                self._failing = True
            await self._wake.wait(self._context.pace.sync)

    async def everything(self) -> list[ChainJob]:
        """Read time, emission, root, classes, nodes and jobs; the jobs that are not settled."""
        known, chain = self._context.known, self._context.ports.chain
        now = await self.time()
        known.emission, known.distributor = await chain.emission(), await chain.distributor()
        known.lamports = await chain.lamports()
        known.classes = {one.address: one for one in await chain.classes()}
        for node in await chain.nodes():
            known.nodes[node.device] = node
        length = self._context.network.hour_length
        ended = schedule.hours_ended(known.emission.start, length, now)
        # a node that lies about its clock is not to leave readings for hours that are to come
        known.hour_ended(min(ended, known.emission.advanced_hour + 1))
        for device in known.nodes:
            self._context.refresh(device)
        live = [job for job in await chain.jobs() if await self._keep(job)]
        known.synced = True
        self._answered()
        self._context.changed.open()
        return live

    async def time(self) -> float:
        """Read the chain's clock."""
        now = await self._context.ports.chain.time()
        self._context.ports.chain_clock.set(now)
        self._answered()
        return now

    def _answered(self) -> None:
        self._read = self._context.ports.clock.monotonic()

    async def node(self, device: str) -> ChainNode | None:
        """Read one node again."""
        node = await self._context.ports.chain.node(device)
        if node is not None:
            self._context.known.nodes[device] = node
            self._context.refresh(device)
        return node

    async def job(self, address: str) -> ChainJob | None:
        """Read one job again, with the clock its deadlines are measured by."""
        chain = self._context.ports.chain
        job, _ = await asyncio.gather(chain.job(address), self.time())
        if job is None or job.matcher != self._context.ports.signer.address:
            return None
        await self._keep(job)
        return job

    async def _keep(self, job: ChainJob) -> bool:
        """Store the reading if it is new; whether the job still needs something done."""
        known = self._context.known
        settled = job.state.is_final
        if known.jobs.get(job.address) != job:
            stored = await self._context.ports.store.job(job.address)
            if stored is None or stored.job != job:
                # before anyone can see it as finished
                await give_outputs(self._context, job)
                await self._context.ports.store.put_job(
                    job, int(self._context.ports.chain_clock.now())
                )
                self._context.changed.open()
        if settled:
            known.jobs.pop(job.address, None)
        else:
            known.jobs[job.address] = job
        return not settled
