import pytest
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_staking.events import StakeReduced
from registry_world import (
    COSTAKE,
    FUNDS,
    NODE_STATES,
    STAKE,
    Registry,
    refused,
    refuses_foreign_accounts,
    refuses_strangers,
)
from stages import HOUR
from world import swap


@pytest.fixture
def ready(registry: Registry) -> Registry:
    """The node has ten units more than it needs, since an hour."""
    registry.active()
    registry.act(registry.stake_add(10), registry.owner)
    registry.world.now += HOUR
    return registry


def reduce(registry: Registry, amount: int) -> list[object]:
    return registry.act(registry.stake_reduce(amount), registry.owner)


def test_what_is_above_the_requirement_comes_out_at_once(ready: Registry) -> None:
    seen = reduce(ready, 10)
    node = ready.read_node()
    assert (node.stake, node.prev_stake, node.stake_from_hour) == (STAKE, STAKE + 10, 3)
    assert (node.state, node.active_from_hour) == (NODE_STATES["active"], 2)
    assert ready.read_staking().total_staked == STAKE
    assert ready.world.balance(addresses.stake_vault()) == STAKE
    assert ready.world.balance(addresses.tokens(ready.owner.pubkey())) == FUNDS - STAKE
    assert seen == [
        StakeReduced(
            node=ready.node,
            owner=ready.owner.pubkey(),
            amount=10,
            stake=STAKE,
            stake_from_hour=3,
            total_staked=STAKE,
        )
    ]


def test_one_unit_of_the_requirement_is_refused(ready: Registry) -> None:
    with refused("RequirementHeld"):
        reduce(ready, 11)
    with refused("RequirementHeld"):
        reduce(ready, STAKE + 11)


def test_nothing_is_refused(ready: Registry) -> None:
    with refused("AmountZero"):
        reduce(ready, 0)


@pytest.mark.accident("flash stake")
def test_stake_that_came_and_went_counts_in_no_hour(ready: Registry) -> None:
    """Flash stake: the least of an hour counts, and that is what was before."""
    ready.act(ready.stake_add(1_000), ready.owner)
    reduce(ready, 1_000)
    node = ready.read_node()
    assert (node.stake, node.prev_stake, node.stake_from_hour) == (STAKE + 10, STAKE + 10, 3)


def test_a_co_stake_sets_own_stake_free_down_to_half(registry: Registry) -> None:
    registry.active().net.fund(registry.costaker.pubkey(), FUNDS)
    registry.act(registry.costake_offer(STAKE // 2), registry.owner)
    registry.act(registry.costake_accept(STAKE // 2), registry.costaker)
    registry.act(registry.stake_add(7), registry.owner)
    with refused("RequirementHeld"):
        reduce(registry, STAKE // 2 + 8)
    reduce(registry, STAKE // 2 + 7)
    node = registry.read_node()
    assert (node.stake, node.costake, node.state) == (STAKE // 2, STAKE // 2, 1)
    assert registry.read_staking().total_staked == STAKE


def test_a_leaving_co_stake_sets_nothing_free(registry: Registry) -> None:
    registry.costaked()
    registry.act(registry.costake_leave(), registry.costaker)
    registry.act(registry.stake_add(COSTAKE), registry.owner)
    with refused("CostakeLeaving"):
        reduce(registry, 1)


def test_an_open_case_is_refused(ready: Registry) -> None:
    ready.open_case()
    with refused("CaseOpen"):
        reduce(ready, 1)


@pytest.mark.parametrize("state", ["registered", "retired"])
def test_a_node_without_its_stake_is_refused(ready: Registry, state: str) -> None:
    ready.set_node_state(NODE_STATES[state])
    with refused("NodeNotActive"):
        reduce(ready, 1)


def test_a_paused_node_and_a_paused_program_give_out(ready: Registry) -> None:
    ready.act(ready.node_pause(), ready.owner)
    ready.pause_program()
    reduce(ready, 10)
    assert ready.read_node().stake == STAKE


def test_another_destination_is_refused(ready: Registry) -> None:
    mine = addresses.tokens(ready.owner.pubkey())
    with refused("DestinationMismatch"):
        ready.act(
            swap(ready.stake_reduce(1), mine, ready.world.tokens(Keypair().pubkey())), ready.owner
        )


def test_another_signer_is_refused(ready: Registry) -> None:
    refuses_strangers(ready, ready.stake_reduce(1), ready.owner, "NotOwner")


def test_foreign_accounts_are_refused(ready: Registry) -> None:
    refuses_foreign_accounts(ready, ready.stake_reduce(1), ready.owner)
