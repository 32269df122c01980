import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import CaseDropped, CaseUpheld
from registry_world import STAKE, Registry, copy, refused, refuses_foreign_accounts
from slash_world import APPEAL, DROPPED, UPHELD, Court
from stages import HOUR
from world import swap


@pytest.fixture
def court(registry: Registry) -> Court:
    """A case is open against an active node."""
    court = Court(registry.active())
    court.open()
    return court


def test_a_case_without_appeal_is_upheld_by_anyone(court: Court) -> None:
    registry, world = court.registry, court.registry.world
    supply, part = world.supply(), STAKE // 4
    world.now += APPEAL
    assert court.close() == [
        CaseUpheld(
            case=court.case,
            node=registry.node,
            amount=part,
            frozen=0,
            total_staked=STAKE - part,
        )
    ]
    assert (world.supply(), court.read().state) == (supply - part, UPHELD)
    assert world.balance(addresses.stake_vault()) == STAKE - part
    assert registry.read_node().case_open == 0


def test_an_appealed_case_that_nobody_decided_is_dropped(court: Court) -> None:
    registry, world = court.registry, court.registry.world
    supply = world.supply()
    world.now += HOUR
    court.appeal()
    court.pass_deadline()
    assert court.close() == [
        CaseDropped(
            case=court.case,
            node=registry.node,
            amount=STAKE // 4,
            stake=STAKE,
            costake=0,
            cooling=0,
            cooling_costake=0,
            node_state=1,
            active_from_hour=723,  # an hour and thirty days have passed: hour 722 is running
            frozen=0,
        )
    ]
    assert (world.supply(), court.read().state) == (supply, DROPPED)


@pytest.mark.parametrize("appealed", [False, True])
def test_a_second_before_the_deadline_it_is_refused(court: Court, appealed: bool) -> None:
    if appealed:
        court.registry.world.now += 5
        court.appeal()
    court.pass_deadline()
    court.registry.world.now -= 1
    with refused("CaseRuns"):
        court.close()


def test_a_decided_case_is_refused(court: Court) -> None:
    court.drop()
    court.registry.world.now += APPEAL
    with refused("CaseState"):
        court.close()


def test_a_pause_does_not_hold_it_back(court: Court) -> None:
    court.registry.pause_program()
    court.appeal()
    court.pass_deadline()
    court.close()
    assert court.buckets() == (STAKE, 0, 0, 0)


def test_foreign_accounts_are_refused(court: Court) -> None:
    registry, world, call = court.registry, court.registry.world, court.case_close()
    court.pass_deadline()
    refuses_foreign_accounts(registry, call)
    wrong = [
        (registry.node, copy(world, registry.node), "CaseMismatch"),
        (court.case, copy(world, court.case, owner=addresses.JOBS), "IllegalOwner"),
        (court.case, copy(world, registry.node), "InvalidAccountData"),
        (addresses.mint(), copy(world, addresses.mint()), "MintMismatch"),
    ]
    for right, other, name in wrong:
        with refused(name):
            registry.act(swap(call, right, other))
