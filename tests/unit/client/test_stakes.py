"""Collateral is added by the owner alone, and a node that has enough of it becomes active."""

from dataclasses import replace

import pytest
from network_samples import TestNetwork
from solders.keypair import Keypair

from iog_client import nodes, stakes, tokens
from iog_client.amounts import IO
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError


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
