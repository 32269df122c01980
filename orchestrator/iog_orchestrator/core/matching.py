"""The queue of jobs that wait for nodes, and the nodes promised to them.

Jobs are served in the order of `domain.queueing`, and one that finds no room lets those behind it
pass, so that no GPU lies idle for it. What asks for much could so wait for ever, while small jobs
take each GPU that comes free. So GPUs are held for the first job in the queue that has waited
`HOLD_AFTER`: on the nodes that it would get if nothing ran there, others get no more of them until
it has what it needs.
"""

import logging
from dataclasses import dataclass

from iog_orchestrator.core.context import Context
from iog_orchestrator.domain import queueing
from iog_orchestrator.domain.candidates import Shape, Wanted, shape
from iog_orchestrator.domain.changes import changes
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, JobRequest
from iog_orchestrator.domain.matching import Change
from iog_orchestrator.domain.placements import Placement, decide
from iog_orchestrator.domain.queueing import Member, Waiting
from iog_orchestrator.domain.together import choose_all

log = logging.getLogger(__name__)

HOLD_AFTER = 60.0
"""Seconds after which GPUs are held for a job that finds no room."""
TRIES = 16
"""Jobs that are looked at for that in one round."""
ANY_PRICE = 1 << 64


@dataclass(frozen=True, slots=True)
class Why:
    """Why a job waits: nodes by the filter that turns them down, its place in the queue (from 1),
    how many members of its gang would fit at once, and whether GPUs are held for it."""

    rejected: dict[str, int]
    place: int
    queue: int
    members: int = 1
    fitting: int = 0
    holds: bool = False


class Matching:
    """Queue of open jobs, and the nodes promised to them. A promise holds until `release`."""

    def __init__(self, context: Context, hold_after: float = HOLD_AFTER) -> None:
        self._context = context
        self._hold_after = hold_after
        self._queue: dict[str, Waiting] = {}
        self._placed: dict[str, str] = {}
        self._holder = ""
        self._held: tuple[str, ...] = ()
        self._unsaved: list[Placement] = []

    def want(self, job: ChainJob, request: JobRequest, excluded: frozenset[str]) -> str | None:
        """The device promised to a job; without one the job is in the queue now."""
        if job.address in self._placed:
            return self._placed[job.address]
        asked = wanted(job, request, excluded, self._now())
        member = Member(job.address, job.run + 1, asked)
        self._enqueue(Waiting(job.address, (member,), job.opened_at, request.priority))
        return None

    def want_all(self, waiting: Waiting) -> dict[str, str] | None:
        """The devices promised to the members of a gang; without them it is in the queue now."""
        if all(one.address in self._placed for one in waiting.members):
            return {one.address: self._placed[one.address] for one in waiting.members}
        for one in waiting.members:
            self.release(one.address)
        self._enqueue(waiting)
        return None

    def forget(self, key: str) -> None:
        """A gang does not wait any more."""
        if self._queue.pop(key, None) is not None:
            self._let_go(key)

    def hold(self, job: ChainJob) -> None:
        """Promise a job the GPUs of the node that the chain says it is assigned to."""
        self._queue.pop(job.address, None)
        self._placed.pop(job.address, None)
        self._context.fleet.reserve(job.address, job.device, job.gpus)

    def release_hold(self, job: ChainJob) -> None:
        """Take the promise of the node back that a job is assigned to, not that of a next one."""
        if self._placed.get(job.address) is None and job.address not in self._queue:
            self.release(job.address)

    def release(self, address: str) -> None:
        """A job needs no promise any more: its GPUs are counted on chain, or it has ended."""
        self._queue.pop(address, None)
        self._placed.pop(address, None)
        self._let_go(address)
        if self._context.fleet.release(address):
            self._context.fleet_changed.set()

    def promised(self, address: str) -> str | None:
        """The device promised to a job that is not assigned yet."""
        return self._placed.get(address)

    def why(self, address: str) -> Why | None:
        """Why a waiting job, or the gang of that address, has no nodes yet."""
        waiting = self._queue.get(address)
        if waiting is None:
            return None
        queue = sorted(self._queue.values(), key=queueing.order)
        group = waiting.group
        return Why(
            rejected=self._context.fleet.counts(group[0]),
            place=1 + queue.index(waiting),
            queue=len(queue),
            members=len(group),
            fitting=self._fitting(waiting) if len(group) > 1 else 0,
            holds=address == self._holder,
        )

    def changes(self, address: str) -> list[Change]:
        """The single changes that would place a waiting job now, the smallest first."""
        waiting = self._queue.get(address)
        if waiting is None:
            return []
        found = changes(self._context.fleet, waiting.group, self._now())
        holder = self._queue.get(self._holder)
        if holder is not None and holder is not waiting and self._would_fit_unheld(waiting):
            priority = queueing.ahead_of(waiting, holder)
            if priority is not None:
                size = (priority - waiting.priority) / queueing.MOST
                found.append(Change("priority", priority, 0, size))
        return sorted(found, key=lambda one: one.size)

    def match(self) -> list[str]:
        """Give nodes to waiting jobs in their order; the addresses of the jobs that got one."""
        self._hold_for_first()
        now = self._now()
        placed: list[str] = []
        failed: dict[tuple[Shape, int], int] = {}
        for waiting in sorted(self._queue.values(), key=queueing.order):
            if self._has_failed(waiting, failed):
                continue
            holder = waiting.key == self._holder
            found = decide(self._context.fleet, waiting, holder=holder, now=now)
            if found is None:
                self._note_failure(waiting, failed)
                continue
            self._promise(waiting, *found)
            placed += [one.address for one in waiting.members]
        return placed

    async def save(self) -> None:
        """Write the records of what was placed since, in one transaction."""
        records, self._unsaved = self._unsaved, []
        if records:
            await self._context.ports.store.put_placements(records)

    def _enqueue(self, waiting: Waiting) -> None:
        self._queue[waiting.key] = waiting
        self._context.fleet_changed.set()

    def _promise(
        self, waiting: Waiting, devices: tuple[str, ...], records: list[Placement]
    ) -> None:
        fleet = self._context.fleet
        self._unsaved += records
        del self._queue[waiting.key]
        self._let_go(waiting.key)
        for one, device in zip(waiting.members, devices, strict=True):
            fleet.reserve(one.address, device, one.wanted.gpus)
            self._placed[one.address] = device
            log.info(
                "job placed",
                extra={
                    "action": "job_placed",
                    "job": one.address,
                    "run": one.run,
                    "device": device,
                },
            )

    def _has_failed(self, waiting: Waiting, failed: dict[tuple[Shape, int], int]) -> bool:
        """Whether one like it, that paid as much, found nothing in this round: room only gets
        less."""
        if not failed or waiting.key == self._holder:
            return False
        key = self._kind(waiting)
        return key is not None and _price(waiting) <= failed.get(key, -1)

    def _note_failure(self, waiting: Waiting, failed: dict[tuple[Shape, int], int]) -> None:
        key = self._kind(waiting)
        if key is not None and waiting.key != self._holder:
            failed[key] = max(failed.get(key, -1), _price(waiting))

    def _kind(self, waiting: Waiting) -> tuple[Shape, int] | None:
        if len(waiting.members) > 1:
            return None
        asked = waiting.members[0].wanted
        return shape(asked), asked.ends_at if self._context.fleet.leaving else 0

    def _hold_for_first(self) -> None:
        """Hold GPUs for the first job that has waited long and would fit an empty network."""
        fleet = self._context.fleet
        waiting = self._queue.get(self._holder)
        ready = all((node := fleet.get(one)) and node.ready for one in self._held)
        if waiting is not None and self._held and ready:
            return
        self._let_go(self._holder)
        before = self._now() - self._hold_after
        late = sorted(
            (one for one in self._queue.values() if one.opened_at <= before), key=queueing.order
        )
        for one in late[:TRIES]:
            devices = choose_all(fleet, one.group, empty=True)
            if devices is not None:
                self._hold_for(one, devices)
                return

    def _hold_for(self, waiting: Waiting, devices: tuple[str, ...]) -> None:
        gpus: dict[str, int] = {}
        for one, device in zip(waiting.members, devices, strict=True):
            gpus[device] = gpus.get(device, 0) + one.wanted.gpus
        self._holder, self._held = waiting.key, devices
        self._context.fleet.hold(gpus)
        log.info("GPUs are held for a job", extra={"action": "gpus_held", "waiting": waiting.key})

    def _let_go(self, key: str) -> None:
        """Hold nothing for `key` any more."""
        if key and key == self._holder:
            self._holder, self._held = "", ()
            self._context.fleet.hold({})
            self._context.fleet_changed.set()

    def _fitting(self, waiting: Waiting) -> int:
        """How many of the first members would fit at once."""
        fleet, group = self._context.fleet, waiting.group
        return next((many for many in range(len(group) - 1, 0, -1) if fleet.place(group[:many])), 0)

    def _would_fit_unheld(self, waiting: Waiting) -> bool:
        return choose_all(self._context.fleet, waiting.group, holder=True) is not None

    def _now(self) -> int:
        return int(self._context.ports.chain_clock.now())


def wanted(job: ChainJob, request: JobRequest, excluded: frozenset[str], now: int) -> Wanted:
    """What a job on chain asks of a node, and what only its spec says."""
    return request.needs.wanted(
        gpus=job.gpus,
        memory=request.memory,
        max_price=job.max_price,
        node_class="" if job.job_class == NONE_KEY else job.job_class,
        min_multiplier=job.min_multiplier,
        excluded=excluded,
        ends_at=now + job.max_seconds,
    )


def _price(waiting: Waiting) -> int:
    price = waiting.members[0].wanted.max_price
    return ANY_PRICE if price is None else price
