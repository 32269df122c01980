"""Wall clocks that are set, back and forth, while everything runs; the monotonic clock goes on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chaos.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETTER = Path(__file__).parent / "clock"
NAMES = ("orchestrator", "ada", "alan")
STEPS = {"an hour ahead": 3600, "an hour behind": -3600, "half a minute ahead": 30}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clocks(world: World) -> AsyncIterator[dict[str, Path]]:
    """A file for each process that says how far its wall clock is off."""
    files = {name: world.folder / f"{name}.clock" for name in NAMES}
    for name, file in files.items():
        set_clock(file, 0)
        world.processes.env[name] = {"PYTHONPATH": str(SETTER), "IOG_CHAOS_CLOCK": str(file)}
    await world.processes.stop(*NAMES)
    await world.restart(*NAMES)
    await world.nodes_ready()
    yield files


def set_clock(file: Path, seconds: int) -> None:
    """At once, for what reads it may do so at any moment."""
    new = file.with_suffix(".new")
    new.write_text(str(seconds))
    new.replace(file)


@pytest.mark.long
@pytest.mark.parametrize("name", ["orchestrator", "alan"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_step(
    world: World,
    clocks: dict[str, Path],
    chance: random.Random,
    name: str,
    step: str,
    number: int,
) -> None:
    label = "worker" if name == "alan" else name
    async with world.ordeal(f"the {label}'s clock {step}", chance):
        set_clock(clocks[name], STEPS[step])
        await asyncio.sleep(5)
        set_clock(clocks[name], 0)


async def test_to_and_fro(
    world: World, clocks: dict[str, Path], chance: random.Random, number: int
) -> None:
    async with world.ordeal("all clocks set to and fro", chance):
        for _ in range(10):
            for file in clocks.values():
                set_clock(file, chance.randrange(-7200, 7200))
            await asyncio.sleep(1)
        for file in clocks.values():
            set_clock(file, 0)
