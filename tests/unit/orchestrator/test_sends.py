"""Every send of the orchestrator made twice, the second time by a process that knows nothing of the
first: money, states and events are as after one.

`docs/sends.md` lists the sends with what makes a second one harmless; nothing may be missing here
or there.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from orchestrator_gangs import joined, opened
from orchestrator_hours import close, earned, past
from orchestrator_network import key_of
from orchestrator_world import ASK, Worker, World
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_orchestrator.adapters.chain import ProgramChain
from iog_orchestrator.domain.errors import ChainRefused
from iog_orchestrator.ports import Prepared

PAGE = Path(__file__).parents[3] / "docs" / "sends.md"
DEVICES = {str(key_of(name).pubkey()): key_of(name) for name in ("device", "first", "second")}
LONG = 600
SECONDS = 5

State = dict[Pubkey, tuple[int, bytes]]
Events = Counter[tuple[str, bytes]]


class Killed(Exception):  # noqa: N818 - an outcome
    """the process is gone, and has recorded nothing of what it sent"""


class Twice:
    """A chain on which one send is made, made again from another process, and not recorded."""

    def __init__(self, world: World, send: str) -> None:
        self._world = world
        self._chain = other_process(world)
        self._name, _, self._kind = send.partition(" ")
        self._prepared: dict[str, tuple[str, tuple[Any, ...]]] = {}
        self.refused: str | None = None
        """The name of the program's error, where the second send was refused."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._chain, name)
        if name.startswith("prepare_"):
            return self._preparing(name, method)
        if name == self._name:
            return self._sending(name, method)
        return method

    def _preparing(
        self, name: str, method: Callable[..., Awaitable[Prepared]]
    ) -> Callable[..., Awaitable[Prepared]]:
        async def call(*args: Any) -> Prepared:
            prepared = await method(*args)
            self._prepared[prepared.message] = (name, args)
            return prepared

        return call

    def _sending(
        self, name: str, method: Callable[..., Awaitable[None]]
    ) -> Callable[..., Awaitable[None]]:
        async def call(*args: Any) -> None:
            await method(*args)
            if self._kind and self._prepared[args[0].message][0] != f"prepare_{self._kind}":
                return
            once = state(self._world), events(self._world)
            # a later block: the same words in a transaction of their own
            self._world.tick(1)
            try:
                await self._again(name, args)
            except ChainRefused as error:
                self.refused = error.name
            assert (state(self._world), events(self._world)) == once
            raise Killed

        return call

    async def _again(self, name: str, args: tuple[Any, ...]) -> None:
        """The same from a process that read the chain before the first send."""
        other = other_process(self._world)
        if name != "submit":
            await getattr(other, name)(*args)
            return
        preparing, told = self._prepared[args[0].message]
        prepared = await getattr(other, preparing)(*told)
        signature = DEVICES[args[1]].sign_message(base64.b64decode(prepared.message))
        await other.submit(prepared, args[1], str(signature))


def other_process(world: World) -> ProgramChain:
    return ProgramChain(world.rpc, world.matcher, world.matcher)


def state(world: World) -> State:
    """Every account of the programs, and every balance of IO."""
    owners = [addresses.TOKEN, addresses.STAKING, addresses.REWARDS, addresses.JOBS]
    return {
        address: (account.lamports, bytes(account.data))
        for owner in [*owners, addresses.SPL_TOKEN]
        for address, account in world.chain.program_accounts(owner, None, [])
    }


def events(world: World) -> Events:
    """What the programs have said, by the event's discriminator and what it is about."""
    found: Events = Counter()
    for program in (addresses.TOKEN, addresses.REWARDS, addresses.JOBS):
        for record in world.chain.records_of(program):
            if record.error is None:
                found.update(_said(record.meta["logs"], str(program)))
    return found


def _said(logs: list[str], program: str) -> Iterator[tuple[str, bytes]]:
    running: list[str] = []
    for line in logs:
        words = line.split()
        if words[-2:-1] == ["invoke"] and words[0] == "Program":
            running.append(words[1])
        elif words[0] == "Program" and words[2:3] in (["success"], ["failed:"]):
            running.pop()
        elif line.startswith("Program data: ") and running[-1] == program:
            data = base64.b64decode(words[-1])
            yield data[:8].hex(), data[8:]


def code(event: str) -> str:
    return hashlib.sha256(f"event:{event}".encode()).digest()[:8].hex()


@dataclass(frozen=True)
class Case:
    """A send: what leads to it, the event of it, and how the program refuses the second."""

    flow: Callable[[World], Awaitable[list[str]]]
    event: str
    refused: str | None


async def node(world: World, name: str = "device", **more: int) -> Worker:
    found = await world.node(name, **more)
    await found.connect()
    return found


async def until_assigned(world: World) -> list[str]:
    worker = await node(world)
    address = await world.open()
    await world.assigned(address, worker)
    return [address]


async def until_started(world: World) -> list[str]:
    worker = await node(world)
    address = await world.open()
    await world.running(address, worker)
    return [address]


async def until_proven(world: World) -> list[str]:
    worker = await node(world)
    job = await world.running(await world.open(world.spec(duration_seconds=LONG)), worker)
    world.tick(SECONDS)
    await worker.say(worker.statement("job", job.address, SECONDS, run=job.run))
    await world.core.cancelling(job)
    return [job.address]


async def until_finished(world: World) -> list[str]:
    worker = await node(world)
    address = await world.open()
    await world.finished(address, worker, SECONDS)
    return [address]


async def until_settled(world: World) -> list[str]:
    found = await until_finished(world)
    await world.step(found[0], 3)
    return found


async def until_given_up_by_its_node(world: World) -> list[str]:
    worker = await node(world)
    job = await world.running(await world.open(), worker)
    world.tick(SECONDS)
    await worker.end(job, SECONDS, reason="node_failed", code=None)
    await world.step(job.address)
    await worker.sign(job, "release")
    await world.step(job.address)
    return [job.address]


async def until_given_up(world: World) -> list[str]:
    worker, second = await node(world), await node(world, "second", ask=2 * ASK)
    job = await world.running(await world.open(world.spec(duration_seconds=LONG)), worker)
    worker.leave()
    world.tick(world.core.context.network.grace)
    await second.beat()
    await world.step(job.address, 2)
    return [job.address]


async def until_never_placed(world: World) -> list[str]:
    address = await world.open(wait=3)
    world.tick(3 + world.core.context.network.grace + 1)
    await world.core.sync.everything()
    await world.step(address, 3)
    return [address]


async def until_joined(world: World) -> list[str]:
    workers = await node(world, "first", gpus=4), await node(world, "second", gpus=4)
    gang = await opened(world, 2)
    await joined(gang, *workers)
    return gang.members


async def until_gang_started(world: World) -> list[str]:
    workers = await node(world, "first", gpus=4), await node(world, "second", gpus=4)
    gang = await opened(world, 2)
    await joined(gang, *workers)
    await gang.step(2)
    return gang.members


async def until_hour_closed(world: World) -> list[str]:
    await past(world, 1)
    await close(world)
    return []


async def until_proposed(world: World) -> list[str]:
    worker = await node(world)
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    return []


CASES = {
    "assign": Case(until_assigned, "JobAssigned", "DeadlineAhead"),
    "submit start": Case(until_started, "JobStarted", "WrongState"),
    "submit join": Case(until_joined, "JobJoined", "WrongState"),
    "start_member": Case(until_gang_started, "JobStarted", "WrongState"),
    "prove": Case(until_proven, "JobProved", "CounterOld"),
    "submit finish": Case(until_finished, "JobFinished", "WrongState"),
    "submit release": Case(until_given_up_by_its_node, "JobReleased", "NodeMismatch"),
    "release": Case(until_given_up, "JobReleased", "NodeMismatch"),
    "expire": Case(until_never_placed, "JobExpired", "WrongState"),
    "settle": Case(until_settled, "JobSettled", "AccountDataTooSmall"),
    "propose": Case(until_proposed, "RootProposed", "EpochNotNew"),
    "advance": Case(until_hour_closed, "EmissionAdvanced", None),
}


@pytest.mark.parametrize("send", CASES)
async def test_a_send_made_twice_does_what_one_does(world: World, send: str) -> None:
    case = CASES[send]
    twice = Twice(world, send)
    await world.restart(twice)  # type: ignore[arg-type]
    with pytest.raises(Killed):
        await case.flow(world)
    assert twice.refused == case.refused


@pytest.mark.parametrize("send", CASES)
async def test_killed_after_a_send_the_next_process_does_not_make_it_again(
    world: World, send: str
) -> None:
    await world.restart(Twice(world, send))  # type: ignore[arg-type]
    with pytest.raises(Killed):
        await CASES[send].flow(world)
    jobs = [row.job.address for row in await world.store.unsettled()]
    await world.restart()
    for _ in range(4):
        for address in jobs:
            await world.step(address)
        await close(world, 1)
    said = events(world)
    found = [about for kind, about in said.elements() if kind == code(CASES[send].event)]
    assert found
    assert len(found) == len({about[:33] for about in found})


def test_every_send_of_the_port_is_tried_here() -> None:
    tree = ast.parse(inspect.getsource(ProgramChain))
    senders = {
        method.name
        for method in ast.walk(tree)
        if isinstance(method, ast.AsyncFunctionDef) and not method.name.startswith("_")
        if _attributes(method) & {"_send", "send", "deliver"}
    }
    prepared = {
        f"submit {method.name.removeprefix('prepare_')}"
        for method in ast.walk(tree)
        if isinstance(method, ast.AsyncFunctionDef) and method.name.startswith("prepare_")
    }
    assert set(CASES) == (senders - {"submit"}) | prepared


def _attributes(method: ast.AsyncFunctionDef) -> set[str]:
    return {one.attr for one in ast.walk(method) if isinstance(one, ast.Attribute)}


def test_every_send_is_in_the_page_with_its_guard() -> None:
    rows = {
        cells[1].strip().strip("`"): cells[-2]
        for line in PAGE.read_text().splitlines()
        if line.startswith("| `") and (cells := line.split("|"))
    }
    assert set(rows) == set(CASES)
    for send, case in CASES.items():
        assert case.refused is None or f"`{case.refused}`" in rows[send]
