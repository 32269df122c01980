"""Pricing, hours and the meter: pure arithmetic."""

import pytest

from iog_client import schedule
from iog_orchestrator.adapters.clocks import ReadChainClock
from iog_orchestrator.adapters.memory import ManualClock
from iog_orchestrator.core.context import Pace
from iog_orchestrator.domain import pricing
from iog_orchestrator.domain.meter import HourMeter
from iog_orchestrator.domain.network import (
    Distributor,
    Emission,
    Network,
)
from iog_orchestrator.domain.nodes import ChainNode, NodeState

NETWORK = Network("g", {}, "m", "d", 10, True)


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
    assert Network("g", {}, "m", "d", length, True).scaled(600) == scaled


def test_a_pending_root_is_live_from_its_time_on() -> None:
    root = Distributor("a", 1, 1, "b", 2, 2, 50)
    assert (root.live(49), root.is_pending(49)) == ((1, "a"), True)
    assert (root.live(50), root.is_pending(50)) == ((2, "b"), False)


def test_the_pace_of_short_hours_is_quick_and_of_real_ones_bounded() -> None:
    short, real = Pace.of(NETWORK), Pace.of(Network("g", {}, "m", "d", 3600, False))
    assert (short.heartbeat, short.statement, short.hour_grace) == (
        pytest.approx(0.8333, 1e-3),
        1,
        1,
    )
    assert (real.heartbeat, real.statement, real.hour_grace) == (15, 60, 60)


class Met:
    """A meter with both its clocks; hours of 10 s from 100 on."""

    def __init__(self, chain: float) -> None:
        self.meter = HourMeter()
        self.chain, self.monotonic = chain, 0.0
        self.step(0)

    def step(self, seconds: float, warp: float = 0) -> None:
        self.chain += seconds + warp
        self.monotonic += seconds
        self.meter.observe(self.chain, self.monotonic, 100, 10)

    def seconds(self, hour: int) -> float:
        return round(self.meter.seconds(hour, 10), 6)


def test_real_seconds_are_credited_to_the_hour_they_fall_into() -> None:
    met = Met(100)
    for _ in range(15):
        met.step(1)
    assert (met.seconds(1), met.seconds(2), met.seconds(3)) == (10, 5, 0)


def test_a_step_over_an_hours_end_is_divided() -> None:
    met = Met(107)
    met.step(5)
    assert (met.seconds(1), met.seconds(2)) == (10, 2)


def test_the_hour_of_the_first_reading_is_credited_what_the_chain_says() -> None:
    assert Met(104).seconds(1) == 4


def test_hours_before_the_first_reading_count_whole() -> None:
    met = Met(125)
    assert (met.seconds(2), met.seconds(3)) == (10, 5)


def test_an_hour_crossed_by_a_warp_has_only_its_real_seconds() -> None:
    met = Met(100)
    met.step(2, warp=30)
    assert [met.seconds(hour) for hour in (1, 2, 3, 4)] == [0, 0, 0, 2]
    met.step(1)
    assert met.seconds(4) == 3


def test_a_warp_within_an_hour_adds_nothing() -> None:
    met = Met(100)
    met.step(2, warp=5)
    assert met.seconds(1) == 2


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
