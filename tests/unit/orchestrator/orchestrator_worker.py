"""A node that does what a test tells it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orchestrator_network import HOUR, SLUG
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client.protocol import (
    Assign,
    Ended,
    Frame,
    Gpu,
    Hardware,
    Heartbeat,
    Hello,
    OutputFile,
    RunBrief,
    RunUpdate,
    Signed,
    SignedStatement,
    SignRequest,
    nonce,
    result_hash,
)
from iog_client.statements import Statement
from iog_orchestrator.core.sessions import Session
from iog_orchestrator.domain.jobs import ChainJob

if TYPE_CHECKING:
    from orchestrator_world import World


@dataclass
class Worker:
    """A node that does what a test tells it."""

    world: World
    key: Keypair
    gpus: int
    counter: int = 0
    beats: int = 0
    session: Session | None = None
    runs: list[RunBrief] = field(default_factory=list)
    instance: str = field(default_factory=nonce)

    @property
    def device(self) -> str:
        return str(self.key.pubkey())

    @property
    def frames(self) -> list[Frame]:
        """Frames received on this connection."""
        return self.world.link.frames[self.device]  # type: ignore[return-value]

    def hello(self, slug: str = SLUG, simulated: bool = True) -> Hello:
        gpus = [
            Gpu(name="NVIDIA H100 PCIe", uuid=f"{self.device}-{index}", memory=81_559)
            for index in range(self.gpus)
        ]
        return Hello(
            protocol=1,
            device=self.device,
            instance=self.instance,
            nonce=nonce(),
            exchange_key="0" * 64,
            hardware=Hardware(gpus=gpus, gpu_class=slug, cpus=8, memory=1, disk=1),
            simulated=simulated,
            confinement="bubblewrap",
            runs=self.runs,
        )

    async def connect(self) -> None:
        agents = self.world.core.agents
        await agents.admit(self.hello())
        self.world.link.frames[self.device] = []
        self.session, _ = await agents.connected(self.hello())
        await agents.welcomed(self.session)
        self.world.place()

    def leave(self) -> None:
        assert self.session is not None
        self.world.core.agents.disconnected(self.session)
        self.world.link.frames.pop(self.device, None)

    async def beat(self) -> None:
        assert self.session is not None
        self.beats += 1
        self.world.core.agents.heartbeat(
            self.session, Heartbeat(counter=self.beats, runs=self.runs)
        )

    async def state(self, said: SignedStatement) -> None:
        """Have a statement checked. Raises `RequestRefused`."""
        statements = self.world.core.statements
        await statements.prepare(self.device, said)
        statements.take(self.device, said)

    async def say(self, frame: Frame) -> None:
        assert self.session is not None
        await self.world.core.agents.received(self.session, frame)

    def last(self, kind: type[Frame]) -> Frame:
        """The newest frame of a kind."""
        return next(one for one in reversed(self.frames) if isinstance(one, kind))

    async def ready(self) -> None:
        """Have prepared the run that was handed out last."""
        given = self.last(Assign)
        assert isinstance(given, Assign)
        await self.say(RunUpdate(job=given.job, run=given.run, state="ready"))

    async def say_ready(self, given: Assign) -> None:
        """Have prepared a run."""
        await self.say(RunUpdate(job=given.job, run=given.run, state="ready"))

    async def sign_for(self, job: ChainJob, what: str) -> None:
        """Sign what was asked for last about one job, of several on this node."""
        asked = [
            one for one in self.frames if isinstance(one, SignRequest) and one.job == job.address
        ]
        assert asked[-1].what == what
        signature = self.key.sign_message(base64.b64decode(asked[-1].message))
        await self.say(
            Signed(job=job.address, run=job.run, what=asked[-1].what, signature=str(signature))
        )

    async def sign(self, job: ChainJob, what: str) -> None:
        request = self.last(SignRequest)
        assert isinstance(request, SignRequest)
        assert request.what == what
        signature = self.key.sign_message(base64.b64decode(request.message))
        await self.say(
            Signed(job=job.address, run=job.run, what=request.what, signature=str(signature))
        )

    def statement(self, kind: str, subject: str, seconds: int, run: int = 0) -> SignedStatement:
        self.counter += 1
        genesis = Hash.from_string(self.world.record.genesis_hash)
        device = self.key.pubkey()
        if kind == "hour":
            made = Statement.for_hour(
                genesis, addresses.JOBS, device, int(subject), self.counter, seconds
            )
        else:
            job = Pubkey.from_string(subject)
            made = Statement.for_job(
                genesis, addresses.JOBS, device, job, run, self.counter, seconds
            )
        return SignedStatement(
            kind="hour" if kind == "hour" else "job",
            subject=subject,
            run=run,
            counter=self.counter,
            seconds=seconds,
            signature=str(made.sign(self.key)),
        )

    async def hour_statement(self, hour: int, seconds: int = HOUR) -> None:
        await self.say(self.statement("hour", str(hour), seconds))

    async def end(
        self,
        job: ChainJob,
        seconds: int,
        reason: str = "completed",
        outputs: Sequence[OutputFile] = (),
        code: int | None = 0,
        image: str | None = None,
    ) -> None:
        if seconds:
            await self.say(self.statement("job", job.address, seconds, job.run))
        await self.say(
            Ended(
                job=job.address,
                run=job.run,
                reason=reason,
                exit_code=code,
                outputs=list(outputs),
                seconds=seconds,
                image=image,
                result_hash=result_hash(reason, code, list(outputs), image),
            )
        )
