"""A Solana node between orchestrator and chain that is slow, cuts, repeats, lags or lies."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from iog_client.rpc import APART
from tests.chaos import between
from tests.chaos.between import Harm, MeddlingNode
from tests.chaos.faults import short
from tests.chaos.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY = 86_400
HARMS: dict[str, Callable[[random.Random], Harm]] = {
    "is slow": lambda _: between.slow(2),
    "cuts answers off": between.cutting,
    "does everything twice": lambda _: between.repeating,
    "answers nonsense": lambda _: between.babbling,
    "lags behind": lambda _: between.lagging(),
    "says that it is tomorrow": lambda _: between.lying(DAY),
    "says that it is yesterday": lambda _: between.lying(-DAY),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(world: World) -> AsyncIterator[MeddlingNode]:
    """The orchestrator asks this one."""
    found = MeddlingNode(world.rpc_url)
    async with found.running():
        world.processes.more["orchestrator"] = ("--rpc", found.url)
        await world.processes.stop("orchestrator")
        await world.restart("orchestrator")
        yield found


@pytest.mark.parametrize("how", short(HARMS, "cuts answers off", "says that it is tomorrow"))
async def test_a_node(
    world: World, node: MeddlingNode, chance: random.Random, how: str, number: int
) -> None:
    async with world.ordeal(f"a Solana node that {how}", chance):
        before = node.harmed
        with node.harm(HARMS[how](chance)):
            await asyncio.sleep(6)
        assert node.harmed > before


@pytest.mark.long
async def test_a_node_that_goes_back(
    world: World, node: MeddlingNode, chance: random.Random, number: int
) -> None:
    begun = await world.rpc.slot()
    while await world.rpc.slot() < begun + 2 * APART:
        await asyncio.sleep(1)
    async with world.ordeal("a Solana node that goes back", chance):
        before = refusals(world)
        with node.harm(between.going_back(node.past)):
            await asyncio.sleep(6)
        assert refusals(world) > before


def refusals(world: World) -> int:
    """How often up to now the orchestrator did not take what the node said of the past."""
    said = (world.folder / "logs" / "orchestrator.log").read_text()
    return said.count("it has gone back from slot")
