"""The bodies of the orchestrator's HTTP API that are about nodes; no I/O here."""

from typing import Annotated, Literal

from pydantic import Field

from iog_client.api_models import Answer, Request
from iog_client.hours_rule import NodeState
from iog_client.protocol import U64, Key, RunState, Sha256

MAX_AHEAD = 30 * 86_400
Ahead = Annotated[int, Field(ge=0, le=MAX_AHEAD)]
"""Seconds from now, 30 days at most."""


class Reason(Answer):
    """One reason: a word for programs, a sentence for people."""

    code: str
    text: str


class NoticeView(Answer):
    """What a node's operator has announced. Chain time: runs that the node holds end at `begin`
    (null: never), and it is there again at `end` (null: once the notice is cancelled)."""

    kind: Literal["drain", "maintenance"]
    begin: int | None = None
    end: int | None = None
    reason: str = ""
    made_at: int
    text: str


class NodeView(Answer):
    """GET /v1/nodes/{device}: the node on chain, and what the orchestrator sees of it.

    `readiness` says what keeps it from jobs, `eligibility` what keeps it from this hour's reward;
    both empty is best. `costake_share_bps` (1/10,000 of the rewards) counts from
    `costake_from_hour`; a co-staker who is leaving may end it at `costake_leave_at`; what is
    `cooling` is on its way out. `case_open`: a slash case has taken stake out. `seconds` are those
    proven in hour `hour`. `simulated` is null of a node that has not been connected since the
    orchestrator's start and never said that it is. `country` is as its operator declares it,
    `connectivity` a tier from 1 to 3, 0 while nothing was measured.
    """

    device: Key
    address: Key
    owner: Key
    payee: Key
    gpu_class: str
    multiplier: int
    gpus: int
    busy: int
    ask: U64
    stake: U64
    requirement: U64
    costaker: Key | None = None
    costake: U64 = 0
    costake_share_bps: int = 0
    costake_from_hour: int = 0
    costake_leave_at: int | None = None
    cooling: U64 = 0
    cooling_costake: U64 = 0
    case_open: bool = False
    state: NodeState
    active_from_hour: int
    connected: bool
    last_seen: float | None = None
    simulated: bool | None = None
    confinement: Literal["bubblewrap", "none"] | None = None
    containers: bool | None = None
    gpu_memory: int | None = None
    country: str | None = None
    connectivity: int = 0
    hour: int = 0
    seconds: int = 0
    runs: int = 0
    readiness: list[Reason] = []
    eligibility: list[Reason] = []
    notice: NoticeView | None = None


class ProofView(Answer):
    """How a GPU proof of a node ended: `code` is passed or says why not, `seconds` is what the
    slowest GPU took, `evidence` the SHA-256 of what GET /v1/proofs/{sha256} gives of a failure."""

    at: int
    passed: bool
    code: str
    detail: str
    gpus: int
    seconds: float
    evidence: Sha256 | None = None


class NodeProofs(Answer):
    """GET /v1/nodes/{device}/proofs: results, newest first.

    `max_age` is how old the last passed one may be, in seconds of the chain's time (0: the network
    asks for none). Proofs took `spent` of the `budget` seconds that a window of that length allows,
    since the orchestrator's start.
    """

    device: Key
    max_age: int
    proving: bool
    spent: float
    budget: float
    proofs: list[ProofView]


class NodeList(Answer):
    """GET /v1/nodes."""

    nodes: list[NodeView]


class NoticeRequest(Request):
    """PUT /v1/nodes/{device}/notice, signed by the node's owner or its device key.

    A `drain` stops new jobs now and has no `ends_in`; runs that the node still holds at `begins_in`
    are ended, without it none is. `maintenance` has both: no job that would last longer than
    `begins_in`, none at all until `ends_in`.
    """

    kind: Literal["drain", "maintenance"]
    begins_in: Ahead | None = None
    ends_in: Ahead | None = None
    reason: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class Obstacle(Answer):
    """One reason: a word for programs, the fact, and what to do about it."""

    code: str
    text: str
    action: str


class HeldRun(Answer):
    """A run that the node said it holds when it was last heard."""

    job: Key
    run: int
    state: RunState


class NodeHourView(Answer):
    """A node's record of one hour: runs that ended in it and how many its fault ended, the seconds
    that it was heard in, and the reliability after it."""

    hour: int
    ended: int
    failed: int
    seconds: int
    reliability: float


class NodeStatus(Answer):
    """GET /v1/nodes/{device}/status.

    `since` and `heard_at` are unix seconds of the orchestrator's clock, `silent` the seconds since;
    `interval` is the heartbeat's that the node was told, `beats_lost` those that it counted and
    that never came. `seconds` are proven in the running `hour`, of which `elapsed` are over;
    `needed` is what the hour takes to be paid. `no_jobs` and `no_pay` are empty where nothing is
    wrong.
    """

    device: Key
    owner: Key
    state: NodeState
    gpu_class: str
    gpus: int
    busy: int
    simulated: bool | None = None
    connected: bool
    since: float | None = None
    heard_at: float | None = None
    silent: float | None = None
    interval: float | None = None
    beats_lost: int = 0
    country: str | None = None
    connectivity: int = 0
    no_jobs: list[Obstacle] = Field(default_factory=list)
    no_pay: list[Obstacle] = Field(default_factory=list)
    runs_held: list[HeldRun] = Field(default_factory=list)
    hour: int = 0
    seconds: int = 0
    elapsed: int = 0
    needed: int = 0
    reliability: float = 1.0
    history: list[NodeHourView] = Field(default_factory=list)
    notice: NoticeView | None = None
