"""The other end of the worker's protocol, for tests: takes every run to its end, without a chain.

It speaks over a wire in memory or, as `app()`, over HTTP; its imagined chain agrees to everything.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from iog_client import addresses, interfaces, protocol, requests
from iog_client.errors import IogError
from iog_client.protocol import (
    ANSWER_TAG,
    HELLO_TAG,
    WORKER_FRAMES,
    Answer,
    Assign,
    Challenge,
    Ended,
    EndedAck,
    Frame,
    Heartbeat,
    HeartbeatAck,
    Hello,
    Log,
    LogAck,
    Pong,
    ProofCommit,
    ProofRefused,
    ProofRows,
    Refuse,
    RunRefused,
    RunUpdate,
    Signed,
    SignedStatement,
    SignRequest,
    Started,
    Welcome,
    WorkerFrame,
    exchange_bytes,
    session_key,
)
from iog_client.reasons import EndReason
from iog_client.statements import Statement, ed25519_instruction

from .link import Lost, Wire
from .testing import (
    MemoryBlobs,
    device_instruction,
    join_instruction,
    message_of,
    prove_instruction,
)

GENESIS = Hash(bytes([7] * 32))
Key = tuple[str, int]


@dataclass
class Told:
    """What an orchestrator heard of one run."""

    assign: Assign
    log: bytearray = field(default_factory=bytearray)
    states: list[str] = field(default_factory=list)
    statements: list[SignedStatement] = field(default_factory=list)
    refused: RunRefused | None = None
    ended: Ended | None = None
    ends: list[Ended] = field(default_factory=list)
    """Every time that the end was told."""
    paid: int | None = None
    """Seconds posted with the end, once the end is signed."""
    released: bool = False
    """Whether the run was given up for another one instead."""


class FakeOrchestrator:
    """The other end of the protocol, without a chain."""

    def __init__(self, device: Pubkey | None = None) -> None:
        self.key = Keypair()
        self.device = device
        self.blobs = MemoryBlobs()
        self.start = 0
        self.hour_length = 3600
        self.chain_time: Callable[[], float] = lambda: 0.0
        self.heartbeat_seconds = 0.2
        self.statement_seconds = 0.5
        self.tries_again = False
        """Whether a run that pays nothing is given up rather than finished."""
        self.allow_simulated = True
        self.counter = 0
        self.peers: list[str] = []
        """What members of gangs are told at their start."""
        self.idl_hashes = dict(interfaces.HASHES)
        self.hours: list[SignedStatement] = []
        self.proofs: list[ProofCommit | ProofRows | ProofRefused] = []
        self.beats = 0
        self.pongs: list[str] = []
        self.hello: Hello | None = None
        self.runs: dict[Key, Told] = {}
        self.connections = 0
        self.changed = asyncio.Condition()
        self._wire: Wire | None = None
        self._messages: dict[tuple[str, int, str], bytes] = {}

    # what a test does

    async def assign(self, assign: Assign) -> Told:
        """Give the connected node a run."""
        told = self.runs[assign.job, assign.run] = Told(assign)
        await self.send(assign)
        return told

    async def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Wait for something a frame brings about. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(condition)

    async def send(self, frame: Frame) -> None:
        """Send a frame to the node, if it is there."""
        if self._wire is not None:
            with suppress(Lost):
                await self._wire.send(frame.to_json())

    async def disconnect(self) -> None:
        """Close the connection from this end."""
        if self._wire is not None:
            await self._wire.close()

    # a connection

    async def serve(self, wire: Wire) -> None:
        """Take one connection from its first frame to its end."""
        with suppress(Lost):
            session, hello = await self._admit(wire)
            self._wire, self.hello = wire, hello
            self.connections += 1
            await self._note()
            while True:
                await self._take(WORKER_FRAMES.validate_json(await wire.receive()), session)
                await self._note()
        if self._wire is wire:
            self._wire = None
            await self._note()

    async def _note(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _admit(self, wire: Wire) -> tuple[bytes, Hello]:
        hello = Hello.model_validate_json(await wire.receive())
        own, nonce = X25519PrivateKey.generate(), protocol.nonce()
        exchange = own.public_key().public_bytes_raw().hex()
        signed = exchange_bytes(HELLO_TAG, hello, nonce, exchange)
        challenge = Challenge(
            orchestrator=str(self.key.pubkey()),
            nonce=nonce,
            exchange_key=exchange,
            signature=str(self.key.sign_message(signed)),
        )
        await wire.send(challenge.to_json())
        answer = Answer.model_validate_json(await wire.receive())
        device = Pubkey.from_string(hello.device)
        said = exchange_bytes(ANSWER_TAG, hello, nonce, exchange)
        genuine = Signature.from_string(answer.signature).verify(device, said)
        if not genuine or self.device not in (None, device):
            await wire.send(Refuse(reason="the device is not registered").to_json())
            raise Lost
        if self._wire is not None and self.hello and self.hello.instance != hello.instance:
            reason = "another worker with this device key is connected"
            await wire.send(Refuse(code="device_in_use", reason=reason).to_json())
            raise Lost
        await wire.send(self._welcome().to_json())
        return session_key(own, hello.exchange_key, hello.nonce, nonce), hello

    def _welcome(self) -> Welcome:
        return Welcome(
            genesis_hash=str(GENESIS),
            jobs_program=str(addresses.JOBS),
            idl_hashes=self.idl_hashes,
            chain_time=self.chain_time(),
            start=self.start,
            hour_length=self.hour_length,
            heartbeat_seconds=self.heartbeat_seconds,
            statement_seconds=self.statement_seconds,
            counter=self.counter,
        )

    async def _take(self, frame: WorkerFrame, session: bytes) -> None:
        if isinstance(frame, Heartbeat):
            if not frame.is_authentic(session):
                raise Lost("a heartbeat of another session")
            self.beats += 1
            await self.send(
                HeartbeatAck(
                    counter=frame.counter,
                    heartbeat_seconds=self.heartbeat_seconds,
                    chain_time=self.chain_time(),
                    start=self.start,
                )
            )
        elif isinstance(frame, Pong):
            if not frame.is_authentic(session):
                raise Lost("a pong of another session")
            self.pongs.append(frame.nonce)
        elif isinstance(frame, SignedStatement):
            self._statement(frame)
        elif isinstance(frame, ProofCommit | ProofRows | ProofRefused):
            self.proofs.append(frame)
        elif isinstance(frame, RunUpdate | RunRefused | Signed | Log | Ended) and (
            told := self.runs.get((frame.job, frame.run))
        ):
            await self._of_run(frame, told)

    def _statement(self, frame: SignedStatement) -> None:
        if frame.counter <= self.counter:
            raise Lost(f"counter {frame.counter} after {self.counter}")
        self.counter = frame.counter
        if frame.kind == "hour":
            self.hours.append(frame)
        elif told := self.runs.get((frame.subject, frame.run)):
            told.statements.append(frame)

    async def _of_run(
        self, frame: RunUpdate | RunRefused | Signed | Log | Ended, told: Told
    ) -> None:
        if isinstance(frame, RunUpdate):
            told.states.append(frame.state)
            if frame.state == "ready":
                await self._ask(told, "start" if told.assign.gang is None else "join")
        elif isinstance(frame, RunRefused):
            told.refused = frame
        elif isinstance(frame, Log):
            told.log[frame.offset :] = base64.b64decode(frame.data)
            await self.send(LogAck(job=frame.job, run=frame.run, offset=len(told.log)))
        elif isinstance(frame, Ended):
            told.ended = frame
            told.ends.append(frame)
            reason = EndReason.from_label(frame.reason)
            if reason.from_device:
                again = self.tries_again and not reason.pays
                await self._ask(told, "release" if again else "finish")
            else:
                await self.send(EndedAck(job=frame.job, run=frame.run))
        else:
            await self._signed(frame, told)

    async def _ask(self, told: Told, what: str) -> None:
        message = self._message(told, what)
        assign = told.assign
        self._messages[assign.job, assign.run, what] = message
        await self.send(
            SignRequest.model_validate(
                {
                    "job": assign.job,
                    "run": assign.run,
                    "what": what,
                    "message": base64.b64encode(message).decode(),
                }
            )
        )

    def _message(self, told: Told, what: str) -> bytes:
        if what == "start":
            return self.start_message(told)
        if what == "join":
            return self.join_message(told)
        return self.finish_message(told) if what == "finish" else self.release_message(told)

    async def _signed(self, frame: Signed, told: Told) -> None:
        message = self._messages[frame.job, frame.run, frame.what]
        if not Signature.from_string(frame.signature).verify(self._device, message):
            raise Lost("a signature of another key")
        if frame.what in ("start", "join"):
            await self.send(Started(job=frame.job, run=frame.run, peers=self.peers))
        else:
            told.released = frame.what == "release"
            told.paid = told.statements[-1].seconds if told.statements else 0
            await self.send(EndedAck(job=frame.job, run=frame.run))

    @property
    def _device(self) -> Pubkey:
        if self.hello is None:
            raise Lost("no node has come yet")
        return Pubkey.from_string(self.hello.device)

    def start_message(self, told: Told) -> bytes:
        """The message that starts a run."""
        job = Pubkey.from_string(told.assign.job)
        start = device_instruction("job_start", b"", self._device, job)
        return message_of(self.key.pubkey(), [start])

    def join_message(self, told: Told) -> bytes:
        """The message by which a member of a gang waits for the others."""
        if told.assign.gang is None:
            raise Lost("the run is in no gang")
        job, gang = (
            Pubkey.from_string(told.assign.job),
            Pubkey.from_string(told.assign.gang.address),
        )
        return message_of(self.key.pubkey(), [join_instruction(self._device, job, gang)])

    def finish_message(self, told: Told) -> bytes:
        """The message that ends a run, with its last statement if it made one."""
        if told.ended is None:
            raise Lost("the run has not ended")
        job, device = Pubkey.from_string(told.assign.job), self._device
        reason = EndReason.from_label(told.ended.reason)
        data = bytes.fromhex(told.ended.result_hash) + bytes([reason])
        instructions = [device_instruction("job_finish", data, device, job)]
        if told.statements:
            instructions = [*self._proof(told, device, job), *instructions]
        return message_of(self.key.pubkey(), instructions)

    def release_message(self, told: Told) -> bytes:
        """The message that gives a run up."""
        if told.ended is None:
            raise Lost("the run has not ended")
        job, reason = Pubkey.from_string(told.assign.job), EndReason.from_label(told.ended.reason)
        given_up = device_instruction("job_release", bytes([reason]), self._device, job)
        return message_of(self.key.pubkey(), [given_up])

    def _proof(self, told: Told, device: Pubkey, job: Pubkey) -> list[Instruction]:
        said = told.statements[-1]
        statement = Statement.for_job(
            GENESIS, addresses.JOBS, device, job, said.run, said.counter, said.seconds
        )
        own = Signature.from_string(said.signature)
        if not statement.verify(own):
            raise Lost("a statement of another key")
        signatures = [(device, own), (self.key.pubkey(), statement.sign(self.key))]
        return [
            ed25519_instruction(statement.to_bytes(), signatures),
            prove_instruction(job, said.counter, said.seconds),
        ]

    # over HTTP

    def app(self) -> Starlette:
        """This orchestrator as a web application."""
        blob = Route("/v1/blobs/{sha256}", self._blob, methods=["GET", "PUT"])
        facts = Route("/v1/network", self._network)
        return Starlette(routes=[blob, facts, WebSocketRoute("/v1/worker", self._worker)])

    async def _network(self, request: Request) -> Response:
        return JSONResponse(
            {
                "genesis_hash": str(GENESIS),
                "programs": {name: str(key) for name, key in addresses.PROGRAMS.items()},
                "idl_hashes": self.idl_hashes,
                "mint": str(addresses.mint()),
                "orchestrator": str(self.key.pubkey()),
                "hour_length": self.hour_length,
                "start": self.start,
                "allow_simulated": self.allow_simulated,
                "protocol": protocol.PROTOCOL,
            }
        )

    async def _blob(self, request: Request) -> Response:
        body, digest = await request.body(), request.path_params["sha256"]
        now = int(request.headers.get(requests.TIME_HEADER, "0"))
        try:
            requests.verify(request.headers, request.method, request.url.path, body, now)
        except IogError as error:
            return JSONResponse({"detail": error.message}, 401)
        if request.method == "PUT":
            self.blobs.content[digest] = body
            return Response(status_code=201)
        data = self.blobs.content.get(digest)
        if data is None:
            return JSONResponse({"detail": "there is no such blob"}, 404)
        return Response(data)

    async def _worker(self, socket: WebSocket) -> None:
        await socket.accept()
        await self.serve(_SocketWire(socket))


class _SocketWire:
    """A wire over Starlette's WebSocket."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            raise Lost from None

    async def receive(self) -> str:
        try:
            return await self._socket.receive_text()
        except (WebSocketDisconnect, RuntimeError, KeyError):
            raise Lost from None

    async def close(self) -> None:
        with suppress(RuntimeError):
            await self._socket.close()
