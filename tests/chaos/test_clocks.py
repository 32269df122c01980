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
LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
NAMES = ("orchestrator", "ada", "alan")
STEPS = {"an hour ahead": "+3600s", "an hour behind": "-3600s", "half a minute ahead": "+30s"}


def installed() -> bool:
    """Whether there is what sets a process's clock."""
    return LIBRARY.exists()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clocks(world: World) -> AsyncIterator[dict[str, Path]]:
    """A file for each process that says how far its wall clock is off."""
    if not installed():
        pytest.skip("no clock can be set: libfaketime is not there (apt-get install faketime)")
    files = {name: world.folder / f"{name}.clock" for name in NAMES}
    for name, file in files.items():
        file.write_text("+0s")
        world.processes.env[name] = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
    await world.processes.stop(*NAMES)
    await world.restart(*NAMES)
    yield files


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
        clocks[name].write_text(STEPS[step])
        await asyncio.sleep(5)
        clocks[name].write_text("+0s")


async def test_to_and_fro(
    world: World, clocks: dict[str, Path], chance: random.Random, number: int
) -> None:
    async with world.ordeal("all clocks set to and fro", chance):
        for _ in range(10):
            for file in clocks.values():
                file.write_text(f"{chance.randrange(-7200, 7200):+d}s")
            await asyncio.sleep(1)
        for file in clocks.values():
            file.write_text("+0s")
