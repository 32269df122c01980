"""A co-stake begins at exactly the terms offered, and ends by notice or with the owner's stake."""

import pytest
from network_samples import HOUR, TestNetwork
from solders.keypair import Keypair

from iog_client import costakes, nodes, stakes, times, tokens
from iog_client.amounts import IO
from iog_client.costakes import Terms
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError

NOTICE = 7 * 24 * HOUR
COOLING = 14 * 24 * HOUR
TERMS = Terms(100 * IO, 3000)


async def offered(net: TestNetwork, terms: Terms = TERMS) -> tuple[Keypair, Keypair]:
    owner, device = await net.node()
    await costakes.offer(net.sender(owner), owner, device.pubkey(), terms)
    return owner, device


async def taken(net: TestNetwork) -> tuple[Keypair, Keypair, Keypair]:
    """Owner, device and co-staker of a node with a co-stake."""
    owner, device = await offered(net)
    friend = await net.wallet(100 * IO)
    await costakes.accept(net.sender(friend), friend, device.pubkey(), TERMS)
    return owner, device, friend


async def test_an_offer_is_taken_and_the_owner_takes_out_what_it_replaces(
    net: TestNetwork,
) -> None:
    owner, device, friend = await taken(net)
    node = await nodes.get(net.rpc, device.pubkey())
    assert (node.stake, node.costake, node.offer_amount) == (200 * IO, 100 * IO, 0)
    assert (node.costaker, node.costake_share_bps) == (friend.pubkey(), 3000)
    assert node.costake_from_hour == 2
    assert await costakes.taken_by(net.rpc, owner.pubkey()) == 1
    assert stakes.reducible(node) == 100 * IO
    await stakes.reduce(net.sender(owner), owner, device.pubkey(), None)
    node = await nodes.get(net.rpc, device.pubkey())
    assert (node.stake, stakes.missing(node), nodes.state(node)) == (100 * IO, 0, "active")


async def test_offers_are_listed_and_withdrawn(net: TestNetwork) -> None:
    _, small = await offered(net, Terms(IO, 100))
    owner, large = await offered(net)
    await net.node()
    assert [one.device for one in await costakes.offers(net.rpc)] == [
        large.pubkey(),
        small.pubkey(),
    ]
    await costakes.revoke(net.sender(owner), owner, large.pubkey())
    assert [one.device for one in await costakes.offers(net.rpc)] == [small.pubkey()]
    with pytest.raises(Refused, match=f"the node {large.pubkey()} offers no co-stake$"):
        await costakes.revoke(net.sender(owner), owner, large.pubkey())


@pytest.mark.parametrize(
    ("terms", "kind", "said"),
    [
        (Terms(100 * IO + 1, 3000), Refused, "outside 0.00000001 IO to 100 IO, half the requi"),
        (Terms(0, 3000), Refused, "a co-stake of 0 IO is outside"),
        (Terms(IO, 0), UsageError, "a share of 0% is outside 0.01% to 100%"),
        (Terms(IO, 10_001), UsageError, "a share of 100.01% is outside"),
    ],
)
async def test_terms_that_cannot_be_are_not_offered(
    net: TestNetwork, terms: Terms, kind: type[Exception], said: str
) -> None:
    owner, device = await net.node()
    with pytest.raises(kind, match=said):
        await costakes.offer(net.sender(owner), owner, device.pubkey(), terms)


async def test_the_limits_are_offered(net: TestNetwork) -> None:
    for terms in (Terms(1, 1), Terms(100 * IO, 10_000)):
        _, device = await offered(net, terms)
        assert costakes.offered(await nodes.get(net.rpc, device.pubkey())) == terms


async def test_an_offer_switched_under_the_co_staker_is_not_taken(net: TestNetwork) -> None:
    owner, device = await offered(net)
    friend = await net.wallet(100 * IO)
    seen = await costakes.acceptable(net.rpc, friend.pubkey(), device.pubkey())
    await costakes.offer(net.sender(owner), owner, device.pubkey(), Terms(100 * IO, 1))
    with pytest.raises(Refused) as caught:
        await costakes.accept(net.sender(friend), friend, device.pubkey(), seen)
    assert caught.value.message == (
        f"the node {device.pubkey()} offers 100 IO for 0.01% of its rewards, "
        "not 100 IO for 30% of its rewards"
    )


async def test_who_cannot_co_stake_is_refused_with_the_reason(net: TestNetwork) -> None:
    owner, device = await offered(net)
    key = device.pubkey()
    poor, other = await net.wallet(99 * IO), await net.wallet(500 * IO)
    with pytest.raises(Refused, match="holds 99 IO, the co-stake takes 100 IO: 1 IO are missing"):
        await costakes.acceptable(net.rpc, poor.pubkey(), key)
    with pytest.raises(NotAllowed, match=f"the wallet {owner.pubkey()} owns the node {key}"):
        await costakes.acceptable(net.rpc, owner.pubkey(), key)
    with pytest.raises(NotFound, match="no node is registered"):
        await costakes.acceptable(net.rpc, other.pubkey(), other.pubkey())
    net.write_staking(paused=1)
    with pytest.raises(Refused, match="staking is paused"):
        await costakes.acceptable(net.rpc, other.pubkey(), key)
    net.write_staking(paused=0)
    await nodes.pause(net.sender(owner), owner, key)
    with pytest.raises(Refused, match="is paused, and only an active one is co-staked"):
        await costakes.acceptable(net.rpc, other.pubkey(), key)


async def test_a_taken_offer_is_neither_changed_nor_taken_twice(net: TestNetwork) -> None:
    owner, device, friend = await taken(net)
    key, other = device.pubkey(), await net.wallet(100 * IO)
    with pytest.raises(Refused, match=f"{friend.pubkey()} has 100 IO co-staked on the node"):
        await costakes.offer(net.sender(owner), owner, key, TERMS)
    with pytest.raises(Refused, match=f"offers no co-stake; {friend.pubkey()} has taken it"):
        await costakes.revoke(net.sender(owner), owner, key)
    with pytest.raises(Refused, match="`iog costake show --offers`"):
        await costakes.accept(net.sender(other), other, key, TERMS)


async def test_an_owner_has_at_most_two_taken_offers(net: TestNetwork) -> None:
    owner, _, friend = await taken(net)
    record = await nodes.search(net.rpc, owner.pubkey())
    assert len(record) == 1
    for _ in range(2):
        device = Keypair()
        await tokens.faucet_io(net.rpc, net.faucet, owner.pubkey(), 200 * IO)
        await tokens.faucet_io(net.rpc, net.faucet, friend.pubkey(), 100 * IO)
        registration = await net.registration(owner, device)
        sender = net.sender(owner)
        await nodes.register(sender, owner, registration, 1000, owner.pubkey())
        await stakes.add(sender, owner, device.pubkey(), None)
        await costakes.offer(sender, owner, device.pubkey(), TERMS)
        if await costakes.taken_by(net.rpc, owner.pubkey()) == 1:
            await costakes.accept(net.sender(friend), friend, device.pubkey(), TERMS)
    said = f"the owner {owner.pubkey()} has 2 taken offers, the most there may be"
    with pytest.raises(Refused, match=said):
        await costakes.accept(net.sender(friend), friend, device.pubkey(), TERMS)
    mine = await costakes.of_wallet(net.rpc, friend.pubkey())
    assert len(mine) == 2
    assert len(await costakes.of_wallet(net.rpc, owner.pubkey())) == 3


async def test_a_co_staker_leaves_with_notice_and_gets_the_stake_back_once_it_cooled(
    net: TestNetwork,
) -> None:
    owner, device, friend = await taken(net)
    key, anyone = device.pubkey(), net.sender(await net.wallet())
    with pytest.raises(Refused, match="has given no notice"):
        await costakes.end(anyone, key)
    with pytest.raises(NotAllowed, match=f"{friend.pubkey()} co-stakes the node {key}, the wal"):
        await costakes.leave(net.sender(owner), owner, key)
    await costakes.leave(net.sender(friend), friend, key)
    leaves = net.start + NOTICE
    said = f"has left the node {key} already; its co-stake ends {times.date(leaves)} .in 2h48m"
    with pytest.raises(Refused, match=said):
        await costakes.leave(net.sender(friend), friend, key)
    with pytest.raises(Refused, match="may be taken out at once: its co-staker is leaving"):
        await stakes.reduce(net.sender(owner), owner, key, None)
    with pytest.raises(Refused, match=f"the co-stake of the node {key} ends {times.date(leaves)}"):
        await costakes.end(anyone, key)
    net.warp(NOTICE)
    await costakes.end(anyone, key)
    node = await nodes.get(net.rpc, key)
    assert (node.costake, node.cooling_costake) == (0, 100 * IO)
    assert node.costake_cooling_until == leaves + COOLING
    assert await costakes.taken_by(net.rpc, owner.pubkey()) == 0
    with pytest.raises(Refused, match=f"nobody co-stakes the node {key}; 100 IO of one that has"):
        await costakes.end(anyone, key)
    with pytest.raises(Refused, match=f"100 IO co-staked on the node {key} cool until"):
        await costakes.withdraw(anyone, key)
    net.warp(COOLING)
    await costakes.withdraw(anyone, key)
    assert await tokens.balance(net.rpc, friend.pubkey()) == 100 * IO
    assert costakes.costaker(await nodes.get(net.rpc, key)) is None


async def test_the_owner_who_unstakes_ends_the_co_stake(net: TestNetwork) -> None:
    owner, device, friend = await taken(net)
    key = device.pubkey()
    with pytest.raises(Refused, match=f"no co-stake of the node {key} is on its way out: 100 IO"):
        await costakes.withdraw(net.sender(friend), key)
    await stakes.unstake(net.sender(owner), owner, key)
    node = await nodes.get(net.rpc, key)
    assert (node.cooling, node.cooling_costake, node.costake) == (200 * IO, 100 * IO, 0)
    assert await costakes.taken_by(net.rpc, owner.pubkey()) == 0
    with pytest.raises(Refused, match="200 IO of its stake are cooling, 100 IO of its co-stake"):
        await nodes.retire(net.sender(owner), owner, key)


async def test_a_node_that_nobody_co_stakes_is_not_left(net: TestNetwork) -> None:
    _, device = await net.node()
    other = await net.wallet()
    with pytest.raises(Refused, match=f"nobody co-stakes the node {device.pubkey()}$"):
        await costakes.leave(net.sender(other), other, device.pubkey())
