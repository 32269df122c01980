"""Ten thousand that want to be nodes without stake: by connecting, and by registering on chain."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from functools import partial

import pytest
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from iog_client import addresses, nodes, records
from iog_client._generated.iog_staking.accounts import Node
from iog_client.errors import IogError
from iog_worker.link import WebSocket, handshake
from tests.chaos import strangers
from tests.chaos.report import ROUNDS
from tests.chaos.world import SETTLED, World

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONNECTING = 10_000 if ROUNDS > 1 else 1000
REGISTERING = 10_000
AT_ONCE = 50
IN_TURN = 500
MOST_MIB = 64
"""That the orchestrator may grow by."""
MOST_MIB_OF_NODES = 256
"""The same when it knows ten thousand nodes more: 25 KiB each, with all that is kept of them."""

UNKNOWN = "the orchestrator refuses this node: the device DEVICE is not registered"
TOO_SLOW = (
    "the orchestrator did not finish the challenge in time",
    "the orchestrator refuses this node: no answer came in time",
)
"""What some are told where the machine has too much else to do."""


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
        assert set(told) <= {UNKNOWN, *TOO_SLOW}, told
        assert told[UNKNOWN] > CONNECTING // 2, told
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
        for _ in range(REGISTERING // IN_TURN):
            await register(world, owner, IN_TURN)
        found = await records.search(world.rpc, addresses.STAKING, Node)
        assert len(found) == REGISTERING + len(world.nodes)
        assert world.resident("orchestrator") <= memory + MOST_MIB_OF_NODES
        assert await settled(world) > before, "no job went through meanwhile"


async def register(world: World, owner: Keypair, count: int) -> None:
    """Hand over so many registrations, each of a device of its own, without waiting for one."""
    genesis, (blockhash, _) = await world.rpc.genesis_hash(), await world.rpc.latest_blockhash()
    for _ in range(count):
        consent = strangers.registration(genesis, owner.pubkey(), Keypair())
        wanted = nodes.register_instructions(consent, 1, owner.pubkey())
        message = Message.new_with_blockhash(wanted, owner.pubkey(), blockhash)
        signed = bytes(VersionedTransaction(message, [owner]))
        await world.rpc.send(signed, preflight=False)
