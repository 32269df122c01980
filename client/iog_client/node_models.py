"""The bodies of the orchestrator's HTTP API that are about one node's standing; no I/O here."""

from typing import Annotated, Literal

from pydantic import Field

from iog_client.api_models import Answer, NodeState, NoticeView, Request
from iog_client.protocol import Key, RunState

MAX_AHEAD = 30 * 86_400
Ahead = Annotated[int, Field(ge=0, le=MAX_AHEAD)]
"""Seconds from now, 30 days at most."""


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
