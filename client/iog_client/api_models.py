"""The bodies of the orchestrator's HTTP API, for both of its ends; no I/O here.

Those about jobs are in `job_models`, those about nodes in `node_models`.

Amounts are integers of base units (10^-8 IO), prices base units per GPU-second, times unix seconds,
hashes lowercase hex, addresses base58. A client ignores keys it does not know in an answer; the
server refuses them in a request.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from iog_client.protocol import U32, U64, Key, Sha256

PROBLEM_MEDIA_TYPE = "application/problem+json"
LOG_OFFSET_HEADER = "X-IOG-Log-Offset"
LOG_END_HEADER = "X-IOG-Log-End"
MAX_BLOB = 1 << 30


class Answer(BaseModel):
    """Base of what the server says."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Request(BaseModel):
    """Base of what a client asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)


STANDBY = "standby"
"""`Problem.code` of a 503 from an orchestrator while none leads: it did nothing of the request,
which may be sent again, there or elsewhere."""


class Problem(Answer):
    """An error (RFC 9457). `detail` is one line for people; `code` one word for programs."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str = ""


class NetworkView(Answer):
    """GET /v1/network. `start` is 0 before emission; `window` is what jobs get unless they say
    more; `idl_hashes` are the programs' interfaces that the server was made for."""

    genesis_hash: Key
    programs: dict[str, Key]
    idl_hashes: dict[str, Sha256]
    mint: Key
    orchestrator: Key
    hour_length: int
    start: int
    hour: int = 0
    allow_simulated: bool
    proof: Literal["none", "required"] = "none"
    protocol: int
    window: int = 0


class Received(Answer):
    """GET /v1/blobs/{sha256}/received."""

    bytes: int


class HourView(Answer):
    """One published hour in short; the whole is at GET /v1/hours/{hour}."""

    hour: int
    data_hash: Sha256
    root: Sha256 | None
    total: U64
    to_rewards: U64
    granted: U64
    carry: U64
    nodes: int
    eligible: int
    wallets: int
    state: Literal["published", "proposed", "live"]
    signature: str | None = None


class HourList(Answer):
    """GET /v1/hours: newest first."""

    hours: list[HourView]


class RewardProof(Answer):
    """GET /v1/rewards/{wallet}: what `reward_claim` needs, for the root that is (or falls) due.

    `pending` is the cumulative reward under the newest published hour, at least `cumulative`.
    """

    wallet: Key
    epoch: U32
    root: Sha256
    cumulative: U64
    proof: Annotated[list[Sha256], Field(max_length=23)]
    pending: U64 = 0
    active_at: int = 0
