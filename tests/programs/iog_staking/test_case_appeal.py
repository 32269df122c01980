import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import CaseAppealed
from registry_world import Registry, copy, refused
from slash_world import APPEAL, APPEALED, DECIDE, Court
from world import swap, unsigned


@pytest.fixture
def court(registry: Registry) -> Court:
    """A case is open against a co-staked node."""
    court = Court(registry.costaked())
    court.open()
    return court


def test_the_owner_appeals_and_the_time_to_decide_begins(court: Court) -> None:
    world = court.registry.world
    world.now += APPEAL - 1
    assert court.appeal() == [
        CaseAppealed(
            case=court.case,
            node=court.registry.node,
            party=court.registry.owner.pubkey(),
            deadline=world.now + DECIDE,
        )
    ]
    assert (court.read().state, court.read().deadline) == (APPEALED, world.now + DECIDE)
    assert court.registry.read_node().case_open == 1


def test_the_co_staker_appeals_too(court: Court) -> None:
    court.appeal(court.registry.costaker)
    assert court.read().state == APPEALED


def test_at_the_deadline_it_is_too_late(court: Court) -> None:
    court.registry.world.now += APPEAL
    with refused("CaseDeadlinePassed"):
        court.appeal()


def test_a_second_appeal_is_refused(court: Court) -> None:
    court.appeal()
    with refused("CaseState"):
        court.appeal(court.registry.costaker)


def test_a_decided_case_is_refused(court: Court) -> None:
    court.drop()
    with refused("CaseState"):
        court.appeal()


def test_others_are_refused(court: Court) -> None:
    world = court.registry.world
    for key in (court.slasher, court.arbiter, court.registry.net.authority):
        with refused("NotParty"):
            court.appeal(key)
    owner = court.registry.owner.pubkey()
    with refused("MissingRequiredSignature"):
        world.send(unsigned(court.case_appeal(owner), owner))


def test_foreign_accounts_are_refused(court: Court) -> None:
    registry, world = court.registry, court.registry.world
    call, config = court.case_appeal(registry.owner.pubkey()), addresses.staking_config()
    wrong = [
        (config, copy(world, config), "InvalidSeeds"),
        (court.case, copy(world, court.case, owner=addresses.JOBS), "IllegalOwner"),
        (court.case, registry.node, "InvalidAccountData"),
    ]
    for right, other, name in wrong:
        with refused(name):
            registry.act(swap(call, right, other), registry.owner)
