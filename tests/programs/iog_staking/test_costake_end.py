import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import CostakeEnded
from registry_world import (
    COOLING,
    COSTAKE,
    NODE_COSTAKE,
    NOTICE,
    SHARE_BPS,
    STAKE,
    Registry,
    copy,
    refused,
    refuses_foreign_accounts,
)
from stages import HOUR
from world import START, swap


@pytest.fixture
def due(registry: Registry) -> Registry:
    """The co-staker's notice has just run out; the owner has taken out what the co-stake gave
    for the requirement."""
    registry.costaked()
    registry.act(registry.stake_reduce(COSTAKE), registry.owner)
    registry.act(registry.costake_leave(), registry.costaker)
    registry.world.now += NOTICE
    return registry


def end(registry: Registry) -> list[object]:
    return registry.act(registry.costake_end())


def test_the_co_stake_cools_and_a_node_below_its_requirement_stops(due: Registry) -> None:
    seen = end(due)
    node, hour = due.read_node(), NOTICE // HOUR + 1
    assert (node.costake, node.cooling_costake) == (0, COSTAKE)
    assert node.costake_cooling_until == START + NOTICE + COOLING
    assert (node.prev_costake_share_bps, node.costake_share_bps) == (SHARE_BPS, 0)
    assert (node.costake_from_hour, node.costake_leave_at) == (hour + 1, 0)
    assert node.costaker == due.costaker.pubkey()
    assert (node.stake, node.state, node.active_from_hour) == (STAKE - COSTAKE, 0, 0)
    assert due.read_record().costakes == 0
    assert due.read_staking().total_staked == STAKE
    assert seen == [
        CostakeEnded(
            node=due.node,
            owner=due.owner.pubkey(),
            costaker=due.costaker.pubkey(),
            amount=COSTAKE,
            costake_cooling_until=START + NOTICE + COOLING,
            costake_from_hour=hour + 1,
            costakes=0,
            state=0,
            active_from_hour=0,
        )
    ]


def test_a_node_that_meets_its_requirement_alone_stays_active(due: Registry) -> None:
    due.act(due.stake_add(COSTAKE), due.owner)
    end(due)
    assert (due.read_node().state, due.read_node().active_from_hour) == (1, 2)


def test_a_paused_node_falls_back_to_registered(due: Registry) -> None:
    due.act(due.node_pause(), due.owner)
    end(due)
    assert due.read_node().state == 0


def test_one_second_early_is_refused(due: Registry) -> None:
    due.world.now -= 1
    with refused("CostakeNotDue"):
        end(due)


def test_late_it_cools_from_the_end_of_the_notice(due: Registry) -> None:
    due.world.now += COOLING + 5
    end(due)
    assert due.read_node().costake_cooling_until == START + NOTICE + COOLING


def test_without_notice_it_is_refused(registry: Registry) -> None:
    registry.costaked().world.now += 2 * NOTICE
    with refused("CostakeNotDue"):
        end(registry)


def test_a_second_time_is_refused(due: Registry) -> None:
    end(due)
    with refused("CostakeMissing"):
        end(due)


def test_what_a_case_has_burned_is_ended_without_notice(registry: Registry) -> None:
    registry.costaked().world.write(registry.node, NODE_COSTAKE, bytes(8))
    registry.open_case()
    with refused("CostakeNotDue"):
        end(registry)
    registry.open_case(0)
    end(registry)
    node = registry.read_node()
    assert (node.costake_share_bps, node.cooling_costake, node.state) == (0, 0, 1)
    registry.act(registry.costake_offer(), registry.owner)


def test_a_job_a_case_and_a_pause_hold_nobody_in(due: Registry) -> None:
    due.hold()
    due.open_case()
    due.pause_program()
    end(due)
    assert due.read_node().cooling_costake == COSTAKE


def test_another_owner_s_record_is_refused(due: Registry) -> None:
    other = copy(due.world, due.record)
    due.world.write(other, 8, bytes(due.device.pubkey()))
    with refused("RecordMismatch"):
        due.act(swap(due.costake_end(), due.record, other))
    with refused("IllegalOwner"):
        fake = copy(due.world, due.record, owner=addresses.JOBS)
        due.act(swap(due.costake_end(), due.record, fake))


def test_foreign_accounts_are_refused(due: Registry) -> None:
    refuses_foreign_accounts(due, due.costake_end())
