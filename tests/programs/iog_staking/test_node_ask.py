import pytest

from iog_client._generated.iog_staking.events import NodeAskSet
from registry_world import (
    ASK,
    NODE_STATES,
    Registry,
    refused,
    refuses_foreign_accounts,
    refuses_strangers,
)


@pytest.mark.parametrize("ask", [0, 1, 2**64 - 1])
def test_the_owner_sets_any_price(registry: Registry, ask: int) -> None:
    registry.active()
    seen = registry.act(registry.node_ask(ask), registry.owner)
    assert registry.read_node().ask == ask
    assert seen == [NodeAskSet(node=registry.node, old=ASK, ask=ask)]


@pytest.mark.parametrize("state", ["registered", "paused"])
def test_a_node_need_not_be_active(registry: Registry, state: str) -> None:
    registry.active().set_node_state(NODE_STATES[state])
    registry.act(registry.node_ask(5), registry.owner)
    assert registry.read_node().ask == 5


def test_a_retired_node_is_refused(registry: Registry) -> None:
    registry.retired()
    with refused("NodeRetired"):
        registry.act(registry.node_ask(5), registry.owner)


def test_another_signer_is_refused(registry: Registry) -> None:
    registry.active()
    refuses_strangers(registry, registry.node_ask(), registry.owner, "NotOwner")


def test_foreign_accounts_are_refused(registry: Registry) -> None:
    registry.active()
    refuses_foreign_accounts(registry, registry.node_ask(), registry.owner)
