"""Placing: open jobs wait in the order in which they were opened and get the best node that
fits."""

import logging
from dataclasses import dataclass

from iog_orchestrator.core.context import Context
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, JobRequest
from iog_orchestrator.domain.matching import Choice, Wanted

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job in the queue, and devices it must not go to."""

    job: ChainJob
    wanted: Wanted


class Matching:
    """Queue of open jobs, and the nodes promised to them. A promise holds until `release`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._queue: dict[str, Waiting] = {}
        self._placed: dict[str, str] = {}
        self._why: dict[str, Choice] = {}

    def want(self, job: ChainJob, request: JobRequest, excluded: frozenset[str]) -> str | None:
        """The device promised to a job; without one the job is in the queue now."""
        if job.address in self._placed:
            return self._placed[job.address]
        self._queue[job.address] = Waiting(job, wanted(job, request.memory, excluded))
        self._context.fleet_changed.set()
        return None

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
        self._why.pop(address, None)
        if self._context.fleet.release(address):
            self._context.fleet_changed.set()

    def promised(self, address: str) -> str | None:
        """The device promised to a job that is not assigned yet."""
        return self._placed.get(address)

    def why(self, address: str) -> Choice | None:
        """Why a waiting job has no node yet."""
        return self._why.get(address)

    def match(self) -> list[str]:
        """Give nodes to waiting jobs, oldest first; the jobs that got one."""
        placed = []
        for address, waiting in sorted(self._queue.items(), key=_order):
            choice = self._context.fleet.choose(waiting.wanted, explain=False)
            if not choice.devices:
                self._why[address] = choice
                continue
            device = choice.devices[0]
            self._context.fleet.reserve(address, device, waiting.job.gpus)
            self._placed[address] = device
            self._why.pop(address, None)
            del self._queue[address]
            placed.append(address)
            log.info("job placed", extra={"action": "job_placed", "job": address, "device": device})
        return placed


def wanted(job: ChainJob, memory: int, excluded: frozenset[str]) -> Wanted:
    """What a job on chain asks of a node; memory, in MiB a GPU, is in its spec only."""
    return Wanted(
        gpus=job.gpus,
        max_price=job.max_price,
        node_class="" if job.job_class == NONE_KEY else job.job_class,
        min_multiplier=job.min_multiplier,
        memory=memory,
        excluded=excluded,
    )


def _order(item: tuple[str, Waiting]) -> tuple[int, str]:
    return item[1].job.opened_at, item[0]
