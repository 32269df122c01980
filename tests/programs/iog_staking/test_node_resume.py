import pytest

from iog_client._generated.iog_staking.events import NodeResumed
from registry_world import (
    NODE_STAKE,
    NODE_STATES,
    STAKE,
    Registry,
    refused,
    refuses_foreign_accounts,
    refuses_strangers,
)
from stages import HOUR


@pytest.fixture
def paused(registry: Registry) -> Registry:
    """An active node that its owner has paused."""
    registry.active()
    registry.act(registry.node_pause(), registry.owner)
    return registry


@pytest.mark.parametrize("state", ["paused", "registered"])
def test_a_stopped_node_with_its_stake_is_active_from_the_next_hour(
    paused: Registry, state: str
) -> None:
    """Registered with its stake met is a node whose slash case was dropped."""
    paused.set_node_state(NODE_STATES[state])
    paused.world.now += 9 * HOUR
    seen = paused.act(paused.node_resume(), paused.owner)
    node = paused.read_node()
    assert (node.state, node.active_from_hour, node.stake) == (NODE_STATES["active"], 11, STAKE)
    assert seen == [NodeResumed(node=paused.node, active_from_hour=11)]


@pytest.mark.parametrize("state", ["active", "retired"])
def test_another_state_is_refused(paused: Registry, state: str) -> None:
    paused.set_node_state(NODE_STATES[state])
    with refused("NodeNotStopped"):
        paused.act(paused.node_resume(), paused.owner)


def test_one_unit_below_the_requirement_is_refused(paused: Registry) -> None:
    paused.world.write(paused.node, NODE_STAKE, (STAKE - 1).to_bytes(8, "little"))
    with refused("StakeNotMet"):
        paused.act(paused.node_resume(), paused.owner)


def test_an_open_case_does_not_matter(paused: Registry) -> None:
    paused.open_case()
    paused.act(paused.node_resume(), paused.owner)
    assert paused.read_node().state == NODE_STATES["active"]


def test_another_signer_is_refused(paused: Registry) -> None:
    refuses_strangers(paused, paused.node_resume(), paused.owner, "NotOwner")


def test_foreign_accounts_are_refused(paused: Registry) -> None:
    refuses_foreign_accounts(paused, paused.node_resume(), paused.owner)
