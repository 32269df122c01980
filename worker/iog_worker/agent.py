"""The worker daemon: startup, loop, shutdown round one stop event."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import interfaces, protocol
from iog_client.clocks import Clock
from iog_client.endpoints import Endpoints
from iog_client.errors import IogError, Refused
from iog_client.protocol import (
    Challenge,
    Frame,
    Hardware,
    Heartbeat,
    HeartbeatAck,
    Hello,
    Ping,
    Pong,
    ProofChallenge,
    ProofOpen,
    ProofVerdict,
    Refuse,
    ServerFrame,
    Welcome,
)

from . import logs, speed
from .book import RunBook
from .confinement import Confinement
from .consent import Consent
from .containers import Cli
from .folder import NodeFacts, NodeFolder
from .gpuproof import GpuProofs
from .hierarchies import Tree
from .link import DeviceInUse, LinkRefused, Lost, Session, Wire, encode, handshake, refusal
from .logs import LOGGER
from .proofs import Counter, HourMeter, Statements
from .route import Route
from .speed import Meter
from .station import Station, pauses
from .transfer import Blobs

LEASE_SECONDS = 60.0
STOP_SECONDS = 10.0
SPREAD = 0.1
"""Part of the interval by which heartbeats are early or late at random."""
PATIENCE = 3
"""Heartbeats that may stay without an answer before the connection is given up."""


@dataclass(frozen=True, slots=True)
class Options:
    """How this worker was started."""

    allow_unconfined: bool = False
    allow_network: bool = False
    leave_running: bool = False
    lease_seconds: float = LEASE_SECONDS
    stop_seconds: float = STOP_SECONDS
    engine: Cli | None = None
    groups: Tree | None = None


class OtherPrograms(Refused):
    """the network's programs are others than this worker was made for"""


FINAL = (DeviceInUse, OtherPrograms)
"""What no further try changes: the worker ends."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything of the world outside this process."""

    clock: Clock
    blobs: Blobs
    addresses: Endpoints
    connect: Callable[[str], Awaitable[Wire]]
    """To one of the addresses."""
    spread: Callable[[float, float], float] = random.uniform
    """A number between two, at random."""
    meter: Meter | None = None
    """Without one, the node says nothing of its speed."""


class Agent:
    """One node's worker."""

    def __init__(
        self,
        folder: NodeFolder,
        facts: NodeFacts,
        device: Keypair,
        hardware: Hardware,
        confinement: Confinement,
        outside: Outside,
        options: Options,
    ) -> None:
        self._folder = folder
        self._facts = facts
        self._device = device
        self._hardware = hardware
        self._outside = outside
        self._options = options
        self._counter = Counter(folder.counter)
        self._meter = HourMeter(folder.hours, facts.genesis_hash, outside.clock)
        self._station = self._make_station(confinement)
        self._book = RunBook(
            self._station,
            folder.runs,
            hardware.gpus,
        )
        self._proofs = GpuProofs(
            device.pubkey(),
            [gpu.uuid for gpu in hardware.gpus],
            simulated=facts.simulated is not None,
            sign=self._station.sign,
            send=self.send,
            is_busy=lambda: bool(self._book.briefs()),
        )
        self._nonce = ""
        """Of the newest hello: what challenges over that connection are bound to."""
        self._instance = protocol.nonce()
        self._met = False
        """Whether a connection to the orchestrator came about, ever."""
        self._outbox: asyncio.Queue[str] | None = None
        self._heartbeat_seconds = 1.0
        self._hour_length = 0
        self._heard = 0.0
        self._welcomed = asyncio.Event()

    def _make_station(self, confinement: Confinement) -> Station:
        programs = {n: Pubkey.from_string(key) for n, key in self._facts.programs.items()}
        genesis = Hash.from_string(self._facts.genesis_hash)
        orchestrator = Pubkey.from_string(self._facts.orchestrator)
        device = self._device
        return Station(
            clock=self._outside.clock,
            blobs=self._outside.blobs,
            statements=Statements(device, genesis, programs["iog_jobs"], self._counter),
            consent=Consent(device.pubkey(), orchestrator, genesis, programs),
            confinement=confinement,
            send=self.send,
            sign=lambda message: str(device.sign_message(message)),
            lease=self._folder.lease,
            lease_seconds=self._options.lease_seconds,
            gpus=len(self._hardware.gpus),
            memory=self._hardware.memory << 20,
            cpus=self._hardware.cpus,
            processors=tuple(sorted(os.sched_getaffinity(0))),
            disk=self._hardware.disk << 20,
            engine=self._options.engine,
            groups=self._options.groups,
            takes_commands=confinement.name != "none" or self._options.allow_unconfined,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, in a folder that this process has locked.

        Raises:
            Refused: it was made for other programs.
            DeviceInUse: another worker with the same device key is connected.
        """
        tasks: list[asyncio.Task[Any]] = []
        try:
            self._folder.touch()
            self._folder.keep_groups(self._options.groups)
            self._book.adopt()
            for loop in (self._renew_lease, self._state_hours, self._stay_connected):
                tasks.append(asyncio.create_task(_kept_up(loop), name=loop.__name__))
            await self._work_until(stop, tasks)
            await self._shutdown()
        finally:
            await self._proofs.end()
            await _end(tasks)

    async def _work_until(self, stop: asyncio.Event, tasks: list[asyncio.Task[Any]]) -> None:
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        for task in tasks:
            if task.done():
                # The folder may be a copy, its runs another worker's: none is ended here. If they
                # are this one's, their supervisors end them with the lease.
                await self._book.leave()
                task.result()

    async def _shutdown(self) -> None:
        LOGGER.info("node is stopping", extra={"action": "stop"})
        if self._options.leave_running:
            await self._book.leave()
        else:
            await self._book.stop(self._options.stop_seconds)
        self._send_hours()
        if self._outbox is not None:
            try:
                await asyncio.wait_for(self._outbox.join(), timeout=2)
            except TimeoutError:
                LOGGER.warning("the last frames were not sent", extra={"action": "stop"})

    def send(self, frame: Frame) -> bool:
        """Hand a frame to the connection; False when there is none, and the frame is lost.

        It is written out here, so that a frame that cannot be sent is lost alone, and does not end
        the connection, which would then end again with each new try.
        """
        if self._outbox is None:
            return False
        try:
            text = encode(frame)
        except ValueError as error:
            LOGGER.error(
                "frame not sent: %s", error, extra={"action": "send", "frame": type(frame).__name__}
            )
            return False
        self._outbox.put_nowait(text)
        return True

    # loops

    async def _renew_lease(self) -> None:
        while True:
            self._folder.touch()
            await asyncio.sleep(min(5.0, self._options.lease_seconds / 6))

    async def _state_hours(self) -> None:
        while True:
            self._send_hours()
            wait = self._station.statement_seconds
            if (left := self._meter.until_next_hour()) is not None:
                wait = min(wait, left + 0.05)
            self._welcomed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._welcomed.wait(), max(wait, 0.05))

    def _send_hours(self) -> None:
        if self._outbox is None:
            return
        for hour, seconds in self._meter.due():
            self.send(self._station.statements.for_hour(hour, seconds))

    async def _stay_connected(self) -> None:
        route = Route(self._outside.addresses)
        while True:
            began = self._outside.clock.monotonic()
            try:
                wire = await self._outside.connect(route.addresses.current)
                try:
                    await self._serve(await self._greet(wire))
                finally:
                    await wire.close()
            except FINAL:
                raise
            except IogError as error:
                wait = route.lost(error, self._outside.clock.monotonic() - began)
                LOGGER.warning(
                    "not connected: %s",
                    error.message,
                    extra={"action": "wait", "seconds": f"{wait:.1f}"},
                )
                await asyncio.sleep(wait)

    async def _greet(self, wire: Wire) -> Session:
        orchestrator = Pubkey.from_string(self._facts.orchestrator)
        session = await handshake(wire, self._device, orchestrator, self._hello)
        welcome = session.welcome
        if (welcome.genesis_hash, welcome.jobs_program) != (
            self._facts.genesis_hash,
            self._facts.programs["iog_jobs"],
        ):
            raise LinkRefused(
                f"the orchestrator serves the network {welcome.genesis_hash} now; "
                f"this node was set up for {self._facts.genesis_hash}"
            )
        self._compare_programs(welcome)
        self._met = True
        return session

    def _compare_programs(self, welcome: Welcome) -> None:
        """At the start others are final; later they are the orchestrator's, which may come back."""
        try:
            interfaces.require(welcome.idl_hashes, "the orchestrator")
        except Refused as error:
            raise (LinkRefused if self._met else OtherPrograms)(error.message) from None

    def _hello(self, exchange_key: str) -> Hello:
        self._nonce = protocol.nonce()
        return Hello(
            protocol=protocol.PROTOCOL,
            device=str(self._device.pubkey()),
            instance=self._instance,
            nonce=self._nonce,
            exchange_key=exchange_key,
            hardware=self._hardware,
            simulated=self._facts.simulated is not None,
            confinement=self._station.confinement.name,
            country=self._facts.country,
            containers=self._station.engine is not None,
            network=self._options.allow_network,
            runs=self._book.briefs(),
        )

    # one connection

    async def _serve(self, session: Session) -> None:
        """Keep up a connection until it is lost. Raises `Lost` or `LinkRefused`."""
        self._welcome(session.welcome)
        self._outbox = asyncio.Queue()
        LOGGER.info(
            "connected",
            extra={
                "action": "connect",
                "orchestrator": self._facts.orchestrator,
                "simulated": self._facts.simulated is not None,
            },
        )
        self._book.reconnected()
        self._proofs.connected(self._nonce)
        self._send_hours()
        tasks = [
            asyncio.create_task(self._deliver(session, self._outbox), name="deliver"),
            asyncio.create_task(self._listen(session), name="listen"),
            asyncio.create_task(self._beat(session), name="beat"),
        ]
        now, meter = self._outside.clock.wall(), self._outside.meter
        measuring = asyncio.create_task(speed.tell(meter, self._folder.speed, now, self.send))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._outbox = None
            self._proofs.drop()
            await _end([*tasks, measuring])

    def _welcome(self, welcome: Welcome) -> None:
        self._counter.raise_to(welcome.counter)
        self._hour_length = welcome.hour_length
        self._meter.observe(welcome.chain_time, welcome.start, welcome.hour_length)
        self._meter.limit(welcome.hour_limits)
        self._meter.state_again()
        self._heartbeat_seconds = welcome.heartbeat_seconds
        self._station.statement_seconds = welcome.statement_seconds
        self._heard = self._outside.clock.monotonic()
        self._welcomed.set()

    async def _deliver(self, session: Session, outbox: asyncio.Queue[str]) -> None:
        while True:
            text = await outbox.get()
            await session.wire.send(text)
            outbox.task_done()

    async def _listen(self, session: Session) -> None:
        while True:
            self._take(await session.receive(), session.key)

    async def _beat(self, session: Session) -> None:
        counter = 0
        while True:
            counter += 1
            beat = Heartbeat(counter=counter, runs=self._book.briefs())
            self.send(beat.authenticated(session.key))
            # a spread, so that all nodes of an orchestrator do not fall into step
            spread = self._outside.spread(1 - SPREAD, 1 + SPREAD)
            await asyncio.sleep(self._heartbeat_seconds * spread)
            silence = self._outside.clock.monotonic() - self._heard
            if silence > PATIENCE * self._heartbeat_seconds + 5:
                raise Lost(f"the orchestrator has not answered for {silence:.0f} s")

    def _take(self, frame: ServerFrame, key: bytes) -> None:
        if isinstance(frame, HeartbeatAck):
            self._heard = self._outside.clock.monotonic()
            self._heartbeat_seconds = frame.heartbeat_seconds
            self._meter.observe(frame.chain_time, frame.start, self._hour_length)
            if self._meter.limit(frame.hour_limits):
                self._welcomed.set()
        elif isinstance(frame, Ping):
            # asked, because beats got lost or came late: being asked is a sign of life as well
            self._heard = self._outside.clock.monotonic()
            self.send(Pong(nonce=frame.nonce, runs=self._book.briefs()).authenticated(key))
        elif isinstance(frame, Refuse):
            raise refusal(frame)
        elif isinstance(frame, Challenge | Welcome):
            raise Lost(f"the orchestrator sent {frame.type} after the challenge")
        elif isinstance(frame, ProofChallenge | ProofOpen | ProofVerdict):
            self._proofs.take(frame)
        else:
            self._book.take(frame)


async def _kept_up(loop: Callable[[], Awaitable[None]]) -> None:
    """Run a loop for ever: what fails in it (a full disk, a defect) must not end jobs.

    Raises what is `FINAL`.
    """
    for wait in pauses():
        try:
            await loop()
        except FINAL:
            raise
        except Exception as error:
            logs.failed("a loop failed and starts again", error, {"action": "restart_loop"})
            await asyncio.sleep(wait)


async def _end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel what still runs; results are not asked for any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
