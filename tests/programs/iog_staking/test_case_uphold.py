import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import CaseUpheld
from registry_world import COSTAKE, STAKE, Registry, copy, refused, refuses_foreign_accounts
from slash_world import DECIDE, UPHELD, Court
from world import swap, unsigned


@pytest.fixture
def court(registry: Registry) -> Court:
    """A case against a co-staked node is appealed."""
    court = Court(registry.costaked())
    court.open()
    court.appeal()
    return court


def test_the_frozen_stake_is_burned(court: Court) -> None:
    registry, world = court.registry, court.registry.world
    supply, part = world.supply(), (STAKE + COSTAKE) // 4
    world.now += DECIDE - 1
    assert court.uphold() == [
        CaseUpheld(
            case=court.case,
            node=registry.node,
            amount=part,
            frozen=0,
            total_staked=STAKE + COSTAKE - part,
        )
    ]
    config = registry.read_staking()
    assert (config.frozen, config.total_staked) == (0, STAKE + COSTAKE - part)
    assert world.balance(addresses.stake_vault()) == STAKE + COSTAKE - part
    assert world.supply() == supply - part
    assert (court.read().state, registry.read_node().case_open) == (UPHELD, 0)
    assert court.buckets() == (STAKE - STAKE // 4, COSTAKE - COSTAKE // 4, 0, 0)


def test_a_node_slashed_below_its_requirement_is_filled_up_by_its_owner(court: Court) -> None:
    registry = court.registry
    court.uphold()
    missing = STAKE - (STAKE + COSTAKE) * 3 // 4
    registry.act(registry.stake_add(missing), registry.owner)
    assert registry.read_node().state == 1


def test_a_co_stake_that_is_burned_whole_ends_by_anyone(registry: Registry) -> None:
    court = Court(registry.costaked())
    court.open(1, 10_000)
    with refused("CostakeNotDue"):
        registry.act(registry.costake_end())
    court.appeal(registry.costaker)
    court.uphold()
    registry.act(registry.costake_end())
    assert (registry.read_record().costakes, registry.read_node().costake_share_bps) == (0, 0)
    registry.act(registry.node_retire(), registry.owner)


def test_at_the_deadline_it_is_too_late(court: Court) -> None:
    court.pass_deadline()
    with refused("CaseDeadlinePassed"):
        court.uphold()


def test_a_case_without_appeal_is_refused(registry: Registry) -> None:
    court = Court(registry.active())
    court.open()
    with refused("CaseState"):
        court.uphold()


def test_a_decided_case_is_refused(court: Court) -> None:
    court.uphold()
    with refused("CaseState"):
        court.uphold()


def test_only_the_arbiter_upholds(court: Court) -> None:
    world, call = court.registry.world, court.case_uphold()
    for key in (court.slasher, court.registry.net.authority, court.registry.owner):
        with refused("NotArbiter"):
            world.send(swap(call, court.arbiter.pubkey(), key.pubkey()), signers=[key])
    with refused("MissingRequiredSignature"):
        world.send(unsigned(call, court.arbiter.pubkey()))


def test_foreign_accounts_are_refused(court: Court) -> None:
    registry, world, call = court.registry, court.registry.world, court.case_uphold()
    refuses_foreign_accounts(registry, call, court.arbiter)
    wrong = [
        (registry.node, copy(world, registry.node), "CaseMismatch"),
        (court.case, copy(world, court.case, owner=addresses.JOBS), "IllegalOwner"),
        (court.case, copy(world, registry.node), "InvalidAccountData"),
        (addresses.mint(), copy(world, addresses.mint()), "MintMismatch"),
    ]
    for right, other, name in wrong:
        with refused(name):
            registry.act(swap(call, right, other), court.arbiter)
