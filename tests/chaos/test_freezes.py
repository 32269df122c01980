"""Processes that stand still and go on: as a machine does that swaps, or sleeps."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.chaos.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECONDS = {"orchestrator": 10.0, "alan": 6.0, "chain": 6.0}
"""Longer than what each is waited for: a worker gives a connection up after 7.5 s, a node is
silent after 2.5 s."""


async def frozen(world: World, name: str, seconds: float) -> None:
    """Stop a process for so long."""
    world.processes.freeze(name)
    try:
        await asyncio.sleep(seconds)
    finally:
        world.processes.thaw(name)


@pytest.mark.parametrize(
    "name",
    ["orchestrator", *(pytest.param(one, marks=pytest.mark.long) for one in ("alan", "chain"))],
)
async def test_one(world: World, chance: random.Random, name: str, number: int) -> None:
    label = "worker" if name == "alan" else name
    async with world.ordeal(f"SIGSTOP of the {label} for {SECONDS[name]:.0f} s", chance):
        await asyncio.sleep(chance.uniform(0, 2))
        await frozen(world, name, SECONDS[name])


@pytest.mark.long
async def test_a_worker_until_its_runs_are_given_up(
    world: World, chance: random.Random, number: int
) -> None:
    async with world.ordeal("SIGSTOP of the worker for 30 s, its runs given up", chance):
        await frozen(world, chance.choice(("ada", "alan")), 30)


@pytest.mark.long
async def test_a_chain_for_longer_than_a_request_may_take(
    world: World, chance: random.Random, number: int
) -> None:
    async with world.ordeal("SIGSTOP of the chain for 40 s", chance):
        await frozen(world, "chain", 40)
