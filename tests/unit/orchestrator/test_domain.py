"""Pricing, hours and nodes: pure arithmetic."""

from dataclasses import replace

import pytest

from iog_client import schedule
from iog_client.amounts import IO
from iog_orchestrator.adapters.clocks import ReadChainClock
from iog_orchestrator.adapters.memory import ManualClock
from iog_orchestrator.core.context import Pace
from iog_orchestrator.domain import pricing
from iog_orchestrator.domain.network import (
    Distributor,
    Emission,
    Network,
)
from iog_orchestrator.domain.nodes import ChainNode, NodeState, blockers

NETWORK = Network("g", {}, {}, "m", "d", 10, True)


@pytest.mark.parametrize(("amount", "fee"), [(0, 0), (1, 1), (400, 1), (401, 2), (10_000, 25)])
def test_a_fee_is_rounded_up(amount: int, fee: int) -> None:
    assert pricing.fee(amount) == fee


def test_a_job_is_funded_with_its_highest_cost_and_one_fee() -> None:
    assert pricing.funded(1_000, 2, 60) == 120_300


@pytest.mark.parametrize("hour", [1, 2, 730, 731, 8_760, 175_200])
def test_the_pools_part_is_that_of_the_schedule(hour: int) -> None:
    emission = Emission(start=1, pool_bps=1_000)
    rewards, pool = schedule.split(hour, 1_000)
    assert emission.pool_total(hour) == pool
    assert schedule.emitted(hour) - pool == rewards


def test_a_change_of_the_split_counts_after_its_hour() -> None:
    emission = Emission(start=1, pool_bps=1_000, next_split_hour=5, next_pool_bps=0)
    five = emission.pool_total(5)
    assert five == schedule.emitted(5) // 10
    assert emission.pool_total(9) == five


@pytest.mark.parametrize(("length", "scaled"), [(3600, 600), (10, 1), (1, 1), (60, 10)])
def test_durations_scale_with_the_hour_and_never_vanish(length: int, scaled: int) -> None:
    assert Network("g", {}, {}, "m", "d", length, True).scaled(600) == scaled


def test_a_pending_root_is_live_from_its_time_on() -> None:
    root = Distributor("a", 1, 1, "b", 2, 2, 50)
    assert (root.live(49), root.is_pending(49)) == ((1, "a"), True)
    assert (root.live(50), root.is_pending(50)) == ((2, "b"), False)


def test_the_pace_of_short_hours_is_quick_and_of_real_ones_bounded() -> None:
    short, real = Pace.of(NETWORK), Pace.of(Network("g", {}, {}, "m", "d", 3600, False))
    assert (short.heartbeat, short.statement, short.hour_grace) == (
        pytest.approx(0.8333, 1e-3),
        1,
        1,
    )
    assert (real.heartbeat, real.statement, real.hour_grace) == (15, 60, 60)


def test_the_chains_clock_is_followed_within_its_second() -> None:
    clock = ManualClock()
    chain = ReadChainClock(clock)
    chain.set(100)
    clock.advance(0.6)
    chain.set(100)
    assert chain.now() == pytest.approx(100.6)
    clock.advance(0.2)
    chain.set(105)
    assert chain.now() == 105
    clock.advance(3)
    chain.set(106)
    assert chain.now() == 106


NODE = ChainNode(
    address="n",
    device="d",
    owner="o",
    payee="payee",
    node_class="c",
    gpus=1,
    busy=0,
    running=0,
    ask=1,
    stake=200 * IO,
    multiplier=1_000,
    state=NodeState.ACTIVE,
    active_from_hour=1,
)


def test_changes_of_payee_and_stake_count_from_their_hour_on() -> None:
    node = replace(
        NODE,
        payee="new",
        prev_payee="old",
        payee_from_hour=5,
        stake=9,
        prev_stake=4,
        stake_from_hour=7,
    )
    assert [node.payee_in(hour) for hour in (3, 4, 5, 6)] == ["old", "old", "new", "new"]
    assert [node.stake_in(hour) for hour in (5, 6, 7, 8)] == [4, 4, 9, 9]


def test_stake_that_is_gone_does_not_count_for_the_hour_it_left_in() -> None:
    node = replace(NODE, stake=0, prev_stake=9, stake_from_hour=7)
    assert [node.stake_in(hour) for hour in (5, 6, 7)] == [9, 0, 0]


def test_a_co_stake_has_its_share_from_the_hour_after_it_was_taken() -> None:
    node = replace(NODE, costaker="friend", costake=100, costake_share_bps=500, costake_from_hour=7)
    assert [node.share_in(hour) for hour in (5, 6, 7, 8)] == [0, 0, 500, 500]
    assert [node.costaker_in(hour) for hour in (6, 7)] == [None, "friend"]
    assert [node.costake_in(hour) for hour in (5, 6, 7)] == [0, 100, 100]


def test_a_co_stake_has_its_share_to_the_end_of_the_hour_it_ended_in() -> None:
    node = replace(
        NODE,
        costaker="friend",
        cooling_costake=100,
        prev_costake_share_bps=500,
        costake_from_hour=7,
    )
    assert [node.share_in(hour) for hour in (5, 6, 7)] == [500, 500, 0]
    assert [node.costaker_in(hour) for hour in (6, 7)] == ["friend", None]


def test_a_share_without_a_wallet_to_pay_stays_with_the_node() -> None:
    """Its co-staker withdrew before an hour of long ago was closed."""
    node = replace(NODE, prev_costake_share_bps=500, costake_from_hour=7)
    assert (node.share_in(6), node.costaker_in(6)) == (0, None)


SHORT = 200 * IO - 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"state": NodeState.PAUSED}, "its owner has paused it"),
        ({"state": NodeState.RETIRED}, "it has to be registered again"),
        ({}, "its stake is met, and its owner may resume it"),
        ({"stake": SHORT}, "its stake is 199.99999999 IO of its owner; 200 IO are required"),
        (
            {"stake": 100 * IO, "costake": 100 * IO - 1},
            "its stake is 100 IO of its owner and 99.99999999 IO co-staked; "
            "200 IO are required, half of them its owner's",
        ),
        (
            {"stake": 100 * IO - 1, "costake": 200 * IO},
            "its stake is 99.99999999 IO of its owner and 200 IO co-staked; "
            "200 IO are required, half of them its owner's",
        ),
        (
            {"stake": 0, "case_open": True},
            "its stake is 0 IO of its owner; 200 IO are required; a slash case is open",
        ),
    ],
)
def test_a_node_that_is_not_active_says_why(changes: dict[str, object], why: str) -> None:
    node = replace(NODE, **{"state": NodeState.REGISTERED, **changes})  # type: ignore[arg-type]
    [first, *_] = blockers(node, None, None)
    assert first.text == f"the node is {node.state.label} on chain, not active: {why}"


def test_an_active_node_says_nothing_of_its_stake() -> None:
    said = [one.text for one in blockers(NODE, None, None)]
    assert said == ["its class is not enabled", "it is not connected"]
