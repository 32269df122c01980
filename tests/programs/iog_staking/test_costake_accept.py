from dataclasses import replace

import pytest
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_staking.events import CostakeAccepted
from registry_world import (
    COSTAKE,
    FUNDS,
    NODE_STATES,
    SHARE_BPS,
    STAKE,
    Registry,
    copy,
    refused,
    refuses_foreign_accounts,
)
from stages import HOUR
from world import swap, unsigned


@pytest.fixture
def offered(registry: Registry) -> Registry:
    """The node offers a co-stake."""
    return registry.offered()


def accept(registry: Registry, **terms: int) -> list[object]:
    return registry.act(registry.costake_accept(**terms), registry.costaker)


def another(registry: Registry) -> Registry:
    """Another node of the same owner with an offer of its own."""
    other = replace(registry, device=registry.world.keypair())
    other.world.send(other.agreement(), other.node_register(), signers=[other.owner])
    other.act(other.stake_add(), other.owner)
    other.act(other.costake_offer(), other.owner)
    return other


def test_the_offer_is_taken_and_its_share_counts_from_the_next_hour(offered: Registry) -> None:
    offered.world.now += 3 * HOUR  # the fourth hour is running
    seen = accept(offered)
    node = offered.read_node()
    assert (node.costaker, node.costake) == (offered.costaker.pubkey(), COSTAKE)
    assert (node.prev_costake_share_bps, node.costake_share_bps) == (0, SHARE_BPS)
    assert (node.costake_from_hour, node.costake_leave_at) == (5, 0)
    assert (node.offer_amount, node.offer_share_bps) == (0, 0)
    assert (node.stake, node.state, node.active_from_hour) == (STAKE, 1, 2)
    assert offered.read_record().costakes == 1
    assert offered.read_staking().total_staked == STAKE + COSTAKE
    assert offered.world.balance(addresses.stake_vault()) == STAKE + COSTAKE
    tokens = addresses.tokens(offered.costaker.pubkey())
    assert offered.world.balance(tokens) == FUNDS - COSTAKE
    assert seen == [
        CostakeAccepted(
            node=offered.node,
            owner=offered.owner.pubkey(),
            costaker=offered.costaker.pubkey(),
            amount=COSTAKE,
            share_bps=SHARE_BPS,
            costake_from_hour=5,
            costakes=1,
            total_staked=STAKE + COSTAKE,
        )
    ]


@pytest.mark.parametrize(
    "terms",
    [
        {"amount": COSTAKE + 1},
        {"amount": COSTAKE - 1},
        {"share_bps": SHARE_BPS + 1},
        {"share_bps": SHARE_BPS - 1},
    ],
)
def test_other_terms_than_the_offer_s_are_refused(offered: Registry, terms: dict[str, int]) -> None:
    with refused("OfferDiffers"):
        accept(offered, **terms)


@pytest.mark.accident("offer switched under the co-staker")
def test_an_offer_that_changes_under_the_co_staker_is_refused(offered: Registry) -> None:
    call = offered.costake_accept()
    offered.act(offered.costake_offer(COSTAKE, SHARE_BPS - 1), offered.owner)
    with refused("OfferDiffers"):
        offered.act(call, offered.costaker)
    offered.act(offered.costake_revoke(), offered.owner)
    with refused("OfferMissing"):
        offered.act(call, offered.costaker)
    assert offered.world.balance(addresses.tokens(offered.costaker.pubkey())) == FUNDS


def test_terms_of_nothing_are_refused(registry: Registry) -> None:
    registry.offered()
    registry.act(registry.costake_revoke(), registry.owner)
    with refused("OfferMissing"):
        accept(registry, amount=0, share_bps=0)


def test_a_second_time_is_refused(offered: Registry) -> None:
    accept(offered)
    with refused("OfferMissing"):
        accept(offered)


def test_the_owner_is_refused(offered: Registry) -> None:
    offered.costaker = offered.owner
    with refused("CostakeOwn"):
        accept(offered)


@pytest.mark.parametrize("state", [state for state in NODE_STATES if state != "active"])
def test_a_node_that_is_not_active_is_refused(offered: Registry, state: str) -> None:
    offered.set_node_state(NODE_STATES[state])
    with refused("NodeNotActive"):
        accept(offered)


def test_an_open_case_is_refused(offered: Registry) -> None:
    offered.open_case()
    with refused("CaseOpen"):
        accept(offered)


def test_a_paused_program_is_refused(offered: Registry) -> None:
    offered.pause_program()
    with refused("StakingPaused"):
        accept(offered)


def test_more_than_the_co_staker_has_is_refused_and_leaves_no_trace(offered: Registry) -> None:
    offered.costaker = offered.world.keypair()
    offered.net.fund(offered.costaker.pubkey(), COSTAKE - 1)
    with refused("1"):  # the token program's InsufficientFunds
        accept(offered)
    assert (offered.read_node().costake, offered.read_record().costakes) == (0, 0)


# --- the owner's counter --------------------------------------------------------------------------


def test_an_owner_has_two_taken_offers_at_most(offered: Registry) -> None:
    second, third = another(offered), another(offered)
    accept(offered)
    accept(second)
    assert offered.read_record().costakes == 2
    with refused("CostakesFull"):
        accept(third)
    offered.act(offered.stake_unstake(record=True), offered.owner)
    accept(third)
    assert offered.read_record().costakes == 2


@pytest.mark.accident("two owners' counters")
def test_owners_are_counted_apart(offered: Registry) -> None:
    """Another owner's record, full or not, stands for nobody else's."""
    other = replace(offered, owner=offered.world.keypair(), device=offered.world.keypair())
    offered.net.fund(other.owner.pubkey(), FUNDS)
    other.world.send(other.agreement(), other.node_register(), signers=[other.owner])
    other.act(other.stake_add(), other.owner)
    other.act(other.costake_offer(), other.owner)
    with refused("RecordMismatch"):
        offered.act(swap(offered.costake_accept(), offered.record, other.record), offered.costaker)
    accept(offered)
    accept(other)
    assert (offered.read_record().costakes, other.read_record().costakes) == (1, 1)


def test_a_record_of_another_program_is_refused(offered: Registry) -> None:
    fake = copy(offered.world, offered.record, owner=addresses.JOBS)
    with refused("IllegalOwner"):
        offered.act(swap(offered.costake_accept(), offered.record, fake), offered.costaker)


# --- accounts -------------------------------------------------------------------------------------


def test_the_co_staker_must_sign(offered: Registry) -> None:
    call = offered.costake_accept()
    with refused("MissingRequiredSignature"):
        offered.world.send(unsigned(call, offered.costaker.pubkey()))


def test_another_s_tokens_are_refused(offered: Registry) -> None:
    mine = addresses.tokens(offered.costaker.pubkey())
    other = offered.net.fund(Keypair().pubkey(), FUNDS)
    with refused("4"):  # the token program's OwnerMismatch
        offered.act(swap(offered.costake_accept(), mine, other), offered.costaker)


def test_foreign_accounts_are_refused(offered: Registry) -> None:
    refuses_foreign_accounts(offered, offered.costake_accept(), offered.costaker)
