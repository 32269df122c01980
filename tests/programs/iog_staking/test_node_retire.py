import pytest

from iog_client._generated.iog_staking.events import NodeRetired
from registry_world import (
    COOLING,
    NODE_STATES,
    Registry,
    refused,
    refuses_foreign_accounts,
    refuses_strangers,
)


@pytest.fixture
def empty(registry: Registry) -> Registry:
    """A node that never had stake."""
    return registry.registered()


def retire(registry: Registry) -> list[object]:
    return registry.act(registry.node_retire(), registry.owner)


def test_an_empty_node_is_retired(empty: Registry) -> None:
    seen = retire(empty)
    assert empty.read_node().state == NODE_STATES["retired"]
    assert seen == [NodeRetired(node=empty.node, owner=empty.owner.pubkey())]


def test_a_second_time_is_refused(empty: Registry) -> None:
    retire(empty)
    with refused("NodeRetired"):
        retire(empty)


def test_stake_of_any_kind_has_to_be_gone(empty: Registry) -> None:
    empty.act(empty.stake_add(1), empty.owner)
    with refused("StakeLeft"):
        retire(empty)
    empty.act(empty.stake_unstake(), empty.owner)
    with refused("StakeLeft"):
        retire(empty)
    empty.world.now += COOLING
    empty.act(empty.stake_withdraw())
    retire(empty)
    assert empty.read_node().state == NODE_STATES["retired"]


def test_a_co_stake_has_to_be_gone(registry: Registry) -> None:
    registry.costaked()
    registry.act(registry.stake_unstake(record=True), registry.owner)
    registry.world.now += COOLING
    registry.act(registry.stake_withdraw())
    with refused("CostakeStands"):
        retire(registry)
    registry.act(registry.costake_withdraw())
    retire(registry)
    assert registry.read_node().state == NODE_STATES["retired"]


def test_a_running_job_is_refused(empty: Registry) -> None:
    empty.hold()
    with refused("NodeBusy"):
        retire(empty)


def test_an_open_case_is_refused(empty: Registry) -> None:
    empty.open_case()
    with refused("CaseOpen"):
        retire(empty)


def test_another_signer_is_refused(empty: Registry) -> None:
    refuses_strangers(empty, empty.node_retire(), empty.owner, "NotOwner")


def test_foreign_accounts_are_refused(empty: Registry) -> None:
    refuses_foreign_accounts(empty, empty.node_retire(), empty.owner)
