import pytest

from iog_client._generated.iog_staking.events import CostakeLeft
from registry_world import (
    COSTAKE,
    NOTICE,
    SHARE_BPS,
    Registry,
    refused,
    refuses_foreign_accounts,
    refuses_strangers,
)
from world import START


@pytest.fixture
def taken(registry: Registry) -> Registry:
    """The offer is taken."""
    return registry.costaked()


def leave(registry: Registry) -> list[object]:
    return registry.act(registry.costake_leave(), registry.costaker)


def test_the_co_stake_counts_as_before_until_the_notice_has_run_out(taken: Registry) -> None:
    seen = leave(taken)
    node = taken.read_node()
    assert node.costake_leave_at == START + NOTICE
    assert (node.costake, node.costake_share_bps, node.state) == (COSTAKE, SHARE_BPS, 1)
    assert taken.read_record().costakes == 1
    assert seen == [
        CostakeLeft(
            node=taken.node,
            costaker=taken.costaker.pubkey(),
            amount=COSTAKE,
            leave_at=START + NOTICE,
        )
    ]


def test_a_second_notice_is_refused(taken: Registry) -> None:
    leave(taken)
    taken.world.now += 1
    with refused("CostakeLeaving"):
        leave(taken)
    assert taken.read_node().costake_leave_at == START + NOTICE


def test_an_ended_co_stake_is_not_left_again(taken: Registry) -> None:
    taken.act(taken.stake_unstake(record=True), taken.owner)
    with refused("CostakeMissing"):
        leave(taken)


def test_case_and_pause_hold_nobody_in(taken: Registry) -> None:
    taken.open_case()
    taken.pause_program()
    leave(taken)
    assert taken.read_node().costake_leave_at == START + NOTICE


def test_the_owner_and_strangers_are_refused(taken: Registry) -> None:
    refuses_strangers(taken, taken.costake_leave(), taken.costaker, "NotCostaker")
    taken.costaker = taken.owner
    with refused("NotCostaker"):
        leave(taken)


def test_without_a_co_staker_everyone_is_refused(registry: Registry) -> None:
    registry.active()
    with refused("NotCostaker"):
        leave(registry)


def test_foreign_accounts_are_refused(taken: Registry) -> None:
    refuses_foreign_accounts(taken, taken.costake_leave(), taken.costaker)
