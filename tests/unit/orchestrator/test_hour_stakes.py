"""Who is paid for an hour in which stake, co-stake, payee or state of a node changes."""

import pytest
from orchestrator_hours import Stakes, close, earned, past
from orchestrator_network import HOUR, key_of
from orchestrator_world import Worker, World

from iog_client import rewards
from iog_client.amounts import IO
from iog_client.hours import PublishedHour
from iog_client.hours_rule import HourNode
from iog_client.hours_verify import Verdict, verify


@pytest.fixture
async def stakes(world: World, worker: Worker) -> Stakes:
    """A node that has earned nothing yet, in hour 2."""
    await past(world, 1)
    await close(world)
    return Stakes(world, worker)


def published(world: World, hour: int) -> PublishedHour:
    return PublishedHour.parse(world.publisher.documents[hour])


def node_of(world: World, hour: int) -> HourNode:
    [node] = published(world, hour).nodes
    return node


def earned_in(world: World, hour: int) -> dict[str, int]:
    """What each wallet was given for an hour."""
    before = dict(published(world, hour - 1).leaves)
    after = published(world, hour).leaves
    return {
        wallet: total - before.get(wallet, 0)
        for wallet, total in after
        if total > before.get(wallet, 0)
    }


async def verdict(world: World, hour: int) -> Verdict:
    """What `iog reward verify` says of an hour now."""
    documents = world.publisher.documents
    facts = await rewards.chain_facts(world.rpc, hour)
    return verify(documents[hour], documents[hour - 1], facts)


async def test_a_co_stake_is_paid_from_the_hour_after_it_was_taken(
    world: World, worker: Worker, stakes: Stakes
) -> None:
    await stakes.co_stake(3_000)
    for hour in (2, 3):
        await earned(world, worker, hour)
    owner, friend = str(stakes.owner), str(stakes.friend.pubkey())
    first, second = node_of(world, 2), node_of(world, 3)
    assert earned_in(world, 2) == {owner: first.granted}
    part = second.granted * 3_000 // 10_000
    assert earned_in(world, 3) == {owner: second.granted - part, friend: part}
    assert (first.costaker, second.costaker) == (None, friend)
    for hour in (2, 3):
        assert (await verdict(world, hour)).problems == []


async def test_an_owner_who_takes_out_as_much_at_once_stays_eligible(
    world: World, worker: Worker, stakes: Stakes
) -> None:
    await stakes.co_stake(3_000)
    await stakes.reduce()
    for hour in (2, 3):
        await earned(world, worker, hour)
    for hour in (2, 3):
        node = node_of(world, hour)
        assert (node.stake, node.costake, node.reasons) == (stakes.half, stakes.half, ())
        assert (await verdict(world, hour)).problems == []


@pytest.mark.parametrize("reduced", [False, True])
async def test_a_co_stake_that_ends_in_an_hour_is_paid_for_it_if_the_node_is(
    world: World, worker: Worker, stakes: Stakes, reduced: bool
) -> None:
    await stakes.co_stake(5_000)
    if reduced:
        await stakes.reduce()
    await earned(world, worker, 2)
    await stakes.leave()
    await world.core.sync.everything()
    warped_into = world.core.context.hour
    await past(world, warped_into)
    await close(world, 180)
    hour = warped_into + 1
    await stakes.end()
    for one in (hour, hour + 1):
        await earned(world, worker, one)
    owner, friend = str(stakes.owner), str(stakes.friend.pubkey())
    if reduced:
        assert node_of(world, hour).reasons == ("not_active",)
        assert earned_in(world, hour) == earned_in(world, hour + 1) == {}
    else:
        granted = node_of(world, hour).granted
        assert earned_in(world, hour) == {owner: granted - granted // 2, friend: granted // 2}
        assert earned_in(world, hour + 1) == {owner: node_of(world, hour + 1).granted}
    for one in (hour, hour + 1):
        assert (await verdict(world, one)).problems == []


@pytest.mark.parametrize("stop", ["pause", "unstake", "slash"])
async def test_a_node_that_stops_after_an_hour_is_paid_for_it(
    world: World, worker: Worker, stakes: Stakes, stop: str
) -> None:
    await past(world, 2, 0.6)
    await worker.hour_statement(2)
    await getattr(stakes, stop)()
    await past(world, 2)
    await close(world)
    assert earned_in(world, 2) == {str(stakes.owner): node_of(world, 2).granted}
    found = await verdict(world, 2)
    assert found.problems == []
    assert "on chain now, which does not say since when" in found.notes[-1]
    await earned(world, worker, 3)
    assert node_of(world, 3).reasons[0] == "not_active"
    assert (await verdict(world, 3)).problems == []


@pytest.mark.parametrize("stop", ["pause", "unstake", "slash"])
async def test_a_node_that_stops_within_an_hour_is_not_paid_for_it(
    world: World, worker: Worker, stakes: Stakes, stop: str
) -> None:
    await past(world, 1, HOUR - 1)
    await getattr(stakes, stop)()
    await earned(world, worker, 2)
    assert node_of(world, 2).reasons[0] == "not_active"
    assert published(world, 2).leaves == []
    assert (await verdict(world, 2)).problems == []


async def test_a_node_that_stops_while_nobody_looks_is_paid_for_what_the_chain_says(
    world: World, worker: Worker, stakes: Stakes
) -> None:
    """Killed in hour 2, started again in hour 4: paused in hour 3, it was not active in any hour
    that the chain still tells of."""
    world.tick(HOUR)
    await stakes.pause()
    world.tick(HOUR)
    await world.restart()
    world.tick(2)
    await close(world)
    assert [node_of(world, hour).state for hour in (2, 3)] == ["paused", "paused"]
    assert [(await verdict(world, hour)).problems for hour in (2, 3)] == [[], []]


async def test_what_a_case_has_taken_counts_for_nothing(
    world: World, worker: Worker, stakes: Stakes
) -> None:
    """A node of 16,800 IO and 16,000 required: 500 bps leave it 15,960, 476 bps 16,000.32."""
    await stakes.add(800 * IO)
    await earned(world, worker, 2)
    await stakes.slash(476)
    for hour in (3, 4):
        await earned(world, worker, hour)
    left = 16_800 * IO - 16_800 * IO * 476 // 10_000
    assert [node_of(world, hour).stake for hour in (2, 3, 4)] == [16_000 * IO, left, left]
    assert [node_of(world, hour).reasons for hour in (2, 3, 4)] == [(), (), ()]
    assert (await verdict(world, 4)).problems == []


async def test_a_case_takes_from_stake_and_co_stake_alike(
    world: World, worker: Worker, stakes: Stakes
) -> None:
    await stakes.co_stake(3_000)
    await earned(world, worker, 2)
    await stakes.slash(500)
    for hour in (3, 4):
        await earned(world, worker, hour)
    last = node_of(world, 4)
    part = stakes.half * 500 // 10_000
    assert (last.stake, last.costake) == (2 * (stakes.half - part), stakes.half - part)
    assert (last.reasons, last.costake_share_bps) == ((), 3_000)
    for hour in (3, 4):
        assert (await verdict(world, hour)).problems == []


async def test_a_new_payee_is_paid_from_the_hour_after_the_change(
    world: World, worker: Worker, stakes: Stakes
) -> None:
    new = key_of("payee").pubkey()
    await stakes.pay_to(new)
    for hour in (2, 3):
        await earned(world, worker, hour)
    assert earned_in(world, 2) == {str(stakes.owner): node_of(world, 2).granted}
    assert earned_in(world, 3) == {str(new): node_of(world, 3).granted}
    for hour in (2, 3):
        assert (await verdict(world, hour)).problems == []
