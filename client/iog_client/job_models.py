"""The bodies of the orchestrator's HTTP API that are about jobs; no I/O here."""

from typing import Annotated, Literal

from pydantic import Field

from iog_client.api_models import Answer, Request
from iog_client.jobspec import MAX_DURATION, MAX_SPEC, Network, Resources
from iog_client.node_models import NoticeView
from iog_client.protocol import U64, Key, OutputFile, Sha256
from iog_client.reasons import Fault

ChainState = Literal[
    "open",
    "assigned",
    "running",
    "finished",
    "settled",
    "cancelled",
    "expired",
    "disputed",
    "resolved",
    "joined",
]
"""States of a job on chain, in the order of iog_jobs' numbers."""
JobState = Literal["refused", ChainState]
"""Those, and `refused`: no node fitted, so nothing was opened and nothing paid."""
ENDED_STATES: frozenset[str] = frozenset(
    {"refused", "settled", "cancelled", "expired", "finished", "disputed", "resolved"}
)
RunPhase = Literal["preparing", "ready", "running", "ended"]


class Offer(Answer):
    """A node that would take the job now. `price` is its ask, `total` what the job can cost on
    it."""

    device: Key
    gpu_class: str
    gpus_free: int
    ask: U64
    total: U64
    gpu_memory: int | None = None
    simulated: bool = False
    confinement: Literal["container", "bubblewrap", "none"] = "none"
    notice: NoticeView | None = None


class Rejected(Answer):
    """How many nodes do not fit, and why; a node counts under the first reason it meets."""

    code: str
    text: str
    nodes: int


class Change(Answer):
    """The cheapest change of the job file that would place the job."""

    key: str
    value: str
    text: str


class Quote(Answer):
    """What a job can cost: `funded` = `gross` + `fee` goes into its escrow, the unused comes
    back. Of a gang `gross`, `fee` and `funded` are those of all its jobs."""

    price: U64
    gpus: int
    max_seconds: int
    gross: U64
    fee: U64
    funded: U64


class PlanRequest(Request):
    """POST /v1/plan. `price` is the most that is paid, in base units per GPU-second."""

    resources: Resources
    duration_seconds: Annotated[int, Field(ge=1, le=MAX_DURATION)]
    price: Annotated[U64, Field(ge=1)]
    image: bool = False
    """Whether the job runs in a container of its image."""
    network: Network = "none"


class PlanResult(Answer):
    """Best offer first. Where nothing would be placed, `rejected` and `changes`, the smallest
    first, say why and what would help; `change` is the first of them.

    Of a gang of `nodes` jobs, offers are for one of them; `placed` are the devices that all would
    get now, none where they do not fit at once. `quote` is for all.
    """

    offers: list[Offer]
    rejected: list[Rejected] = []
    change: Change | None = None
    changes: list[Change] = []
    nodes: int = 1
    placed: list[Key] = []
    quote: Quote

    @property
    def fits(self) -> bool:
        """Whether the job, or all of the gang, would get nodes now."""
        return bool(self.offers) and (self.nodes == 1 or bool(self.placed))


class JobSubmission(Request):
    """POST /v1/jobs, signed by the client, before `job_open`.

    `fits` false says that the client found no offer and opens nothing: the server only records the
    job as refused, and `number` is null. Otherwise all blobs in `inputs` have to be uploaded
    already. `wallet` is whose job it is where the client that signs is its delegate on chain.
    """

    number: U64 | None
    wallet: Key | None = None
    spec: Annotated[str, Field(max_length=MAX_SPEC)]
    inputs: Annotated[list[Sha256], Field(max_length=1000)]
    fits: bool = True


class JobAccepted(Answer):
    """The server will place this job once it is on chain; for a refused job, what was recorded.

    `matcher` is the key that the job has to name; `id` as in `JobView`.
    """

    id: str
    address: Key | None
    matcher: Key
    spec_hash: Sha256
    plan: PlanResult


class RunView(Answer):
    """One attempt at a job. `reason` is how its worker said it ended, or why it was given up."""

    run: int
    device: Key
    state: str
    reason: str = "none"
    seconds: int = 0


class MemberView(Answer):
    """A job of a gang. `rank` counts from 0 in the order of the jobs' numbers."""

    rank: int
    address: Key
    number: int
    state: JobState
    reason: str = "none"
    device: Key | None = None
    proven_seconds: int = 0
    funded: U64 = 0
    node_paid: U64 = 0
    fees: U64 = 0
    refunded: U64 = 0


class JobView(Answer):
    """GET /v1/jobs/{address}.

    `gang` is the address of the one it is a member of; `members` are all of its jobs, in answers
    about one job only.

    `id` is the job's address, or for a refused job `refused-` and hex digits (it has no address and
    no number). Amounts are 0 until known. `simulated` says so of the GPUs of `device`, and is null
    without one. `phase` is what the worker says of the current run.
    `notice` is what the operator of `device` has announced while the job is there.
    `waiting` says why an open job is not placed. `runs` are the attempts so far, in answers about
    one job only; all of `max_runs` but the last may be given up for another one. `deadline` is by
    state: place by, start by, finish by, end of the window, decide by.
    """

    id: str
    address: Key | None
    number: int | None
    client: Key
    name: str = ""
    state: JobState
    reason: str = "none"
    fault: Fault = "none"
    detail: str = ""
    node: Key | None = None
    device: Key | None = None
    simulated: bool | None = None
    run: int = 0
    max_runs: int = 1
    runs: list[RunView] = []
    phase: RunPhase | None = None
    gpus: int
    gpu_class: str | None = None
    max_price: U64
    price: U64 = 0
    max_seconds: int
    funded: U64 = 0
    node_paid: U64 = 0
    fees: U64 = 0
    refunded: U64 = 0
    proven_seconds: int = 0
    exit_code: int | None = None
    outputs: list[OutputFile] = []
    metrics: dict[str, float | int | str] = {}
    image: str | None = None
    """The image that the run was in, by its digest."""
    spec_hash: Sha256
    result_hash: Sha256 | None = None
    log_bytes: int = 0
    created_at: float | None = None
    opened_at: int | None = None
    assigned_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    settled_at: int | None = None
    deadline: int | None = None
    waiting: list[Rejected] = []
    notice: NoticeView | None = None
    gang: Key | None = None
    members: list[MemberView] = []


class Scored(Answer):
    """A node in a placement, and what its score was made of."""

    device: Key
    chosen: bool
    score: float
    by_price: float
    by_reliability: float
    by_locality: float
    by_fit: float
    ask: U64
    gpus_free: int


class Decision(Answer):
    """Why a run is on its node: the best nodes at that time, the best first, and how many of
    `nodes` each filter turned down. `replayed`: the record, decided again, gives the same node."""

    run: int
    device: Key
    at: int
    waited: int
    priority: int
    nodes: int
    rejected: list[Rejected]
    ranked: list[Scored]
    replayed: bool


class WhyView(Answer):
    """GET /v1/jobs/{address}/why.

    Of a job that waits: its place in the queue, how many nodes each filter turns down, how many
    members of its gang would fit at once, and every single change that would place it, the
    smallest first. `holds`: GPUs that come free are kept for it.
    Of one that has, or had, a node: `decision`, if it is still on record.
    """

    id: str
    state: JobState
    waiting: list[Rejected] = []
    place: int | None = None
    queue: int = 0
    priority: int | None = None
    members: int = 1
    fitting: int = 0
    holds: bool = False
    changes: list[Change] = []
    decision: Decision | None = None


class JobList(Answer):
    """GET /v1/jobs?client=…&before=…&limit=…: newest first, from the job after `before` on."""

    jobs: list[JobView]


class Outputs(Answer):
    """GET /v1/jobs/{address}/outputs; each is a blob under its hash."""

    outputs: list[OutputFile]
