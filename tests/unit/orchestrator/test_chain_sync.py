"""What the core knows of the chain is what counts there now."""

import httpx
from orchestrator_network import HOUR, SLUG, key_of
from orchestrator_world import World

from iog_client import addresses
from iog_client._generated.iog_staking.instructions.class_set import class_set
from iog_client.transactions import Sender

NOTICE = 168
"""Hours from the announcement of a class's change to its effect."""


async def test_an_announced_change_of_a_class_counts_from_its_hour_on(world: World) -> None:
    authority, address = key_of("authority"), addresses.class_address(SLUG)
    before = world.core.context.known.classes[str(address)]
    change = class_set(
        {
            "slug": addresses.slug_bytes(SLUG),
            "multiplier": before.multiplier + 1,
            "pool": before.pool,
            "enabled": 0,
        },
        {
            "authority": authority.pubkey(),
            "payer": authority.pubkey(),
            "config": addresses.staking_config(),
            "class_": address,
            "token_config": addresses.token_config(),
        },
    )
    emission = world.core.context.known.emission
    world.tick(max(0.0, emission.start - await world.rpc.chain_time()))
    await Sender(world.rpc, authority).send([change], signers=[])
    world.tick(emission.start + NOTICE * HOUR - 1 - await world.rpc.chain_time())
    await world.core.sync.everything()
    assert world.core.context.known.classes[str(address)] == before
    world.tick(1)
    await world.core.sync.everything()
    after = world.core.context.known.classes[str(address)]
    assert (after.multiplier, after.enabled) == (before.multiplier + 1, False)


async def test_a_chain_that_is_not_read_is_named_by_an_orchestrator_that_stays_ready(
    world: World, http: httpx.AsyncClient
) -> None:
    async def degraded() -> list[str]:
        said = (await http.get("/v1/ready")).json()
        assert said["ready"]
        return list(said["degraded"])

    await world.core.sync.everything()
    world.tick(world.core.context.pace.unread)
    assert await degraded() == []
    world.tick(21)
    [said] = await degraded()
    assert said.startswith(
        f"the Solana node has not answered for {world.core.context.pace.unread + 21:.0f} s, or not"
    )
    await world.core.sync.time()
    assert await degraded() == []
