"""Ten thousand that want to be nodes without stake: by connecting, and by registering on chain."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from functools import partial

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import nodes
from iog_client.errors import IogError
from iog_client.transactions import Sender
from iog_worker.link import WebSocket, handshake
from tests.chaos import strangers
from tests.chaos.report import ROUNDS
from tests.chaos.world import SETTLED, World

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONNECTING = 10_000 if ROUNDS > 1 else 1000
REGISTERING = 10_000
AT_ONCE = 50
MOST_MIB = 64
"""That the orchestrator may grow by."""


async def settled(world: World) -> int:
    return sum(job.state == SETTLED for job in (await world.jobs()).values())


async def turned_away(world: World, orchestrator: Pubkey, limit: asyncio.Semaphore) -> str:
    """What a device that nobody has registered is told."""
    device = Keypair()
    async with limit:
        try:
            wire = await WebSocket.open(world.api_url)
            try:
                await handshake(wire, device, orchestrator, partial(strangers.hello_of, device))
            finally:
                await wire.close()
        except IogError as error:
            return error.message.replace(str(device.pubkey()), "DEVICE")
    return "welcome"


async def test_connecting(world: World, chance: random.Random) -> None:
    orchestrator = Pubkey.from_string((await world.api.network()).orchestrator)
    async with world.ordeal("strangers that connect", chance):
        memory, before = world.resident("orchestrator"), await settled(world)
        limit = asyncio.Semaphore(AT_ONCE)
        told = Counter(
            await asyncio.gather(
                *(turned_away(world, orchestrator, limit) for _ in range(CONNECTING))
            )
        )
        assert len(told) == 1, told
        assert "the device DEVICE is not registered" in next(iter(told)), told
        assert world.resident("orchestrator") <= memory + MOST_MIB
        assert await settled(world) > before, "no job went through meanwhile"


@pytest.mark.long
async def test_registering(world: World, chance: random.Random) -> None:
    """Registered is all that they get to be: no stake, no jobs, no rewards."""
    owner = await world.fund_sol("crowd")
    for _ in range(REGISTERING // 500):
        await world.fund_sol("crowd")
    async with world.ordeal("strangers that register without stake", chance):
        memory, before = world.resident("orchestrator"), await settled(world)
        genesis, limit = await world.rpc.genesis_hash(), asyncio.Semaphore(8)
        sender = Sender(world.rpc, owner)

        async def register() -> None:
            async with limit:
                consent = strangers.registration(genesis, owner.pubkey(), Keypair())
                await sender.send(
                    nodes.register_instructions(consent, 1, owner.pubkey()), signers=[owner]
                )

        await asyncio.gather(*(register() for _ in range(REGISTERING)))
        assert world.resident("orchestrator") <= memory + MOST_MIB
        assert await settled(world) > before, "no job went through meanwhile"
