"""The orchestrator killed at each step of a job's way, before or after the step took effect."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from orchestrator_world import ASK, Worker, World

from iog_client.protocol import (
    Assign,
    Cancel,
    EndedAck,
    Frame,
    RunBrief,
    RunState,
    RunUpdate,
    SignRequest,
    Started,
)
from iog_orchestrator.adapters.chain import ProgramChain
from iog_orchestrator.domain.jobs import ChainJob, JobState

SECONDS = 5
STEPS = ("assign", "prepare_start", "submit", "prepare_finish", "submit again", "settle")


class Killed(Exception):  # noqa: N818 - an outcome
    """the process is gone"""


class Deadly:
    """A chain that ends the process at a call, before or after it took effect."""

    def __init__(self, chain: ProgramChain, step: str, after: bool) -> None:
        self._chain = chain
        self._name, _, again = step.partition(" ")
        self._skip = 1 if again else 0
        self._after = after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._chain, name)
        return self._killing(method) if name == self._name else method

    def _killing(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any) -> Any:
            if self._skip:
                self._skip -= 1
                return await method(*args)
            if self._after:
                await method(*args)
            raise Killed

        return call


class Robot:
    """A worker that answers every frame as a real one does, and remembers its run."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._read = 0
        self._ended = False

    async def reconnect(self) -> None:
        """A new connection, after which what was not acknowledged is said again."""
        self._read = 0
        await self.worker.connect()

    async def answer(self, job: ChainJob) -> None:
        """React to all new frames."""
        while self._read < len(self.worker.frames):
            frame = self.worker.frames[self._read]
            self._read += 1
            await self._react(frame, job)
        if self._ended:
            await self.worker.end(job, SECONDS)
            self._ended = False

    async def _react(self, frame: Frame, job: ChainJob) -> None:
        if isinstance(frame, Assign):
            self._become(frame.job, frame.run, "ready")
            await self.worker.say(RunUpdate(job=frame.job, run=frame.run, state="ready"))
        elif isinstance(frame, SignRequest):
            await self.worker.sign(job, frame.what)
        elif isinstance(frame, Started) and self.worker.runs[0].state != "ended":
            self.worker.world.tick(SECONDS)
            await self.worker.world.core.sync.time()
            self._become(frame.job, frame.run, "ended")
            self._ended = True
        elif isinstance(frame, EndedAck | Cancel):
            self.worker.runs = []

    def say_end_again(self) -> None:
        """What a worker does whose end is not acknowledged after a reconnection."""
        self._ended = bool(self.worker.runs) and self.worker.runs[0].state == "ended"

    def _become(self, job: str, run: int, state: RunState) -> None:
        self.worker.runs = [RunBrief(job=job, run=run, state=state)]


async def drive(world: World, robot: Robot, address: str) -> None:
    """Step until the job is settled."""
    for _ in range(40):
        await world.step(address)
        job = await world.job(address)
        if job.state is JobState.SETTLED:
            return
        await robot.answer(job)
    pytest.fail(f"the job is still {job.state.label}")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_a_step_it_goes_on_and_pays_once(
    world: World, step: str, after: bool
) -> None:
    worker = await world.node()
    owner, client = await world.balance(world.owner), await world.balance(world.client)
    chain = ProgramChain(world.rpc, world.matcher, world.matcher)
    await world.restart(Deadly(chain, step, after))  # type: ignore[arg-type]
    robot = Robot(worker)
    await robot.reconnect()
    address = await world.open()
    with pytest.raises(Killed):
        await drive(world, robot, address)
    await world.restart()
    await robot.reconnect()
    robot.say_end_again()
    await drive(world, robot, address)
    gross, fee = ASK * SECONDS, 13
    assert await world.balance(world.client) == client - gross - fee
    assert await world.balance(world.owner) == owner + gross - fee
    assert (await world.job(address)).proven_seconds == SECONDS


async def test_killed_and_restarted_without_its_worker_nothing_is_lost(world: World) -> None:
    worker = await world.node()
    await worker.connect()
    address = await world.open()
    await world.running(address, worker)
    await world.restart()
    await world.step(address, 2)
    assert (await world.job(address)).state is JobState.RUNNING
    assert world.core.context.fleet.free(worker.device) == 7


async def test_an_assigned_job_keeps_its_gpus_over_a_restart(world: World) -> None:
    worker = await world.node()
    await worker.connect()
    await world.assigned(await world.open(), worker)
    await world.restart()
    assert world.core.context.fleet.free(worker.device) == 7
