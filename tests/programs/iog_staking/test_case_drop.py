import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import CaseDropped
from registry_world import (
    COOLING,
    COSTAKE,
    NOTICE,
    STAKE,
    Registry,
    copy,
    refused,
    refuses_foreign_accounts,
)
from slash_world import APPEAL, DECIDE, DROPPED, Court
from stages import HOUR
from world import swap, unsigned


@pytest.fixture
def court(registry: Registry) -> Court:
    """A case is open against a co-staked node, since the second hour."""
    court = Court(registry.costaked())
    registry.world.now += HOUR
    court.open()
    return court


def test_the_stake_goes_back_and_the_node_is_active_from_the_next_hour(court: Court) -> None:
    registry = court.registry
    registry.world.now += 3 * HOUR
    assert court.drop() == [
        CaseDropped(
            case=court.case,
            node=registry.node,
            amount=(STAKE + COSTAKE) // 4,
            stake=STAKE,
            costake=COSTAKE,
            cooling=0,
            cooling_costake=0,
            node_state=1,
            active_from_hour=6,
            frozen=0,
        )
    ]
    node, config = registry.read_node(), registry.read_staking()
    assert court.buckets() == (STAKE, COSTAKE, 0, 0)
    assert (node.prev_stake, node.stake_from_hour) == (STAKE - STAKE // 4, 6)
    assert (node.state, node.active_from_hour, node.case_open) == (1, 6, 0)
    assert (config.frozen, config.total_staked) == (0, STAKE + COSTAKE)
    assert court.read().state == DROPPED


def test_the_arbiter_drops_an_appealed_case(court: Court) -> None:
    court.appeal()
    with refused("NotArbiter"):
        court.drop(court.slasher)
    court.drop(court.arbiter)
    assert court.buckets() == (STAKE, COSTAKE, 0, 0)


def test_what_an_owner_left_with_goes_back_to_what_cools(court: Court) -> None:
    registry = court.registry
    registry.act(registry.stake_unstake(record=True), registry.owner)
    ends = registry.read_node().cooling_until
    registry.world.now += HOUR
    court.drop()
    node = registry.read_node()
    assert court.buckets() == (0, 0, STAKE, COSTAKE)
    assert (node.state, node.cooling_until, node.costake_cooling_until) == (0, ends, ends)
    registry.world.now = ends
    registry.act(registry.stake_withdraw())
    registry.act(registry.costake_withdraw())
    assert registry.read_staking().total_staked == 0


def test_what_a_co_staker_left_with_goes_back_to_what_cools(court: Court) -> None:
    registry = court.registry
    registry.act(registry.costake_leave(), registry.costaker)
    registry.world.now += NOTICE
    registry.act(registry.costake_end())
    ends = registry.read_node().costake_cooling_until
    assert ends == registry.world.now + COOLING
    court.drop()
    assert court.buckets() == (STAKE, 0, 0, COSTAKE)
    assert registry.read_node().costake_cooling_until == ends


def test_an_owner_who_staked_again_gets_the_old_stake_cooling(court: Court) -> None:
    registry = court.registry
    registry.act(registry.stake_unstake(record=True), registry.owner)
    registry.act(registry.stake_add(STAKE), registry.owner)
    court.drop()
    assert court.buckets() == (STAKE, 0, STAKE, COSTAKE)
    assert registry.read_node().state == 1


def test_a_case_while_stake_cools_gives_it_back_cooling(registry: Registry) -> None:
    court = Court(registry.unstaked())
    ends = registry.read_node().cooling_until
    court.open(1, 10_000)
    assert court.buckets() == (0, 0, 0, 0)
    court.drop()
    assert (court.buckets(), registry.read_node().cooling_until) == ((0, 0, STAKE, 0), ends)


def test_an_owner_leaves_though_all_the_stake_is_frozen(registry: Registry) -> None:
    court = Court(registry.active())
    court.open(1, 10_000)
    registry.act(registry.stake_unstake(), registry.owner)
    ends = registry.world.now + COOLING
    registry.world.now += HOUR
    court.drop()
    assert (court.buckets(), registry.read_node().cooling_until) == ((0, 0, STAKE, 0), ends)


def test_a_co_staker_leaves_though_all_the_co_stake_is_frozen(registry: Registry) -> None:
    court = Court(registry.costaked())
    court.open(1, 10_000)
    registry.act(registry.costake_leave(), registry.costaker)
    registry.world.now += NOTICE
    registry.act(registry.costake_end())
    court.drop()
    assert court.buckets() == (STAKE, 0, 0, COSTAKE)
    registry.world.now += COOLING
    registry.act(registry.costake_withdraw())
    assert registry.world.balance(addresses.tokens(registry.costaker.pubkey())) > COSTAKE


def test_a_node_that_its_owner_had_paused_is_paused_again(registry: Registry) -> None:
    court = Court(registry.active())
    registry.act(registry.node_pause(), registry.owner)
    court.open(1, 10_000)
    assert registry.read_node().state == 0
    court.drop()
    assert (registry.read_node().state, registry.read_node().active_from_hour) == (2, 0)


@pytest.mark.parametrize("appealed", [False, True])
def test_at_the_deadline_it_is_too_late(court: Court, appealed: bool) -> None:
    judge = court.slasher
    if appealed:
        court.appeal()
        judge = court.arbiter
    court.pass_deadline()
    with refused("CaseDeadlinePassed"):
        court.drop(judge)
    court.registry.world.now -= 1
    court.drop(judge)


def test_a_decided_case_is_refused(court: Court) -> None:
    court.drop()
    for judge in (court.slasher, court.arbiter):
        with refused("CaseState"):
            court.drop(judge)


def test_only_the_slasher_drops_an_open_case(court: Court) -> None:
    world = court.registry.world
    for key in (court.arbiter, court.registry.net.authority, court.registry.owner):
        with refused("NotSlasher"):
            court.drop(key)
    with refused("MissingRequiredSignature"):
        world.send(unsigned(court.case_drop(), court.slasher.pubkey()))
    assert APPEAL == DECIDE  # so that one constant serves both deadlines


def test_foreign_accounts_are_refused(court: Court) -> None:
    registry, world, call = court.registry, court.registry.world, court.case_drop()
    refuses_foreign_accounts(registry, call, court.slasher)
    wrong = [
        (registry.node, copy(world, registry.node), "CaseMismatch"),
        (court.case, copy(world, court.case, owner=addresses.JOBS), "IllegalOwner"),
        (court.case, copy(world, registry.node), "InvalidAccountData"),
    ]
    for right, other, name in wrong:
        with refused(name):
            registry.act(swap(call, right, other), court.slasher)
