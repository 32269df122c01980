import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import CostakeOffered
from registry_world import (
    COOLING,
    COSTAKE,
    NODE_STATES,
    SHARE_BPS,
    STAKE,
    Registry,
    refused,
    refuses_foreign_accounts,
)
from world import swap, unsigned


@pytest.fixture
def ready(registry: Registry) -> Registry:
    """The node is active."""
    return registry.active()


def offer(registry: Registry, amount: int = COSTAKE, share_bps: int = SHARE_BPS) -> list[object]:
    return registry.act(registry.costake_offer(amount, share_bps), registry.owner)


def test_an_offer_stands_in_the_node_and_makes_the_owner_s_record(ready: Registry) -> None:
    seen = offer(ready)
    node, record = ready.read_node(), ready.read_record()
    assert (node.offer_amount, node.offer_share_bps) == (COSTAKE, SHARE_BPS)
    assert (node.costake, node.costake_share_bps, node.state) == (0, 0, 1)
    assert (record.owner, record.costakes) == (ready.owner.pubkey(), 0)
    assert seen == [
        CostakeOffered(
            node=ready.node, owner=ready.owner.pubkey(), amount=COSTAKE, share_bps=SHARE_BPS
        )
    ]


def test_a_later_offer_replaces_it(ready: Registry) -> None:
    offer(ready)
    offer(ready, 1, 1)
    assert (ready.read_node().offer_amount, ready.read_node().offer_share_bps) == (1, 1)


@pytest.mark.parametrize(("amount", "share_bps"), [(1, 1), (STAKE // 2, 10_000)])
def test_the_limits_are_accepted(ready: Registry, amount: int, share_bps: int) -> None:
    offer(ready, amount, share_bps)
    assert ready.read_node().offer_amount == amount


@pytest.mark.parametrize("amount", [0, STAKE // 2 + 1, 2**64 - 1])
def test_an_amount_outside_half_the_requirement_is_refused(ready: Registry, amount: int) -> None:
    with refused("OfferAmountOutOfRange"):
        offer(ready, amount)
    assert not ready.world.exists(ready.record)


@pytest.mark.parametrize("share_bps", [0, 10_001, 65_535])
def test_a_share_out_of_range_is_refused(ready: Registry, share_bps: int) -> None:
    with refused("ShareOutOfRange"):
        offer(ready, share_bps=share_bps)


@pytest.mark.parametrize("state", [state for state in NODE_STATES if state != "active"])
def test_only_an_active_node_offers(ready: Registry, state: str) -> None:
    ready.set_node_state(NODE_STATES[state])
    with refused("NodeNotActive"):
        offer(ready)


def test_an_open_case_is_refused(ready: Registry) -> None:
    ready.open_case()
    with refused("CaseOpen"):
        offer(ready)


def test_with_a_co_stake_or_one_that_is_cooling_it_is_refused(registry: Registry) -> None:
    registry.costaked()
    with refused("CostakeStands"):
        offer(registry)
    registry.act(registry.stake_unstake(record=True), registry.owner)
    registry.act(registry.stake_add(), registry.owner)
    with refused("CostakeStands"):
        offer(registry)
    registry.world.now += COOLING
    registry.act(registry.costake_withdraw())
    offer(registry)
    assert registry.read_node().offer_amount == COSTAKE


def test_the_record_of_another_wallet_is_refused(ready: Registry) -> None:
    other = addresses.owner_record(ready.device.pubkey())
    with refused("InvalidSeeds"):
        ready.act(swap(ready.costake_offer(), ready.record, other), ready.owner)


def test_another_signer_is_refused(ready: Registry) -> None:
    """With a record of its own: every owner may have one."""
    call, other = ready.costake_offer(), ready.world.keypair()
    theirs = swap(call, ready.record, addresses.owner_record(other.pubkey()))
    with refused("NotOwner"):
        ready.act(swap(theirs, ready.owner.pubkey(), other.pubkey()), other)
    with refused("MissingRequiredSignature"):
        ready.world.send(unsigned(call, ready.owner.pubkey()))


def test_foreign_accounts_are_refused(ready: Registry) -> None:
    refuses_foreign_accounts(ready, ready.costake_offer(), ready.owner)
