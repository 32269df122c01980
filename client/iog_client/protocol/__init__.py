"""The words that orchestrator and worker speak over one WebSocket; no I/O here.

A connection opens with a mutual challenge:

1. worker  -> `Hello`      its device key, a nonce and an ephemeral X25519 key
2. server  -> `Challenge`  its own key, nonce, ephemeral key, signed over the whole exchange
3. worker  -> `Answer`     the device's signature over the same exchange
4. server  -> `Welcome`    the network's facts and the intervals to keep

Both sides then hold one session key (HKDF-SHA256 of the X25519 secret, RFC 5869 and RFC 7748),
which authenticates heartbeats and the answers to pings. Evidence that is worth money, a statement,
is signed by the device key itself.

Frames are JSON objects with a `type`; bytes travel as lowercase hex, blocks of data as base64. A
frame of an unknown type, with an unknown field or longer than `MAX_FRAME` ends the connection.
"""

from typing import Annotated

from pydantic import Field, TypeAdapter

from iog_client.protocol.base import (
    LOG_CHUNK,
    MAX_FRAME,
    U32,
    U64,
    ExchangeKey,
    Frame,
    HourLimits,
    Key,
    Nonce,
    Sha256,
    Signature,
    canonical,
)
from iog_client.protocol.nodes import (
    Answer,
    Challenge,
    Country,
    Gpu,
    Hardware,
    Heartbeat,
    HeartbeatAck,
    Hello,
    Ping,
    Pong,
    RefusalCode,
    Refuse,
    SignedStatement,
    Speed,
    Stop,
    Welcome,
    ack_text,
)
from iog_client.protocol.proofs import (
    ProofChallenge,
    ProofCommit,
    ProofOpen,
    ProofRefused,
    ProofRow,
    ProofRows,
    ProofVerdict,
)
from iog_client.protocol.runs import (
    Assign,
    Cancel,
    Ended,
    EndedAck,
    GangPlace,
    InputFile,
    Log,
    LogAck,
    OutputFile,
    RunBrief,
    RunRefused,
    RunState,
    RunUpdate,
    Signed,
    SignRequest,
    Started,
    result_hash,
)
from iog_client.protocol.session import (
    ANSWER_TAG,
    HELLO_TAG,
    NONCE_BYTES,
    exchange_bytes,
    nonce,
    session_key,
)

PROTOCOL = 1

WorkerFrame = Annotated[
    Hello
    | Answer
    | Heartbeat
    | Pong
    | Speed
    | SignedStatement
    | RunUpdate
    | RunRefused
    | Signed
    | Log
    | Ended
    | ProofCommit
    | ProofRows
    | ProofRefused
    | Refuse,
    Field(discriminator="type"),
]
ServerFrame = Annotated[
    Challenge
    | Welcome
    | Refuse
    | HeartbeatAck
    | Ping
    | Assign
    | SignRequest
    | Started
    | Cancel
    | Stop
    | LogAck
    | EndedAck
    | ProofChallenge
    | ProofOpen
    | ProofVerdict,
    Field(discriminator="type"),
]
WORKER_FRAMES: TypeAdapter[WorkerFrame] = TypeAdapter(WorkerFrame)
SERVER_FRAMES: TypeAdapter[ServerFrame] = TypeAdapter(ServerFrame)

__all__ = [
    "ANSWER_TAG",
    "HELLO_TAG",
    "LOG_CHUNK",
    "MAX_FRAME",
    "NONCE_BYTES",
    "PROTOCOL",
    "SERVER_FRAMES",
    "U32",
    "U64",
    "WORKER_FRAMES",
    "Answer",
    "Assign",
    "Cancel",
    "Challenge",
    "Country",
    "Ended",
    "EndedAck",
    "ExchangeKey",
    "Frame",
    "GangPlace",
    "Gpu",
    "Hardware",
    "Heartbeat",
    "HeartbeatAck",
    "Hello",
    "HourLimits",
    "InputFile",
    "Key",
    "Log",
    "LogAck",
    "Nonce",
    "OutputFile",
    "Ping",
    "Pong",
    "ProofChallenge",
    "ProofCommit",
    "ProofOpen",
    "ProofRefused",
    "ProofRow",
    "ProofRows",
    "ProofVerdict",
    "RefusalCode",
    "Refuse",
    "RunBrief",
    "RunRefused",
    "RunState",
    "RunUpdate",
    "ServerFrame",
    "Sha256",
    "SignRequest",
    "Signature",
    "Signed",
    "SignedStatement",
    "Speed",
    "Started",
    "Stop",
    "Welcome",
    "WorkerFrame",
    "ack_text",
    "canonical",
    "exchange_bytes",
    "nonce",
    "result_hash",
    "session_key",
]
