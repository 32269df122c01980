"""Collateral is added by the owner alone, and a node that has enough of it becomes active."""

from dataclasses import replace

import pytest
from network_samples import HOUR, TestNetwork
from solders.keypair import Keypair

from iog_client import nodes, stakes, times, tokens
from iog_client.amounts import IO
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError

COOLING = 14 * 24 * HOUR


async def registered(net: TestNetwork, io: int) -> tuple[Keypair, Keypair]:
    owner, device = await net.wallet(io), Keypair()
    registration = await net.registration(owner, device)
    await nodes.register(net.sender(owner), owner, registration, 1000, owner.pubkey())
    return owner, device


async def test_the_requirement_makes_a_node_active_from_the_next_hour(net: TestNetwork) -> None:
    owner, device = await registered(net, 250 * IO)
    await stakes.add(net.sender(owner), owner, device.pubkey(), 50 * IO)
    node = await nodes.get(net.rpc, device.pubkey())
    assert (nodes.state(node), stakes.missing(node)) == ("registered", 150 * IO)
    await stakes.add(net.sender(owner), owner, device.pubkey(), None)
    node = await nodes.get(net.rpc, device.pubkey())
    assert (nodes.state(node), node.stake, node.active_from_hour) == ("active", 200 * IO, 2)
    assert await tokens.balance(net.rpc, owner.pubkey()) == 50 * IO


async def test_a_co_stake_counts_but_half_is_the_owner_s(net: TestNetwork) -> None:
    _, device = await net.node()
    node = await nodes.get(net.rpc, device.pubkey())
    for own, costake, lacking in [(100, 100, 0), (100, 99, 1), (99, 101, 1), (0, 300, 100)]:
        changed = replace(node, stake=own * IO, costake=costake * IO)
        assert stakes.missing(changed) == lacking * IO


async def test_too_little_io_is_named_before_anything_is_sent(net: TestNetwork) -> None:
    owner, device = await registered(net, 150 * IO)
    with pytest.raises(Refused) as caught:
        await stakes.add(net.sender(owner), owner, device.pubkey(), None)
    assert caught.value.message == (
        f"{owner.pubkey()} holds 150 IO, the stake takes 200 IO: 50 IO are missing"
    )


async def test_a_stake_that_cannot_be_is_refused(net: TestNetwork) -> None:
    owner, device = await net.node()
    other, key = await net.wallet(IO), device.pubkey()
    with pytest.raises(Refused, match="lacks nothing: 200 IO are staked"):
        await stakes.add(net.sender(owner), owner, key, None)
    with pytest.raises(UsageError, match="a stake of 0 IO is not accepted"):
        await stakes.add(net.sender(owner), owner, key, 0)
    with pytest.raises(NotAllowed, match=f"belongs to {owner.pubkey()}, the wallet is"):
        await stakes.add(net.sender(other), other, key, 1)
    with pytest.raises(NotFound, match="no node is registered"):
        await stakes.add(net.sender(owner), owner, other.pubkey(), 1)


async def test_what_is_unstaked_cools_and_then_goes_to_the_owner_whoever_asks(
    net: TestNetwork,
) -> None:
    owner, device = await net.node()
    key, sender, anyone = device.pubkey(), net.sender(owner), net.sender(await net.wallet())
    with pytest.raises(Refused, match=f"no stake of the node {key} is on its way out"):
        await stakes.withdraw(anyone, key)
    await stakes.unstake(sender, owner, key)
    node = await nodes.get(net.rpc, key)
    assert (node.stake, node.cooling, nodes.state(node)) == (0, 200 * IO, "registered")
    assert node.cooling_until == net.start + COOLING
    with pytest.raises(Refused, match=f"nothing is staked on the node {key}; 200 IO are cooling"):
        await stakes.unstake(sender, owner, key)
    net.warp(COOLING - 100)
    with pytest.raises(Refused) as caught:
        await stakes.withdraw(anyone, key)
    end = times.date(net.start + COOLING)
    assert caught.value.message == f"200 IO of the node {key} cool until {end} (in 1m40s)"
    net.warp(100)
    before = await tokens.balance(net.rpc, owner.pubkey())
    await stakes.withdraw(anyone, key)
    assert await tokens.balance(net.rpc, owner.pubkey()) == before + 200 * IO
    node = await nodes.get(net.rpc, key)
    assert (node.cooling, node.cooling_until) == (0, 0)


async def test_what_is_above_the_requirement_leaves_at_once(net: TestNetwork) -> None:
    owner, device = await net.node()
    key, sender = device.pubkey(), net.sender(owner)
    with pytest.raises(Refused) as caught:
        await stakes.reduce(sender, owner, key, None)
    assert caught.value.message == (
        f"of 200 IO own stake of the node {key} 0 IO may be taken out at once: "
        "its requirement is 200 IO, 100 IO of it its owner's"
    )
    await stakes.add(sender, owner, key, 7 * IO)
    assert stakes.reducible(await nodes.get(net.rpc, key)) == 7 * IO
    with pytest.raises(Refused, match="7 IO may be taken out at once"):
        await stakes.reduce(sender, owner, key, 7 * IO + 1)
    with pytest.raises(UsageError, match="0 IO is nothing to take out"):
        await stakes.reduce(sender, owner, key, 0)
    await stakes.reduce(sender, owner, key, 3 * IO)
    assert (await nodes.get(net.rpc, key)).stake == 204 * IO
    await stakes.reduce(sender, owner, key, None)
    assert (await nodes.get(net.rpc, key)).stake == 200 * IO
    assert await tokens.balance(net.rpc, owner.pubkey()) == 10 * IO


async def test_a_node_that_is_not_active_is_not_reduced(net: TestNetwork) -> None:
    owner, device = await registered(net, 100 * IO)
    key, sender = device.pubkey(), net.sender(owner)
    await stakes.add(sender, owner, key, 100 * IO)
    with pytest.raises(Refused, match="may be taken out at once: it is registered"):
        await stakes.reduce(sender, owner, key, 1)


async def test_another_wallet_takes_nothing_out(net: TestNetwork) -> None:
    _, device = await net.node()
    other = await net.wallet()
    for verb in (stakes.unstake, lambda *about: stakes.reduce(*about, None)):
        with pytest.raises(NotAllowed, match=f"the wallet is {other.pubkey()}"):
            await verb(net.sender(other), other, device.pubkey())


async def test_what_jobs_hold_back_is_named(net: TestNetwork) -> None:
    owner, device = await net.node()
    key = device.pubkey()
    await stakes.unstake(net.sender(owner), owner, key)
    net.warp(COOLING)
    net.write_node(key, running=1, busy=1)
    with pytest.raises(Refused, match=f"jobs hold 1 GPUs of the node {key}: 200 IO leave after"):
        await stakes.withdraw(net.sender(owner), key)


async def test_nothing_comes_in_while_staking_is_paused(net: TestNetwork) -> None:
    owner, device = await net.node()
    net.write_staking(paused=1)
    with pytest.raises(Refused, match="staking is paused: nothing comes in"):
        await stakes.add(net.sender(owner), owner, device.pubkey(), IO)
    await stakes.unstake(net.sender(owner), owner, device.pubkey())
