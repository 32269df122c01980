"""kill -9 at random moments: of each process alone, of several together, and of jobs' keepers."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal

import pytest
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer

from iog_client.amounts import SOL
from iog_client.transactions import Sender
from iog_worker import supervisor
from tests.chaos.world import FLEETS, World

pytestmark = pytest.mark.asyncio(loop_scope="module")
WORKERS = tuple(fleet.owner for fleet in FLEETS)
PAYING = 8
"""Transfers on their way at the same time."""
KNOWN_WITHIN = 60.0


async def killed(world: World, chance: random.Random, names: tuple[str, ...]) -> None:
    """Kill these after a moment, and start them again after another."""
    await asyncio.sleep(chance.uniform(0, 3))
    await world.processes.kill(*names)
    await asyncio.sleep(chance.uniform(0, 2))
    await world.restart(*names)


@pytest.mark.long
@pytest.mark.parametrize("name", ["orchestrator", "worker", "chain"])
async def test_one(world: World, chance: random.Random, name: str, number: int) -> None:
    chosen = chance.choice(WORKERS) if name == "worker" else name
    async with world.ordeal(f"kill -9 of the {name}", chance):
        await killed(world, chance, (chosen,))


async def test_all_at_once(world: World, chance: random.Random, number: int) -> None:
    async with world.ordeal("kill -9 of everything at once", chance):
        await killed(world, chance, ("chain", "orchestrator", *WORKERS))


@pytest.mark.long
@pytest.mark.parametrize(
    "names", [("orchestrator", "ada"), ("chain", "orchestrator"), ("chain", "alan")]
)
async def test_two(
    world: World, chance: random.Random, names: tuple[str, ...], number: int
) -> None:
    async with world.ordeal("kill -9 of two at once", chance):
        await killed(world, chance, names)


async def test_a_job_s_supervisor(world: World, chance: random.Random, number: int) -> None:
    async with world.ordeal("kill -9 of a job's supervisor", chance):
        await asyncio.sleep(chance.uniform(0, 2))
        os.kill(await keeper(world, chance), signal.SIGKILL)


async def keeper(world: World, chance: random.Random) -> int:
    """Process number of the supervisor of a job that runs now."""
    async with asyncio.timeout(30):
        while True:
            found = sorted(world.folder.glob(f"nodes/*/runs/*/{supervisor.SELF}"))
            live = [path for path in found if not (path.parent / supervisor.EXIT).exists()]
            if live:
                return int(json.loads(chance.choice(live).read_text())["pid"])
            await asyncio.sleep(0.02)


@pytest.mark.long
async def test_again_and_again(world: World, chance: random.Random, number: int) -> None:
    async with world.ordeal("kill -9 of the orchestrator, five times in a row", chance):
        for _ in range(5):
            await asyncio.sleep(chance.uniform(0, 1))
            await world.processes.kill("orchestrator")
            await world.restart("orchestrator")


@pytest.mark.long
async def test_what_a_chain_had_confirmed_is_there_after_its_kill(
    world: World, chance: random.Random, number: int
) -> None:
    payer, confirmed = await world.fund_sol("payer"), list[Signature]()

    async def pay() -> None:
        sender = Sender(world.rpc, payer)
        while True:
            paid = TransferParams(
                from_pubkey=payer.pubkey(), to_pubkey=Pubkey.new_unique(), lamports=SOL // 1000
            )
            confirmed.append((await sender.send([transfer(paid)])).signature)

    paying = [asyncio.create_task(pay()) for _ in range(PAYING)]
    async with asyncio.timeout(KNOWN_WITHIN):
        while len(confirmed) < PAYING:
            await asyncio.sleep(0.1)
    await asyncio.sleep(chance.uniform(0, 3))
    await world.processes.kill("chain")
    known = list(confirmed)
    for task in paying:
        task.cancel()
    await asyncio.gather(*paying, return_exceptions=True)
    await world.restart("chain")
    async with asyncio.timeout(KNOWN_WITHIN):
        while not all(one and one.err is None for one in await world.rpc.statuses(known)):
            await asyncio.sleep(0.2)
