"""The nodes that are connected: admission, presence, and who takes what they send."""

import itertools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from iog_client.protocol import (
    Frame,
    Heartbeat,
    Hello,
    Ping,
    Pong,
    ProofCommit,
    ProofRefused,
    ProofRows,
    RunBrief,
    SignedStatement,
    Speed,
    Welcome,
    ack_text,
)
from iog_orchestrator.core.brake import Brake
from iog_orchestrator.core.chain_sync import ChainSync
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.mail import MailRoom
from iog_orchestrator.core.run_news import RunFrame, RunNews
from iog_orchestrator.core.sessions import Session
from iog_orchestrator.core.standing import Standing
from iog_orchestrator.core.statements import Statements, log_refused
from iog_orchestrator.domain.connectivity import tier
from iog_orchestrator.domain.errors import DeviceInUse, RequestRefused
from iog_orchestrator.domain.jobs import ChainJob
from iog_orchestrator.domain.meter import Reading
from iog_orchestrator.domain.nodes import Presence

log = logging.getLogger(__name__)


ProofAnswer = ProofCommit | ProofRows | ProofRefused
FRESH = 0.5
"""Seconds for which it is known enough which nodes are silent."""


class Agents:
    """Sessions by device, and the reaction to each frame."""

    def __init__(
        self,
        context: Context,
        sync: ChainSync,
        statements: Statements,
        mail: MailRoom,
        standing: Standing,
    ) -> None:
        self._context = context
        self._sync = sync
        self._statements = statements
        self._mail = mail
        self._standing = standing
        self.news = RunNews(context, sync, statements, mail)
        self._numbers = itertools.count(1)
        self.sessions: dict[str, Session] = {}
        self.on_proof: Callable[[Session, ProofAnswer], Awaitable[None]] | None = None
        """Who judges GPU proofs; set when there is one."""
        self._gone: dict[str, Session] = {}
        """The last connection of each device that has none."""
        self._checked_at = 0.0
        self.brake = Brake(context.pace.brake, context.ports.clock.monotonic)

    async def admit(self, hello: Hello) -> None:
        """Whether a node may connect. Raises `RequestRefused` with the reason it is sent."""
        if hello.simulated and not self._context.network.allow_simulated:
            raise RequestRefused("this network takes no simulated GPUs")
        self._standing.gpus.require_honest(hello)
        if await self._sync.node(hello.device) is None:
            raise RequestRefused(f"the device {hello.device} is not registered")
        self._require_free(hello)

    def _require_free(self, hello: Hello) -> None:
        """Raises `DeviceInUse` while another worker holds the device's connection and is heard.

        A connection that only seems open, as after a cut of the network, is silent; and the worker
        that holds it is the same instance, so it need not wait for that.
        """
        holder = self.sessions.get(hello.device)
        if holder is None or holder.instance == hello.instance or not self._is_heard(holder):
            return
        clock, silence = self._context.ports.clock, self._silence(holder)
        since = datetime.fromtimestamp(holder.since, UTC)
        raise DeviceInUse(
            f"another worker with this device key is connected since {since:%Y-%m-%d %H:%M:%S} UTC "
            f"and was heard {clock.monotonic() - holder.heard_at:.0f} s ago; a device key is for "
            f"one worker, and free after {silence:g} s without a heartbeat"
        )

    def _is_heard(self, session: Session) -> bool:
        passed = self._context.ports.clock.monotonic() - session.heard_at
        return passed <= self._silence(session)

    def _silence(self, session: Session) -> float:
        return session.silence(self._context.pace.missed_heartbeats)

    @property
    def interval(self) -> float:
        """Seconds between two heartbeats that nodes are told now."""
        return self._context.pace.interval(len(self.sessions))

    async def connected(self, hello: Hello) -> tuple[Session, Welcome]:
        """A node has proven its key: it is present from now on. Raises `DeviceInUse`."""
        # all waiting before the node is present: whoever finds a session finds a whole one
        counter = await self._statements.counter(hello.device)
        await self._statements.presences.arrived(hello.device, hello.simulated, hello.runs)
        await self._standing.gpus.arrived(hello.device, [one.uuid for one in hello.hardware.gpus])
        # again: another may have been admitted while this one waited
        self._require_free(hello)
        session = self._opened(hello)
        self.sessions[hello.device] = session
        self._context.known.connected[hello.device] = session.number
        session.told(self.interval)
        self._gone.pop(hello.device, None)
        self.brake.returned(hello.device)
        self._context.known.presence[hello.device] = _presence_of(hello)
        self._context.refresh(hello.device)
        log.info("node connected", extra={"action": "node_connected", "device": hello.device})
        return session, self._welcome(session, counter)

    def _opened(self, hello: Hello) -> Session:
        clock = self._context.ports.clock
        return Session(
            next(self._numbers),
            hello.device,
            hello.instance,
            since=clock.wall(),
            heard_at=clock.monotonic(),
            seen_at=clock.wall(),
            runs={brief.job: brief for brief in hello.runs},
            nonce=hello.nonce,
            gpus=tuple(gpu.uuid for gpu in hello.hardware.gpus),
        )

    def _welcome(self, session: Session, counter: int) -> Welcome:
        network, pace = self._context.network, self._context.pace
        return Welcome(
            genesis_hash=network.genesis_hash,
            jobs_program=network.programs["iog_jobs"],
            idl_hashes=network.idl_hashes,
            chain_time=self._context.ports.chain_clock.now(),
            start=self._context.known.emission.start,
            hour_length=network.hour_length,
            heartbeat_seconds=session.interval,
            statement_seconds=pace.statement,
            counter=counter,
            hour_limits=self._hour_limits(session.device),
        )

    async def welcomed(self, session: Session) -> None:
        """After the welcome went out: compare the runs that the node holds with the chain's."""
        for brief in session.runs.values():
            await self.news.compare(session.device, brief)
        for job in self._context.known.jobs.values():
            if job.device == session.device:
                self._mail.wake(job.address)

    def disconnected(self, session: Session, *, ending: bool = False) -> None:
        """A connection is gone; a newer one of the same node stays.

        `ending`: this process ended it, because it ends itself.
        """
        if self.sessions.get(session.device) is not session:
            return
        self._gone[session.device] = self.sessions.pop(session.device)
        self._context.known.connected.pop(session.device, None)
        self._statements.presences.left(session.device)
        self._standing.gpus.left(session.device)
        self._presence(session.device, connected=False, heard=False)
        if not ending:
            # silent ones among them count as there: to look at all for each that goes is too much
            self.brake.vanished([session.device], len(self.sessions), self._silence(session))
        log.info("node gone", extra={"action": "node_gone", "device": session.device})

    def check(self) -> list[str]:
        """Liveness: which nodes missed too many heartbeats, by the monotonic clock."""
        self._checked_at = self._context.ports.clock.monotonic()
        silent = []
        for session in self.sessions.values():
            heard = self._is_heard(session)
            if not heard:
                silent.append(session.device)
            self._presence(session.device, connected=True, heard=heard)
        window = self._context.pace.missed_heartbeats * self.interval
        self.brake.vanished(silent, len(self.sessions) - len(silent), window)
        return silent

    async def ask(self, device: str) -> None:
        """Ask a silent node whether it is there."""
        session = self.sessions.get(device)
        if session is not None:
            await self._context.ports.link.send(device, Ping(nonce=session.ask()))

    def patience(self) -> float:
        """Seconds for which nobody is given up, because this process suspects itself."""
        if self._context.ports.clock.monotonic() - self._checked_at >= FRESH:
            self.check()
        return self.brake.left

    def session_of(self, device: str) -> int:
        """Number of the node's connection; 0 while it has none."""
        session = self.sessions.get(device)
        return session.number if session else 0

    def run_heard_at(self, job: ChainJob) -> float:
        """When (monotonic) the node of a running job was last heard of with that run; 0 for not
        over its last connection."""
        session = self.sessions.get(job.device) or self._gone.get(job.device)
        brief = session.runs.get(job.address) if session else None
        return session.heard_at if session and brief and brief.run == job.run else 0.0

    def heartbeat(self, session: Session, beat: Heartbeat) -> str:
        """Take a sign of life whose code and counter were checked; the text of its answer."""
        now = self._heard(session, beat.runs)
        session.told(self.interval)
        return ack_text(
            beat.counter,
            session.interval,
            now.chain,
            now.start,
            self._hour_limits(session.device, now),
        )

    def _answered(self, session: Session, pong: Pong) -> None:
        """An answer whose code was checked: as good as a heartbeat."""
        session.answered(pong.nonce)
        self._heard(session, pong.runs)

    def _measured(self, session: Session, speed: Speed) -> None:
        seen = self._context.known.presence.get(session.device)
        if seen is not None:
            found = tier(speed.down, speed.up, session.round_trip)
            self._context.known.presence[session.device] = replace(seen, connectivity=found)
            self._context.refresh(session.device)

    def _heard(self, session: Session, runs: list[RunBrief]) -> Reading:
        clock = self._context.ports.clock
        session.heard(clock.monotonic(), clock.wall(), runs)
        self._presence(session.device, connected=True, heard=True)
        self.brake.returned(session.device)
        return self._statements.presences.heard(session.device, self._silence(session))

    def _hour_limits(self, device: str, now: Reading | None = None) -> list[tuple[int, int]]:
        return self._statements.presences.hour_limits(device, self._statements.closed_hour, now)

    async def received(self, session: Session, frame: Frame) -> None:
        """Act on a frame. Raises `RequestRefused` for one that breaks the rules."""
        device = session.device
        if isinstance(frame, SignedStatement):
            await self._statement(device, frame)
        elif isinstance(frame, Pong):
            self._answered(session, frame)
        elif isinstance(frame, Speed):
            self._measured(session, frame)
        elif isinstance(frame, RunFrame):
            await self.news.take(device, frame)
        elif isinstance(frame, ProofAnswer) and self.on_proof is not None:
            await self.on_proof(session, frame)
        else:
            raise RequestRefused(f"a frame {type(frame).__name__} is not expected here")

    def stated(self, device: str, frame: SignedStatement) -> bool:
        """Take a statement if nothing has to be read for it; whether that was so."""
        if not self._statements.is_ready(device, frame):
            return False
        self._take(device, frame)
        return True

    async def _statement(self, device: str, frame: SignedStatement) -> None:
        await self._statements.prepare(device, frame)
        self._take(device, frame)

    def _take(self, device: str, frame: SignedStatement) -> None:
        try:
            self._statements.take(device, frame)
        except RequestRefused as error:
            # Not the end of the connection: a late or repeated statement is common after a break.
            log_refused(frame, device, error)
        else:
            if frame.kind == "job":
                self._mail.wake(frame.subject)

    def _presence(self, device: str, *, connected: bool, heard: bool) -> None:
        seen = self._context.known.presence.get(device)
        if seen is None or (seen.connected, seen.heard) == (connected, heard):
            return
        self._context.known.presence[device] = replace(seen, connected=connected, heard=heard)
        self._context.refresh(device)
        self._context.changed.open()


def _presence_of(hello: Hello) -> Presence:
    memories = [gpu.memory for gpu in hello.hardware.gpus]
    return Presence(
        device=hello.device,
        connected=True,
        heard=True,
        memory=min(memories, default=0),
        gpu_count=len(memories),
        gpu_class=hello.hardware.gpu_class,
        simulated=hello.simulated,
        confinement=hello.confinement,
        country=hello.country,
        # a tenth is the machine's own, as its worker keeps it back
        cpus=hello.hardware.cpus,
        ram=hello.hardware.memory * 9 // 10,
        disk=hello.hardware.disk * 9 // 10,
        containers=hello.containers,
        network=hello.network,
    )
