import pytest

from iog_client._generated.iog_staking.events import NodePaused
from registry_world import (
    NODE_STATES,
    STAKE,
    Registry,
    refused,
    refuses_foreign_accounts,
    refuses_strangers,
)


def test_an_active_node_stops_and_keeps_its_stake(registry: Registry) -> None:
    registry.active().hold(3)
    seen = registry.act(registry.node_pause(), registry.owner)
    node = registry.read_node()
    assert (node.state, node.active_from_hour) == (NODE_STATES["paused"], 0)
    assert (node.stake, node.busy, node.running) == (STAKE, 3, 1)
    assert seen == [NodePaused(node=registry.node, running=1)]


@pytest.mark.parametrize("state", ["registered", "paused", "retired"])
def test_only_an_active_node_is_paused(registry: Registry, state: str) -> None:
    registry.active().set_node_state(NODE_STATES[state])
    with refused("NodeNotActive"):
        registry.act(registry.node_pause(), registry.owner)


def test_another_signer_is_refused(registry: Registry) -> None:
    registry.active()
    refuses_strangers(registry, registry.node_pause(), registry.owner, "NotOwner")


def test_foreign_accounts_are_refused(registry: Registry) -> None:
    registry.active()
    refuses_foreign_accounts(registry, registry.node_pause(), registry.owner)
