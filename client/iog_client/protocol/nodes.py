"""Frames about a node: who it is, what it has, that it lives."""

import hmac
from typing import Annotated, Literal

from pydantic import Field

from iog_client.protocol.base import (
    U32,
    U64,
    ExchangeKey,
    Frame,
    HourLimits,
    Key,
    Nonce,
    Sha256,
    Signature,
)
from iog_client.protocol.runs import RunBrief

HEARTBEAT_TAG = "iog-heartbeat-v1"
PONG_TAG = "iog-pong-v1"
NO_CODE = "0" * 64

Country = Annotated[str, Field(pattern=r"^([A-Z]{2})?$")]
"""ISO 3166-1 alpha-2 as an operator declares it; empty: not declared."""

Interval = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
"""Seconds between two frames of a kind."""
RefusalCode = Literal["refused", "device_in_use", "standby"]
"""`device_in_use`: another worker with this device key is connected. `standby`: this orchestrator
does not lead; the worker goes to the next address that it was given."""


Mebibytes = Annotated[int, Field(ge=0, le=1 << 50)]
"""Of a machine: more than any has, and products with its GPUs stay below 64 bits."""


class Gpu(Frame):
    """One GPU as the machine reports it; `memory` in MiB."""

    name: Annotated[str, Field(max_length=100)]
    uuid: Annotated[str, Field(max_length=100)]
    memory: Annotated[int, Field(ge=0, le=1 << 30)]


class Hardware(Frame):
    """What a node has. `driver` is empty where GPUs are simulated; `memory` and `disk` in MiB."""

    gpus: Annotated[list[Gpu], Field(max_length=1024)]
    gpu_class: Annotated[str, Field(max_length=16)]
    driver: Annotated[str, Field(max_length=100)] = ""
    cpus: U32
    memory: Mebibytes
    disk: Mebibytes


class Hello(Frame):
    """Who wants to connect. `instance` is random and a worker process keeps it: it tells the holder
    of a device's connection, who may always connect anew, from another with the same key."""

    type: Literal["hello"] = "hello"
    protocol: int
    device: Key
    instance: Nonce
    nonce: Nonce
    exchange_key: ExchangeKey
    hardware: Hardware
    simulated: bool
    confinement: Literal["bubblewrap", "none"]
    """Of jobs without an image; those with one run in containers, where there are any."""
    containers: bool = False
    """Whether jobs with an image are taken."""
    network: bool = False
    """Whether jobs that ask for the internet get it."""
    country: Country = ""
    runs: Annotated[list[RunBrief], Field(max_length=1024)] = Field(default_factory=list)


class Challenge(Frame):
    type: Literal["challenge"] = "challenge"
    orchestrator: Key
    nonce: Nonce
    exchange_key: ExchangeKey
    signature: Signature


class Answer(Frame):
    type: Literal["answer"] = "answer"
    signature: Signature


class Welcome(Frame):
    """Facts that the worker needs to sign statements; intervals in seconds, times in unix seconds.

    `chain_time` is the chain's clock when the frame was written; the worker keeps the difference to
    its own monotonic clock, so that both agree on which hour is running. `start` is 0 before
    emission. `idl_hashes` are the programs' interfaces that the orchestrator was made for.
    """

    type: Literal["welcome"] = "welcome"
    genesis_hash: Key
    jobs_program: Key
    idl_hashes: dict[str, Sha256]
    chain_time: float
    start: int
    hour_length: int
    heartbeat_seconds: Interval
    statement_seconds: Interval
    counter: U64 = 0
    """Highest statement counter that the orchestrator has of this device; the next is above it."""
    hour_limits: HourLimits = Field(default_factory=list)


class Refuse(Frame):
    """Why the other side is not heard; the connection closes after it."""

    type: Literal["refuse"] = "refuse"
    code: RefusalCode = "refused"
    reason: Annotated[str, Field(max_length=300)]


class Heartbeat(Frame):
    """Sign of life, authenticated by the session key.

    `counter` rises by one each; one that does not rise is a replay and ends the connection, one
    that skips others says only that they were lost.
    """

    type: Literal["heartbeat"] = "heartbeat"
    counter: U64
    runs: Annotated[list[RunBrief], Field(max_length=1024)] = Field(default_factory=list)
    mac: Sha256 = NO_CODE

    def authenticated(self, session_key: bytes) -> "Heartbeat":
        """This heartbeat with its code filled in."""
        return self.model_copy(update={"mac": self._code(session_key)})

    def is_authentic(self, session_key: bytes) -> bool:
        """Whether the code was made with `session_key` over these very contents."""
        return hmac.compare_digest(self.mac, self._code(session_key))

    def _code(self, session_key: bytes) -> str:
        return _code(session_key, HEARTBEAT_TAG, str(self.counter), self.runs)


class Ping(Frame):
    """A question to a node whose heartbeats stopped: is it there? `nonce` is fresh each time."""

    type: Literal["ping"] = "ping"
    nonce: Nonce


class Pong(Frame):
    """The answer to a `Ping`, with its nonce and the runs held, under the session key."""

    type: Literal["pong"] = "pong"
    nonce: Nonce
    runs: Annotated[list[RunBrief], Field(max_length=1024)] = Field(default_factory=list)
    mac: Sha256 = NO_CODE

    def authenticated(self, session_key: bytes) -> "Pong":
        """This answer with its code filled in."""
        return self.model_copy(update={"mac": self._code(session_key)})

    def is_authentic(self, session_key: bytes) -> bool:
        """Whether the code was made with `session_key` over these very contents."""
        return hmac.compare_digest(self.mac, self._code(session_key))

    def _code(self, session_key: bytes) -> str:
        return _code(session_key, PONG_TAG, self.nonce, self.runs)


class Speed(Frame):
    """Bytes a second that a node has measured from and to its orchestrator."""

    type: Literal["speed"] = "speed"
    down: U64
    up: U64


class Stop(Frame):
    """End the run as `node_stopped`: the notice that the node's operator gave has come due."""

    type: Literal["stop"] = "stop"
    job: Key
    run: U32


def _code(session_key: bytes, tag: str, about: str, runs: list[RunBrief]) -> str:
    """HMAC-SHA256 (hex) over tag, counter or nonce, and each run's job, number and state.

    None of them holds a separator, so that one text has one meaning.
    """
    held = "".join(f"|{brief.job}:{brief.run}:{brief.state}" for brief in runs)
    return hmac.digest(session_key, f"{tag}|{about}{held}".encode(), "sha256").hex()


class HeartbeatAck(Frame):
    """Answer to a heartbeat: the interval to keep, and the emission's start once it is known.

    A statement above `hour_limits` would be refused, and with it all that it says of the hour, so a
    worker signs for no more.
    """

    type: Literal["heartbeat_ack"] = "heartbeat_ack"
    counter: U64
    heartbeat_seconds: Interval
    chain_time: float
    start: int
    hour_limits: HourLimits = Field(default_factory=list)


def ack_text(
    counter: int, heartbeat_seconds: float, chain_time: float, start: int, limits: HourLimits
) -> str:
    """A `HeartbeatAck` as it is sent, for who sends thousands a second: without making the model,
    which costs several times as much."""
    pairs = ",".join([f"[{hour},{seconds}]" for hour, seconds in limits])
    return (
        f'{{"type":"heartbeat_ack","counter":{counter},"heartbeat_seconds":{heartbeat_seconds},'
        f'"chain_time":{chain_time},"start":{start},"hour_limits":[{pairs}]}}'
    )


class SignedStatement(Frame):
    """A statement with the device's signature; bytes in `iog_client.statements`.

    `subject` is the Job address of a job statement and the hour, in decimal, of an hour statement.
    """

    type: Literal["statement"] = "statement"
    kind: Literal["job", "hour"]
    subject: Annotated[str, Field(max_length=44)]
    run: U32
    counter: U64
    seconds: U64
    signature: Signature
