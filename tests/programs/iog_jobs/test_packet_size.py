"""What fits a transaction's 1,232 bytes: a gang of four on four nodes, from open to running."""

from dataclasses import replace

import pytest
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from jobs_world import STATES, Jobs
from packets import LIMIT, PACKET, PRICE, size
from registry_world import Registry
from world import ProgramFailed

MEMBERS = 4


@pytest.fixture
def members(jobs: Jobs) -> list[Jobs]:
    """Five jobs of the client, each with a node and a device of its own; nothing is opened."""
    registries = [jobs.registry, *(another(jobs.registry) for _ in range(MEMBERS))]
    return [
        Jobs(registry, jobs.wallet, jobs.matcher, number)
        for number, registry in enumerate(registries)
    ]


def another(registry: Registry) -> Registry:
    """One more active node of the same owner."""
    made = replace(registry, device=registry.world.keypair())
    registry.world.send(made.agreement(), made.node_register(), signers=[made.owner])
    registry.world.send(made.stake_add(), signers=[made.owner])
    return made


def gang_of(jobs: Jobs) -> Pubkey:
    return addresses.gang(jobs.wallet.pubkey(), 0)


def opened(members: list[Jobs], count: int) -> list[Jobs]:
    """A gang of so many, each opened."""
    first = members[0]
    first.world.send(first.gang_open(count), signers=[first.wallet])
    for member in members[:count]:
        member.open(gang=gang_of(first), gpus=1)
    return members[:count]


def whole_start(members: list[Jobs]) -> list[Instruction]:
    """Everything between open and running: each is assigned, each joins, each is started."""
    return [
        *(member.job_assign() for member in members),
        *(member.job_join() for member in members),
        *(member.gang_start() for member in members),
    ]


def keys(members: list[Jobs]) -> list[Keypair]:
    return [members[0].matcher, *(member.device for member in members)]


def test_at_most_three_members_are_opened_at_once(members: list[Jobs]) -> None:
    """A fourth is ten bytes too many."""
    first, world = members[0], members[0].world
    wallet = first.wallet.pubkey()
    opens = [member.job_open(gang=gang_of(first), gpus=1) for member in members]
    assert [size(wallet, *opens[:count]) for count in (1, 2, 3, 4)] == [603, 816, 1_029, 1_242]
    at_once = [LIMIT, first.gang_open(MEMBERS), *opens[:3]]
    assert size(wallet, *at_once) == 1_090
    world.send(*at_once, signers=[first.wallet], payer=first.wallet)
    assert size(wallet, LIMIT, opens[3]) == 643
    world.send(LIMIT, opens[3], signers=[first.wallet], payer=first.wallet)
    assert (first.read_gang().opened, first.read_gang().members) == (4, 4)


def test_four_members_are_assigned_joined_and_started_in_one_transaction(
    members: list[Jobs],
) -> None:
    """Five signatures: the matcher, which pays, and four devices."""
    four = opened(members, MEMBERS)
    world, matcher = four[0].world, four[0].matcher
    calls = whole_start(four)
    assert size(matcher.pubkey(), LIMIT, *calls) == 1_202
    assert size(matcher.pubkey(), LIMIT, PRICE, *calls) == 1_214
    world.send(LIMIT, PRICE, *calls, signers=keys(four), payer=matcher)
    gang = four[0].read_gang()
    assert (gang.joined, gang.started_at) == (MEMBERS, world.now)
    for member in four:
        assert (member.read().state, member.read().started_at) == (STATES["running"], world.now)
        assert member.registry.read_node().busy == 1
    assert world.units < 200_000, "more than one instruction's default"


def test_five_members_are_assigned_in_one_and_join_in_another(
    members: list[Jobs],
) -> None:
    """Each device signs: 177 bytes a member."""
    five = opened(members, 5)
    payer = five[0].matcher.pubkey()
    joins = [member.job_join() for member in five]
    sizes = [size(payer, LIMIT, *joins[:count]) for count in (3, 4, 5)]
    assert sizes == [833, 1_010, 1_187]
    assert size(payer, LIMIT, *whole_start(five)) == 1_411 > PACKET
    assigns = [member.job_assign() for member in five]
    five[0].world.send(LIMIT, *assigns, signers=[five[0].matcher], payer=five[0].matcher)
    five[0].world.send(LIMIT, PRICE, *joins, signers=keys(five), payer=five[0].matcher)
    assert five[0].read_gang().started_at == five[0].world.now


def test_when_one_of_four_cannot_join_none_does(members: list[Jobs]) -> None:
    four = opened(members, MEMBERS)
    taken = Jobs(four[3].registry, four[0].wallet, four[0].matcher, number=MEMBERS)
    taken.open(gpus=8).assign().start()
    with pytest.raises(ProgramFailed, match="GpusTaken"):
        four[0].world.send(LIMIT, *whole_start(four), signers=keys(four), payer=four[0].matcher)
    for member in four:
        assert member.read().state == STATES["open"]
    assert [member.registry.read_node().busy for member in four] == [0, 0, 0, 8]
