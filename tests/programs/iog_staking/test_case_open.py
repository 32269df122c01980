import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import CaseOpened
from registry_world import COSTAKE, NOBODY, STAKE, Registry, refused, refuses_foreign_accounts
from slash_world import APPEAL, EVIDENCE, KINDS, OPEN, Court, taken
from stages import HOUR
from world import swap, unsigned


@pytest.fixture
def court(registry: Registry) -> Court:
    """The node is active with exactly its requirement, since the first hour."""
    return Court(registry.active())


def test_the_share_leaves_the_stake_and_the_node_is_not_active(court: Court) -> None:
    registry, world = court.registry, court.registry.world
    world.now += 5 * HOUR
    seen = court.open()
    part = STAKE // 4
    assert seen == [
        CaseOpened(
            case=court.case,
            node=registry.node,
            slasher=court.slasher.pubkey(),
            owner=registry.owner.pubkey(),
            costaker=NOBODY,
            kind=4,
            bps=2_500,
            evidence_hash=EVIDENCE,
            own=part,
            costake=0,
            cooling=0,
            cooling_costake=0,
            deadline=world.now + APPEAL,
            node_state=0,
            frozen=part,
        )
    ]
    node, case, config = registry.read_node(), court.read(), registry.read_staking()
    assert (node.stake, node.prev_stake, node.stake_from_hour) == (STAKE - part, STAKE, 7)
    assert (node.state, node.active_from_hour, node.case_open) == (0, 0, 1)
    assert (case.opened_at, case.deadline, case.state) == (world.now, world.now + APPEAL, OPEN)
    assert (config.frozen, config.total_staked) == (part, STAKE)
    assert world.balance(addresses.stake_vault()) == STAKE


def test_it_is_taken_pro_rata_from_own_and_co_staked_stake(registry: Registry) -> None:
    court = Court(registry.costaked())
    court.open(5, 333)
    assert court.parts() == tuple(taken((STAKE, COSTAKE, 0, 0), 333))
    assert court.buckets()[:2] == (STAKE - court.parts()[0], COSTAKE - court.parts()[1])
    assert court.read().costaker == registry.costaker.pubkey()


@pytest.mark.accident("slash escape by unbonding")
def test_cooling_stake_is_taken_too(registry: Registry) -> None:
    court = Court(registry.costaked())
    registry.act(registry.stake_unstake(record=True), registry.owner)
    court.open(4, 2_500)
    assert court.parts() == (0, 0, STAKE // 4, COSTAKE // 4)
    assert court.buckets() == (0, 0, STAKE - STAKE // 4, COSTAKE - COSTAKE // 4)


@pytest.mark.accident("slash escape by unbonding")
def test_while_a_case_is_open_nothing_that_has_cooled_leaves(registry: Registry) -> None:
    court = Court(registry.costaked())
    registry.act(registry.stake_unstake(record=True), registry.owner)
    court.open(5, 500)
    registry.world.now += 20 * 24 * HOUR
    for call in (registry.stake_withdraw(), registry.costake_withdraw()):
        with refused("CaseOpen"):
            registry.act(call)


@pytest.mark.accident("slash escape by unbonding")
def test_what_is_left_after_a_partial_withdrawal_is_taken(registry: Registry) -> None:
    court = Court(registry.costaked())
    registry.act(registry.stake_unstake(record=True), registry.owner)
    registry.world.now += 14 * 24 * HOUR
    registry.act(registry.stake_withdraw())
    court.open(1, 10_000)
    assert (court.parts(), court.buckets()) == ((0, 0, 0, COSTAKE), (0, 0, 0, 0))


@pytest.mark.accident("frozen stake counted")
def test_frozen_stake_is_neither_reduced_by_nor_counted_for_the_requirement(court: Court) -> None:
    registry = court.registry
    registry.act(registry.stake_add(STAKE), registry.owner)
    court.open(4, 2_500)
    node = registry.read_node()
    assert (node.state, node.stake) == (1, 2 * STAKE - STAKE // 2)  # the requirement is met still
    with refused("CaseOpen"):
        registry.act(registry.stake_reduce(1), registry.owner)


def test_an_open_offer_is_withdrawn_and_no_new_one_made(registry: Registry) -> None:
    court = Court(registry.offered())
    registry.act(registry.stake_add(STAKE), registry.owner)
    court.open(5, 1)
    assert (registry.read_node().offer_amount, registry.read_node().offer_share_bps) == (0, 0)
    with refused("CaseOpen"):
        registry.act(registry.costake_offer(), registry.owner)
    with refused("OfferMissing"):
        registry.act(registry.costake_accept(), registry.costaker)


@pytest.mark.parametrize(("kind", "most"), KINDS.values(), ids=KINDS)
def test_each_kind_has_its_most(court: Court, kind: int, most: int) -> None:
    for bps in (0, most + 1):
        with refused("CaseShareOutOfRange"):
            court.open(kind, bps)
    court.open(kind, most)
    assert court.parts()[0] == STAKE * most // 10_000


@pytest.mark.parametrize("kind", [0, 6, 255])
def test_other_kinds_are_refused(court: Court, kind: int) -> None:
    with refused("KindUnknown"):
        court.open(kind, 1)


def test_a_second_case_is_refused_while_one_is_open(court: Court) -> None:
    court.open(5, 500)
    other = Court(court.registry, bytes(32))
    with refused("CaseOpen"):
        other.open(5, 500)
    court.drop()
    other.open(5, 500)


def test_the_same_evidence_is_judged_once(court: Court) -> None:
    court.open(5, 500)
    court.drop()
    with refused("EvidenceJudged"):
        court.open(5, 500)


def test_a_node_without_stake_is_refused(registry: Registry) -> None:
    court = Court(registry.registered())
    with refused("NothingToTake"):
        court.open(1, 10_000)
    registry.act(registry.stake_add(3), registry.owner)
    with refused("NothingToTake"):
        court.open(4, 2_500)  # less than one unit
    court.open(1, 3_334)
    assert court.parts()[0] == 1


def test_a_pause_refuses_a_case(court: Court) -> None:
    court.registry.pause_program()
    with refused("StakingPaused"):
        court.open()


def test_only_the_slasher_opens_one(court: Court) -> None:
    world = court.registry.world
    for key in (court.arbiter, court.registry.net.authority, court.registry.net.guardian):
        with refused("NotSlasher"):
            call = swap(court.case_open(), court.slasher.pubkey(), key.pubkey())
            world.send(call, signers=[key])
    with refused("MissingRequiredSignature"):
        world.send(unsigned(court.case_open(), court.slasher.pubkey()))


def test_foreign_accounts_are_refused(court: Court) -> None:
    registry = court.registry
    refuses_foreign_accounts(registry, court.case_open(), court.slasher, node="IllegalOwner")
    other = addresses.slash_case(registry.node, bytes(32))
    with refused("InvalidSeeds"):
        registry.act(swap(court.case_open(), court.case, other), court.slasher)
