"""Pricing, hours and nodes: pure arithmetic."""

import pytest

from iog_client import schedule
from iog_orchestrator.adapters.clocks import ReadChainClock
from iog_orchestrator.adapters.memory import ManualClock
from iog_orchestrator.core.context import Pace
from iog_orchestrator.domain import pricing
from iog_orchestrator.domain.network import (
    Distributor,
    Emission,
    Network,
)
from iog_orchestrator.domain.nodes import ChainNode, NodeState

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


def test_changes_of_payee_and_stake_count_from_their_hour_on() -> None:
    node = ChainNode(
        "n", "d", "o", "new", "c", 1, 0, 0, 1, 9, 1, NodeState.ACTIVE, 1, "old", 5, 4, 7
    )
    assert [node.payee_in(hour) for hour in (4, 5)] == ["old", "new"]
    assert [node.stake_in(hour) for hour in (6, 7)] == [4, 9]


def test_stake_that_is_gone_does_not_count_for_the_hour_it_left_in() -> None:
    node = ChainNode("n", "d", "o", "p", "c", 1, 0, 0, 1, 0, 1, NodeState.PAUSED, 1, "p", 0, 9, 7)
    assert [node.stake_in(hour) for hour in (6, 7)] == [0, 0]
