"""Frames about a run: handing it out, its life, its log, its end."""

import hashlib
from typing import Annotated, Literal

from pydantic import Field

from iog_client.protocol.base import (
    LOG_CHUNK,
    MAX_FRAME,
    U32,
    U64,
    Frame,
    Key,
    Sha256,
    Signature,
    canonical,
)

RunState = Literal["preparing", "ready", "running", "ended"]


Words = Annotated[str, Field(max_length=1000)]
Figure = Annotated[float, Field(allow_inf_nan=False)] | int | Words
"""A job's own number or short text; JSON has no other numbers than finite ones."""


class RunBrief(Frame):
    """A run that a worker holds, for the orchestrator to compare with what it knows."""

    job: Key
    run: U32
    state: RunState


class InputFile(Frame):
    """One input: the path it gets in the run's folder, its hash and size in bytes."""

    path: Annotated[str, Field(max_length=500)]
    sha256: Sha256
    size: U64


class OutputFile(InputFile):
    """One output, uploaded under its hash."""


class GangPlace(Frame):
    """A job's place among the members of its gang: `rank` counts from 0 in the order of the jobs'
    numbers."""

    address: Key
    rank: Annotated[int, Field(ge=0, lt=64)]
    nodes: Annotated[int, Field(ge=2, le=64)]


class Assign(Frame):
    """A job is this node's: fetch the blobs, prepare the run's folder, answer `RunUpdate` ready.

    `gang` is set for a member of one: it joins instead of starting, and starts with the others.
    """

    type: Literal["assign"] = "assign"
    job: Key
    run: U32
    client: Key
    spec_hash: Sha256
    spec: Annotated[str, Field(max_length=MAX_FRAME // 2)]
    inputs: list[InputFile]
    gpus: Annotated[int, Field(ge=1, le=1024)]
    max_seconds: U32
    gang: GangPlace | None = None


class RunUpdate(Frame):
    type: Literal["run_update"] = "run_update"
    job: Key
    run: U32
    state: RunState


class RunRefused(Frame):
    """The worker cannot take the run; `reason` is the name of an end reason."""

    type: Literal["run_refused"] = "run_refused"
    job: Key
    run: U32
    reason: Annotated[str, Field(max_length=30)]
    detail: Annotated[str, Field(max_length=300)]


class SignRequest(Frame):
    """A transaction message (base64) that needs the device's signature: to start a run, to join
    those of its gang, to finish it, or to release it for another one where node or platform failed.

    The worker signs only what it has parsed and found to be as expected: the orchestrator as fee
    payer, and job_start, job_join (with the gang of its assignment), job_finish (with its
    statement) or job_release of this job and run.
    """

    type: Literal["sign_request"] = "sign_request"
    job: Key
    run: U32
    what: Literal["start", "join", "finish", "release"]
    message: Annotated[str, Field(max_length=2000)]


class Signed(Frame):
    type: Literal["signed"] = "signed"
    job: Key
    run: U32
    what: Literal["start", "join", "finish", "release"]
    signature: Signature


class Started(Frame):
    """The chain says that the run has begun: launch it now. `peers` are the devices of the members
    of its gang by rank, its own among them."""

    type: Literal["started"] = "started"
    job: Key
    run: U32
    peers: list[Key] = Field(default_factory=list, max_length=64)


class Cancel(Frame):
    """End the run: a signal first, then, after `grace` seconds, force. With the usual grace a run
    is over in less than two seconds."""

    type: Literal["cancel"] = "cancel"
    job: Key
    run: U32
    grace: Annotated[float, Field(ge=0, le=60)] = 0.75


class Log(Frame):
    """Bytes of the job's joint output from `offset` on, base64; at most `LOG_CHUNK` bytes."""

    type: Literal["log"] = "log"
    job: Key
    run: U32
    offset: U64
    data: Annotated[str, Field(max_length=2 * LOG_CHUNK)]


class LogAck(Frame):
    """Everything below `offset` is stored."""

    type: Literal["log_ack"] = "log_ack"
    job: Key
    run: U32
    offset: U64


class Ended(Frame):
    """How a run ended, sent after its last log bytes and its outputs are acknowledged.

    `seconds` are the proven seconds of its last statement; `result_hash` is `result_hash()` of the
    rest.
    """

    type: Literal["ended"] = "ended"
    job: Key
    run: U32
    reason: Annotated[str, Field(max_length=30)]
    exit_code: int | None
    outputs: Annotated[list[OutputFile], Field(max_length=1000)]
    metrics: dict[Words, Figure] = Field(default_factory=dict)
    image: Annotated[str | None, Field(max_length=500)] = None
    """The image that the job ran in, by its digest."""
    seconds: U64
    result_hash: Sha256


class EndedAck(Frame):
    """The run's end is on chain; the worker may forget it."""

    type: Literal["ended_ack"] = "ended_ack"
    job: Key
    run: U32


def result_hash(
    reason: str, exit_code: int | None, outputs: list[OutputFile], image: str | None = None
) -> str:
    """SHA-256 (hex) over the canonical JSON of a run's end: what `job_finish` puts on chain.

    `image` is in it where there is one, so that the chain vouches for what ran.
    """
    files = [file.model_dump(mode="json") for file in sorted(outputs, key=lambda file: file.path)]
    body = {"exit_code": exit_code, "outputs": files, "reason": reason}
    if image is not None:
        body["image"] = image
    return hashlib.sha256(canonical(body)).hexdigest()
