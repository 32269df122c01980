"""The words that orchestrator and worker speak over one WebSocket; no I/O here.

A connection opens with a mutual challenge:

1. worker  -> `Hello`      its device key, a nonce and an ephemeral X25519 key
2. server  -> `Challenge`  its own key, nonce, ephemeral key, signed over the whole exchange
3. worker  -> `Answer`     the device's signature over the same exchange
4. server  -> `Welcome`    the network's facts and the intervals to keep

Both sides then hold one session key (HKDF-SHA256 of the X25519 secret, RFC 5869 and RFC 7748),
which authenticates heartbeats. Evidence that is worth money, a statement, is signed by the device
key itself.

Frames are JSON objects with a `type`; bytes travel as lowercase hex, blocks of data as base64. A
frame of an unknown type, with an unknown field or longer than `MAX_FRAME` ends the connection.
"""

import hashlib
import hmac
import json
import secrets
from typing import Annotated, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

PROTOCOL = 1
MAX_FRAME = 1 << 20
LOG_CHUNK = 64 << 10
NONCE_BYTES = 16

HELLO_TAG = b"iog-hello-v1"
ANSWER_TAG = b"iog-answer-v1"

Key = Annotated[str, Field(min_length=32, max_length=44, pattern=r"^[1-9A-HJ-NP-Za-km-z]+$")]
"""An ed25519 public key or an account address, base58."""
Signature = Annotated[str, Field(min_length=64, max_length=88, pattern=r"^[1-9A-HJ-NP-Za-km-z]+$")]
"""An ed25519 signature, base58."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Nonce = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
ExchangeKey = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
U32 = Annotated[int, Field(ge=0, lt=1 << 32)]
U64 = Annotated[int, Field(ge=0, lt=1 << 64)]
HourLimits = list[tuple[U32, U32]]
"""Hours that are open for statements, and the most seconds that one on them may say now."""
RunState = Literal["preparing", "ready", "running", "ended"]
RefusalCode = Literal["refused", "device_in_use"]
"""`device_in_use`: another worker with this device key is connected."""


class Frame(BaseModel):
    """Base of all frames: immutable, and nothing unknown is accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def to_json(self) -> str:
        """The frame as one line of JSON."""
        return self.model_dump_json()


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
    memory: U64
    disk: U64


class RunBrief(Frame):
    """A run that a worker holds, for the orchestrator to compare with what it knows."""

    job: Key
    run: U32
    state: RunState


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
    runs: Annotated[list[RunBrief], Field(max_length=1024)] = []


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
    heartbeat_seconds: float
    statement_seconds: float
    counter: U64 = 0
    """Highest statement counter that the orchestrator has of this device; the next is above it."""
    hour_limits: HourLimits = []


class Refuse(Frame):
    """Why the other side is not heard; the connection closes after it."""

    type: Literal["refuse"] = "refuse"
    code: RefusalCode = "refused"
    reason: Annotated[str, Field(max_length=300)]


class Heartbeat(Frame):
    """Sign of life, authenticated by the session key; `counter` rises by one each."""

    type: Literal["heartbeat"] = "heartbeat"
    counter: U64
    runs: Annotated[list[RunBrief], Field(max_length=1024)] = []
    mac: Sha256 = "0" * 64

    def authenticated(self, session_key: bytes) -> "Heartbeat":
        """This heartbeat with its code filled in."""
        return self.model_copy(update={"mac": self._code(session_key)})

    def is_authentic(self, session_key: bytes) -> bool:
        """Whether the code was made with `session_key` over these very contents."""
        return hmac.compare_digest(self.mac, self._code(session_key))

    def _code(self, session_key: bytes) -> str:
        body = canonical(self.model_dump(mode="json", exclude={"mac"}))
        return hmac.new(session_key, body, hashlib.sha256).hexdigest()


class HeartbeatAck(Frame):
    """Answer to a heartbeat: the interval to keep, and the emission's start once it is known.

    A statement above `hour_limits` would be refused, and with it all that it says of the hour, so a
    worker signs for no more.
    """

    type: Literal["heartbeat_ack"] = "heartbeat_ack"
    counter: U64
    heartbeat_seconds: float
    chain_time: float
    start: int
    hour_limits: HourLimits = []


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


class InputFile(Frame):
    """One input: the path it gets in the run's folder, its hash and size in bytes."""

    path: Annotated[str, Field(max_length=500)]
    sha256: Sha256
    size: U64


class OutputFile(InputFile):
    """One output, uploaded under its hash."""


class Assign(Frame):
    """A job is this node's: fetch the blobs, prepare the run's folder, answer `RunUpdate` ready."""

    type: Literal["assign"] = "assign"
    job: Key
    run: U32
    client: Key
    spec_hash: Sha256
    spec: Annotated[str, Field(max_length=MAX_FRAME // 2)]
    inputs: list[InputFile]
    gpus: Annotated[int, Field(ge=1, le=1024)]
    max_seconds: U32


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
    """A transaction message (base64) that needs the device's signature to start or finish a run.

    The worker signs only after it has parsed the message and found nothing in it but what it
    expects: the orchestrator as fee payer, and job_start or job_finish (with its statement) of this
    job and run.
    """

    type: Literal["sign_request"] = "sign_request"
    job: Key
    run: U32
    what: Literal["start", "finish"]
    message: Annotated[str, Field(max_length=2000)]


class Signed(Frame):
    type: Literal["signed"] = "signed"
    job: Key
    run: U32
    what: Literal["start", "finish"]
    signature: Signature


class Started(Frame):
    """The chain says that the run has begun: launch it now."""

    type: Literal["started"] = "started"
    job: Key
    run: U32


class Cancel(Frame):
    """End the run: a signal first, then, after `grace` seconds, force."""

    type: Literal["cancel"] = "cancel"
    job: Key
    run: U32
    grace: float = 2.0


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
    metrics: dict[str, float | int | str] = {}
    seconds: U64
    result_hash: Sha256


class EndedAck(Frame):
    """The run's end is on chain; the worker may forget it."""

    type: Literal["ended_ack"] = "ended_ack"
    job: Key
    run: U32


WorkerFrame = Annotated[
    Hello
    | Answer
    | Heartbeat
    | SignedStatement
    | RunUpdate
    | RunRefused
    | Signed
    | Log
    | Ended
    | Refuse,
    Field(discriminator="type"),
]
ServerFrame = Annotated[
    Challenge
    | Welcome
    | Refuse
    | HeartbeatAck
    | Assign
    | SignRequest
    | Started
    | Cancel
    | LogAck
    | EndedAck,
    Field(discriminator="type"),
]
WORKER_FRAMES: TypeAdapter[WorkerFrame] = TypeAdapter(WorkerFrame)
SERVER_FRAMES: TypeAdapter[ServerFrame] = TypeAdapter(ServerFrame)


def canonical(value: object) -> bytes:
    """JSON with sorted keys, no spaces, no needless escapes: one value, one byte string."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def result_hash(reason: str, exit_code: int | None, outputs: list[OutputFile]) -> str:
    """SHA-256 (hex) over the canonical JSON of a run's end: what `job_finish` puts on chain."""
    files = [file.model_dump(mode="json") for file in sorted(outputs, key=lambda file: file.path)]
    body = canonical({"exit_code": exit_code, "outputs": files, "reason": reason})
    return hashlib.sha256(body).hexdigest()


def nonce() -> str:
    """A fresh random nonce."""
    return secrets.token_hex(NONCE_BYTES)


def exchange_bytes(tag: bytes, hello: Hello, server_nonce: str, server_exchange_key: str) -> bytes:
    """What both sides sign in the challenge, under their own tag."""
    return b"|".join(
        [
            tag,
            str(hello.protocol).encode(),
            hello.device.encode(),
            hello.nonce.encode(),
            server_nonce.encode(),
            hello.exchange_key.encode(),
            server_exchange_key.encode(),
        ]
    )


def session_key(own: X25519PrivateKey, peer: str, worker_nonce: str, server_nonce: str) -> bytes:
    """The 32-byte key that both ends of a connection derive from their ephemeral keys.

    Raises:
        ValueError: the peer's key is not a point that gives a secret.
    """
    secret = own.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(peer)))
    salt = bytes.fromhex(worker_nonce + server_nonce)
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=b"iog-session-v1").derive(
        secret
    )
