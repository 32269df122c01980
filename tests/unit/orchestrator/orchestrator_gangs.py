"""A gang of the orchestrator's tests: opened on chain, prepared, joined."""

from __future__ import annotations

from orchestrator_world import Worker, World

from iog_client import addresses, gangs, jobs
from iog_client.jobspec import JobSpec, Resources
from iog_client.protocol import Assign
from iog_client.transactions import Sender
from iog_orchestrator.domain.jobs import ChainJob

WAIT = 60


class Gang:
    """A gang on chain, whose jobs are driven together."""

    def __init__(self, world: World, members: list[str]) -> None:
        self.world = world
        self.members = members

    async def step(self, times: int = 1) -> None:
        for _ in range(times):
            for address in self.members:
                await self.world.core.runs.step(address)
            self.world.place()

    async def jobs(self) -> list[ChainJob]:
        return [await self.world.job(address) for address in self.members]

    async def states(self) -> list[str]:
        return [job.state.label for job in await self.jobs()]

    async def why(self) -> str:
        """What keeps the first member waiting."""
        return self.world.core.placing.notes[self.members[0]]


async def opened(
    world: World, many: int, *, spec: JobSpec | None = None, wait: int = WAIT, left_out: int = 0
) -> Gang:
    """A gang with its members announced and opened, `left_out` of them not."""
    spec = spec or world.spec(resources=Resources(gpus=4))
    sender, matcher = Sender(world.rpc, world.client), world.matcher.pubkey()
    number, _ = await gangs.open_gang(sender, world.client, many, wait, matcher)
    gang = addresses.gang(world.client.pubkey(), number)
    members = []
    for _ in range(many - left_out):
        members.append(await world.submit(spec))
        job = await jobs.next_number(world.rpc, world.client.pubkey())
        terms = jobs.Terms.of(spec, matcher, window=0, wait=wait)
        await jobs.open_job(sender, world.client, job, terms, gang)
    await world.core.sync.everything()
    return Gang(world, members)


async def prepared(gang: Gang, *workers: Worker) -> None:
    """Bring the gang to where every worker has prepared what it was given."""
    await gang.step(2)
    for worker in workers:
        for frame in [one for one in worker.frames if isinstance(one, Assign)]:
            await worker.say_ready(frame)


async def joined(gang: Gang, *workers: Worker) -> None:
    """Bring it to where all members have joined."""
    await prepared(gang, *workers)
    await gang.step(3)
    for worker in workers:
        for job in await gang.jobs():
            if job.device == worker.device:
                await worker.sign_for(job, "join")
    await gang.step()
