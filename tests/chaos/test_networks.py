"""A worker in a network namespace of its own, whose line to the orchestrator is cut, slow or lossy;
and one to which every byte comes late."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import subprocess
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chaos.faults import short
from tests.chaos.late import LateLine
from tests.chaos.line import Line
from tests.chaos.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
FAR, LATE = "alan", "ada"
CUTS = {"for 2 s": 2.0, "for 12 s, its node silent": 12.0}
LOSSES = {"5 %": 5, "30 %": 30}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(world: World) -> AsyncIterator[Line]:
    """One node's worker behind a cable."""
    with contextlib.ExitStack() as made:
        try:
            laid = made.enter_context(Line.laid())
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no network namespace can be made here: that takes root and iproute2")
        world.processes.more["orchestrator"] = ("--host", "0.0.0.0")
        world.processes.before[FAR] = ("ip", "netns", "exec", laid.space)
        await world.processes.stop("orchestrator", FAR)
        await world.restart("orchestrator")
        async with world.rerouted(FAR, f"http://{laid.here}:{world.api_url.rsplit(':', 1)[1]}"):
            yield laid


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def late_line(world: World) -> AsyncIterator[LateLine]:
    """The other node's worker behind a line that may be late."""
    found = LateLine(world.api_url)
    async with found.running(), world.rerouted(LATE, found.url):
        yield found


@pytest.mark.parametrize("how", short(CUTS, "for 12 s, its node silent"))
async def test_cut(world: World, line: Line, chance: random.Random, how: str, number: int) -> None:
    async with world.ordeal(f"a worker's network cut {how}", chance):
        await asyncio.sleep(chance.uniform(0, 2))
        with line.cut():
            await asyncio.sleep(CUTS[how])


@pytest.mark.long
async def test_cut_until_its_runs_are_given_up(
    world: World, line: Line, chance: random.Random, number: int
) -> None:
    async with world.ordeal("a worker's network cut for 35 s, its runs given up", chance):
        with line.cut():
            await asyncio.sleep(35)


@pytest.mark.long
async def test_slow(world: World, line: Line, chance: random.Random, number: int) -> None:
    async with world.ordeal("a worker's network at 64 kbit/s", chance):
        with line.slow("64kbit"):
            await asyncio.sleep(8)


@pytest.mark.long
async def test_on_and_off(world: World, line: Line, chance: random.Random, number: int) -> None:
    async with world.ordeal("a worker's network on and off", chance):
        for _ in range(8):
            with line.cut():
                await asyncio.sleep(chance.uniform(0.1, 3))
            await asyncio.sleep(chance.uniform(0.1, 2))


def given_up(world: World) -> int:
    """How many runs up to now were given up because their node was not heard of."""
    said = (world.folder / "logs" / "orchestrator.log").read_text()
    return said.count('"run given up: its node is lost"')


@pytest.mark.long
@pytest.mark.parametrize("share", LOSSES)
async def test_loss(
    world: World, line: Line, chance: random.Random, share: str, number: int
) -> None:
    if shutil.which("nft") is None:
        pytest.skip("no packets can be lost here: that takes nftables")
    async with world.ordeal(f"a worker's network that loses {share} of its packets", chance):
        before = given_up(world)
        with line.lossy(LOSSES[share]):
            await asyncio.sleep(20)
            assert line.lost() > 0
        # TCP sends again what is lost, in time as long as it is little
        assert LOSSES[share] > 5 or given_up(world) == before


@pytest.mark.long
async def test_delay(world: World, late_line: LateLine, chance: random.Random, number: int) -> None:
    async with world.ordeal("a worker's network with 300 ms of delay each way", chance):
        before = given_up(world)
        with late_line.by(0.3, 0.1, chance):
            await asyncio.sleep(12)
        assert late_line.late > 0
        assert given_up(world) == before
