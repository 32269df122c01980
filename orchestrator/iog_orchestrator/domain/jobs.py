"""Jobs as the chain holds them, and what the orchestrator adds: the request, the runs, their ends.

Addresses and keys are base58 text, hashes are lowercase hex, amounts are base units of the token.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from iog_orchestrator.domain.needs import Needs

REFUSED = "refused-"
"""What the id of a job begins with that was never opened; other jobs have their address."""
NONE_KEY = "11111111111111111111111111111111"
"""The all-zero key: "not set" in an account."""


class JobState(IntEnum):
    """State of a Job account; codes as in the program iog_jobs."""

    OPEN = 0
    ASSIGNED = 1
    RUNNING = 2
    FINISHED = 3
    SETTLED = 4
    CANCELLED = 5
    EXPIRED = 6
    DISPUTED = 7
    RESOLVED = 8
    JOINED = 9

    @property
    def label(self) -> str:
        """The state as people and JSON read it."""
        return self.name.lower()

    @property
    def is_final(self) -> bool:
        """Whether nothing happens to the job any more."""
        return self is JobState.SETTLED

    @property
    def has_ended(self) -> bool:
        """Whether no run of the job can be going on."""
        return self not in _GOING_ON


_GOING_ON = (JobState.OPEN, JobState.ASSIGNED, JobState.RUNNING, JobState.JOINED)


@dataclass(frozen=True, slots=True)
class ChainJob:
    """A Job account. `deadline` reads by state: place by, start by, finish by, window's end, decide
    by; of a cancelled job the end of the time for its run's last statement. `proven_at` is when
    that run's last statement was posted. All of `max_runs` but the last may be released."""

    address: str
    client: str
    payer: str
    matcher: str
    number: int
    spec_hash: str
    gpus: int
    max_price: int
    max_seconds: int
    state: JobState
    deadline: int
    opened_at: int
    job_class: str = NONE_KEY
    min_multiplier: int = 0
    window: int = 0
    node: str = NONE_KEY
    device: str = NONE_KEY
    payee: str = NONE_KEY
    result_hash: str = "0" * 64
    price: int = 0
    funded: int = 0
    paid: int = 0
    fees: int = 0
    refunded: int = 0
    proven_seconds: int = 0
    counter: int = 0
    started_at: int = 0
    ended_at: int = 0
    run: int = 0
    reason: int = 0
    gang: str = NONE_KEY
    place_by: int = 0
    """No run is assigned from then on."""
    proven_at: int = 0
    max_runs: int = 1

    def is_too_late(self, now: float) -> bool:
        """Whether it has no node and will not get one any more."""
        if now < self.deadline:
            return False
        # an assigned one has missed its start then, and may be placed again if there is time
        again = self.run < self.max_runs and now < self.place_by
        return self.state is JobState.OPEN or (self.state is JobState.ASSIGNED and not again)


@dataclass(frozen=True, slots=True)
class ChainGang:
    """A Gang account: jobs of one client that start together, by `deadline`, or not at all."""

    address: str
    client: str
    number: int
    members: int
    opened: int
    joined: int
    started_at: int
    deadline: int


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a job: path in the run's folder, hash and size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What the client asked for and the orchestrator acknowledged, before any money moved."""

    address: str
    client: str
    number: int
    spec_hash: str
    spec: str
    inputs: tuple[Input, ...]
    gpus: int = 1
    name: str = ""
    memory: int = 0
    """GPU memory wanted, MiB a GPU; 0: any."""
    retries: int = 0
    """How often a run that its node missed, lost or failed is tried again."""
    acknowledged_at: float = 0.0
    refused: dict[str, int] | None = None
    """Of a job that no node fitted and that was never opened: nodes by the filter they failed."""
    needs: Needs = field(default_factory=Needs)
    priority: int = 50
    gpu_class: str | None = None
    """The slug of the class wanted; None: any."""
    max_price: int = 0
    """Base units per GPU-second; like `max_seconds` 0 only of what was recorded before these were
    kept."""
    max_seconds: int = 0


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended, as its worker told it."""

    reason: str
    exit_code: int | None
    outputs: tuple[Input, ...]
    metrics: dict[str, float | int | str]
    seconds: int
    result_hash: str
    image: str | None = None
    """The image it ran in, by its digest."""


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt at a job on one node."""

    job: str
    run: int
    device: str
    state: str = "assigned"
    """assigned, ready, running, ended, refused, missed, released; counted once its node's record
    has it."""
    detail: str = ""
    end: RunEnd | None = None


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """The newest statement of a device about one subject (a job's run, or an hour)."""

    device: str
    kind: str
    subject: str
    run: int
    counter: int
    seconds: int
    signature: str


@dataclass(frozen=True, slots=True)
class JobRow:
    """A Job account as it was last seen, and when its states were first seen (chain time)."""

    job: ChainJob
    assigned_at: int | None = None
    settled_at: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A job as a list shows it: on chain with its current run, or a request that was refused.

    `request` is without the spec and the inputs, which no list shows.
    """

    row: JobRow | None
    request: JobRequest | None
    run: Run | None
