"""Closing the hours: what each gave to whom, published, and its root put on chain.

An hour is built once, from what is stored and what the chain says, and stored before anything
leaves this process; from then on it is only published and proposed, as often as it takes. Hours
missed while away are built one after the other; the newest root covers all before it, so only that
is proposed.

That an hour has ended is the chain's to say, and a Solana node may lie about its clock: an hour is
built once the program has minted it, which it does by its own.

A node counts as it was first read after the hour's end, so that what its owner changes in the next
hour, pausing it for instance, takes nothing from the hour before.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from iog_client import schedule
from iog_client.hours import PublishedHour, publish
from iog_client.hours_parts import INLINE_ROWS, HourFile
from iog_client.hours_rule import (
    MAX_BLOCKED,
    STATES,
    HourEvidence,
    HourInputs,
    HourNode,
    Parameters,
    Previous,
)
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.failures import first_line, trace
from iog_orchestrator.core.hour_adopt import adopt, report_of, unknown_root
from iog_orchestrator.core.statements import Statements
from iog_orchestrator.core.wake import Wake
from iog_orchestrator.domain.errors import LeaseLost
from iog_orchestrator.domain.hour_columns import Columns
from iog_orchestrator.domain.jobs import StoredStatement
from iog_orchestrator.domain.network import BuiltHour, Emission, HourReport
from iog_orchestrator.domain.nodes import ChainClass, ChainNode
from iog_orchestrator.ports_stores import HourStore

log = logging.getLogger(__name__)
NOT_STARTED = 5.0
AGAIN = 1.0
PAGE = 50_000
"""Statements of a big hour that are read at once."""


class HourClose:
    """Builds, publishes and proposes hours."""

    def __init__(
        self, context: Context, statements: Statements, on_published: Callable[[], None]
    ) -> None:
        self._context = context
        self._statements = statements
        self._on_published = on_published
        self._previous: Previous | None = None
        self._document: bytes | None = None
        """Of the hour before."""
        self._is_ours = False
        """Whether the chain's root was found to be of an hour that is here."""
        self.inline_rows = INLINE_ROWS
        """With more nodes or wallets an hour is built in parts."""
        self._advanced = 0
        self._is_parted = False
        self._is_early = False
        self._done = 0
        self._ready_at = 0.0
        self._wake = Wake()

    async def recover(self) -> None:
        """Begin after the last stored hour, and publish what may not have been yet."""
        await self._take_up()
        if self._document is None and await adopt(self._context):
            await self._take_up()
        # Nodes come back within a few heartbeats, with what they have to say about the hours
        # missed.
        self._ready_at = self._context.ports.clock.monotonic() + self._context.pace.hour_grace

    async def _take_up(self) -> None:
        store = self._context.ports.store
        last = await store.last_hour()
        document = None if last is None else await store.hour(last.hour)
        if last is not None and document is not None:
            await self._context.ports.publisher.publish(last.hour, document)
            self._remember(await asyncio.to_thread(HourFile.parse, document))
            self._statements.close_hour(last.hour)

    async def _knows_root(self) -> bool:
        """Whether the chain's root is of an hour that is here; if not, the files are looked at
        again, for they may have been brought meanwhile."""
        hour = await unknown_root(self._context)
        if hour:
            document = self._document
            stored = None if document is None else await asyncio.to_thread(HourFile.parse, document)
            if await adopt(self._context, stored):
                await self._take_up()
                hour = await unknown_root(self._context)
        self._is_ours = not hour
        self._say_unknown(hour)
        return self._is_ours

    def _say_unknown(self, hour: int) -> None:
        """Say once, and in `/v1/ready` as long as it lasts, what is missing."""
        known, reason = self._context.known, ""
        if hour:
            reason = (
                f"the chain has a root of hour {hour}, which neither the database nor "
                f"{self._context.ports.publisher.place} knows: bring that hour's published files, "
                "and those before it, into that folder; no hour is closed until then"
            )
        if reason and reason != known.unclosed:
            log.error(reason, extra={"action": "root_unknown", "hour": hour})
        known.unclosed = reason

    async def run(self) -> None:
        """Close hours for ever."""
        await self.recover()
        said = ""
        while True:
            try:
                delay, said = await self.step(), ""
            except LeaseLost:
                raise
            except Exception as error:  # whatever it was, the hour has to be closed one day
                delay, said = AGAIN, self._not_closed(error, said)
            await self._wake.wait(delay)

    def _not_closed(self, error: Exception, said: str) -> str:
        """Say why an hour is not closed, once for each reason; the reason."""
        reason = first_line(error)
        if reason != said:
            log.warning(
                "an hour is not closed: %s",
                reason,
                extra={"action": "hour_refused", "hour": self._last + 1},
                exc_info=trace(error),
            )
        return reason

    async def step(self) -> float:
        """Build at most one hour, or propose the newest; seconds until there may be more to do."""
        emission = self._context.known.emission
        if emission.start == 0:
            return NOT_STARTED
        if not self._is_ours and not await self._knows_root():
            return AGAIN
        now = self._context.ports.chain_clock.now()
        last = self._last
        ended = schedule.hours_ended(emission.start, self._context.network.hour_length, now)
        left = self._left(last + 1, now)
        if last < ended and left <= 0:
            return 0 if await self._close(last + 1) else AGAIN
        await self._propose()
        return min(AGAIN, left) if left > 0 else AGAIN

    @property
    def _last(self) -> int:
        return self._previous.hour if self._previous else 0

    def _left(self, hour: int, now: float) -> float:
        """Seconds until `hour` may be closed: its end and the grace after it, counted in both
        clocks."""
        by_chain = self._end(hour) + self._context.pace.hour_grace - now
        return max(by_chain, self._ready_at - self._context.ports.clock.monotonic())

    def _end(self, hour: int) -> int:
        length = self._context.network.hour_length
        return schedule.hour_end(self._context.known.emission.start, length, hour)

    async def _close(self, hour: int) -> bool:
        """Build one hour, store it, publish it; False while it has not ended."""
        await self._statements.flush()
        ports = self._context.ports
        emission = await self._minted(hour)
        if emission is None:
            return False
        built = await self._built(hour, self._inputs(hour, emission))
        file = HourFile.parse(built.document)
        report = report_of(file, built, emission.pool_total(hour))
        await ports.store.put_hour(report, built.document)
        await ports.publisher.publish(hour, built.document)
        self._remember(file)
        self._context.known.hour_closed(hour)
        self._on_published()
        self._context.changed.open()
        log.info(
            "hour closed",
            extra={
                "action": "hour_closed",
                "hour": hour,
                "granted": report.granted,
                "wallets": report.wallets,
            },
        )
        return True

    async def _minted(self, hour: int) -> Emission | None:
        """The emission with `hour` in it; None while the program does not mint it."""
        chain = self._context.ports.chain
        emission = await chain.emission()
        if emission.advanced_hour < hour:
            await chain.advance()
            emission = await chain.emission()
        is_early = emission.advanced_hour < hour
        if is_early and not self._is_early:
            log.warning(
                "the Solana node says that hour %s has ended, and the program does not mint it; "
                "the node's clock is wrong, and the hour stays open",
                hour,
                extra={"action": "hour_early", "hour": hour},
            )
        self._is_early = is_early
        return None if is_early else emission

    def _remember(self, hour: HourFile) -> None:
        """What the next hour takes over."""
        self._document = hour.document
        whole = isinstance(hour.head, PublishedHour)
        leaves = tuple(hour.leaves()) if whole else ()
        self._previous = replace(hour.as_previous(), leaves=leaves)
        self._is_parted = not whole

    async def _built(self, hour: int, inputs: HourInputs) -> BuiltHour:
        """The hour from what is stored and read: in one document, or in parts if it is big."""
        found = self._context.known.nodes_after(hour)
        if found is None:
            found = {one.device: one for one in await self._context.ports.chain.nodes()}
        least = max(len(found), len(inputs.previous.leaves))
        if least > self.inline_rows or self._is_parted:
            columns = await self._columns(hour, found)
            self._statements.close_hour(hour)
            return await self._context.ports.works.build(inputs, columns, self._document)
        stored = await self._context.ports.store.hour_statements(hour)
        self._statements.close_hour(hour)
        nodes = list(await self._nodes(hour, found, {one.device: one for one in stored}))
        published = await asyncio.to_thread(publish, replace(inputs, nodes=nodes))
        return BuiltHour(
            document=await asyncio.to_thread(published.to_bytes),
            granted=sum(node.granted for node in published.nodes),
            eligible=sum(node.eligible for node in published.nodes),
        )

    async def _columns(self, hour: int, found: Mapping[str, ChainNode]) -> Columns:
        nodes = await self._nodes(hour, found, {})
        columns = await asyncio.to_thread(Columns.collect, nodes, len(found))
        await collect_said(self._context.ports.store, hour, columns)
        return columns

    async def _nodes(
        self, hour: int, found: Mapping[str, ChainNode], said: Mapping[str, StoredStatement]
    ) -> Iterator[HourNode]:
        """The nodes as they count for the hour, one after the other."""
        classes = {one.address: one for one in await self._context.ports.chain.classes(hour)}
        simulated = await self._context.ports.store.simulated()
        guard, end = self._context.known.guard, self._end(hour)
        blocked = await self._context.ports.store.blocked(hour)
        return (
            _node(
                hour,
                one,
                classes.get(one.node_class),
                said.get(one.device),
                simulated=one.device in simulated,
                blocked=blocked.get(one.device, "")[:MAX_BLOCKED] or None,
                proof=guard.proof_by(one.device, end),
            )
            for one in found.values()
        )

    def _inputs(self, hour: int, emission: Emission) -> HourInputs:
        network = self._context.network
        emitted = schedule.emitted(hour)
        return HourInputs(
            genesis_hash=network.genesis_hash,
            mint=network.mint,
            distributor=network.distributor,
            jobs_program=network.programs["iog_jobs"],
            start=emission.start,
            hour_length=network.hour_length,
            to_rewards_total=emitted - emission.pool_total(hour),
            nodes=(),
            previous=self._previous or Previous(),
            parameters=Parameters(proof_max_age=self._context.known.guard.proof_max_age),
        )

    async def _propose(self) -> None:
        """Put the newest root on chain if it is not there; mint what is due in any case."""
        ports = self._context.ports
        newest = await ports.store.last_hour()
        if newest is None or newest.hour == self._done:
            return
        root = self._context.known.distributor = await ports.chain.distributor()
        if newest.root and newest.root in (root.root, root.pending_root):
            await self._mark(newest)
        elif newest.root and max(root.epoch, root.pending_epoch) >= newest.hour:
            log.error(
                "the chain has a root of a later hour than this database",
                extra={"action": "root_ahead", "epoch": root.epoch, "hour": newest.hour},
            )
            return
        elif newest.root and not root.paused:
            if not root.is_pending(ports.chain_clock.now()):
                await self._send(newest)
            return
        if self._advanced < newest.hour:
            await ports.chain.advance()
            self._advanced = newest.hour
        self._done = newest.hour

    async def _send(self, newest: HourReport) -> None:
        ports = self._context.ports
        await ports.chain.propose(
            newest.hour, newest.root, newest.total, newest.wallets, newest.data_hash
        )
        self._advanced = self._done = newest.hour
        await self._mark(newest)
        self._context.known.distributor = await ports.chain.distributor()
        log.info("root proposed", extra={"action": "root_proposed", "hour": newest.hour})

    async def _mark(self, newest: HourReport) -> None:
        if newest.state != "proposed":
            await self._context.ports.store.mark_hour(newest.hour, "proposed")
            self._context.changed.open()


async def collect_said(store: HourStore, hour: int, columns: Columns) -> None:
    """Put all that was said on an hour into its columns: a page is read while the one before it is
    put in."""
    page = await store.said_of_hour(hour, "", PAGE)
    while page is not None:
        page, _ = await asyncio.gather(
            store.said_of_hour(hour, page.last, PAGE), asyncio.to_thread(columns.say, page)
        )


def _node(
    hour: int,
    node: ChainNode,
    node_class: ChainClass | None,
    said: StoredStatement | None,
    *,
    simulated: bool,
    blocked: str | None,
    proof: int,
) -> HourNode:
    """A node as it counts for `hour`; `requirement` is that of its registration."""
    return HourNode(
        device=node.device,
        owner=node.owner,
        payee=node.payee_in(hour),
        gpu_class=node_class.slug if node_class else "",
        class_enabled=node_class is not None and node_class.enabled,
        pool="community" if node_class is not None and node_class.pool else "enterprise",
        multiplier=node_class.multiplier if node_class else node.multiplier,
        gpus=node.gpus,
        stake=node.stake_in(hour),
        requirement=node.requirement,
        state=STATES[node.state],
        active_from_hour=node.active_from_hour,
        statement=HourEvidence(said.counter, said.seconds, said.signature) if said else None,
        simulated=simulated,
        blocked=blocked,
        proof=proof,
        costaker=node.costaker_in(hour),
        costake=node.costake_in(hour),
        costake_share_bps=node.share_in(hour),
    )
