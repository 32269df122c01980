"""The schedule against its definition, the golden hours and the edges of time."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iog_client import schedule
from iog_client.schedule_table import CUMULATIVE

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/schedule.json").read_text())
START = 1_750_000_000


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["hour"]))
def test_a_golden_hour(vector: dict[str, int]) -> None:
    assert schedule.emitted(vector["hour"]) == vector["emitted"]


@pytest.mark.parametrize(
    ("hour", "units"),
    [
        (0, 0),
        (1, 456_621_004_566),
        (730, 333_333_333_333_333),
        (8_760, 3_784_063_687_188_901),
        (175_200, 30_000_000_000_000_000),
        (175_201, 30_000_000_000_000_000),
    ],
)
def test_the_published_totals(hour: int, units: int) -> None:
    assert schedule.emitted(hour) == units


def test_the_table_is_what_exact_rationals_give() -> None:
    first, ratio = Fraction(5 * 10**16 * 8, 1_200), Fraction("0.98984895296235")
    months = [int(first * ratio**month) for month in range(239)]
    ends = [sum(months[: month + 1]) for month in range(239)]
    assert (*ends, 300_000_000 * 10**8) == CUMULATIVE


@settings(deadline=None)
@given(st.integers(0, schedule.HOURS - 1))
def test_every_hour_emits_something_and_never_more_than_the_one_before(hour: int) -> None:
    now = schedule.emitted(hour + 1) - schedule.emitted(hour)
    assert now > 0
    if hour:
        # Within a month two hours differ by the rounding of one unit at most.
        assert now <= schedule.emitted(hour) - schedule.emitted(hour - 1) + 1


def test_a_negative_hour_is_refused() -> None:
    with pytest.raises(ValueError, match="hour -1 is before the schedule"):
        schedule.emitted(-1)


@pytest.mark.parametrize(
    ("start", "now", "hour", "ended"),
    [
        (0, START, 0, 0),
        (START, START - 1, 0, 0),
        (START, START, 1, 0),
        (START, START + 3_599, 1, 0),
        (START, START + 3_600, 2, 1),
        (START, START + 3_600 * schedule.HOURS - 1, schedule.HOURS, schedule.HOURS - 1),
        (START, START + 3_600 * schedule.HOURS, schedule.HOURS + 1, schedule.HOURS),
        (START, START + 7_200 * schedule.HOURS, 2 * schedule.HOURS + 1, schedule.HOURS),
    ],
)
def test_hours_count_from_one(start: int, now: int, hour: int, ended: int) -> None:
    assert schedule.hour_at(start, 3_600, now) == hour
    assert schedule.hours_ended(start, 3_600, now) == ended


def test_an_hour_is_over_at_its_end_and_not_before() -> None:
    end = schedule.hour_end(START, 10, 7)
    assert end == START + 70
    assert schedule.hours_ended(START, 10, end - 1) == 6
    assert schedule.hours_ended(START, 10, end) == 7


@pytest.mark.parametrize(
    ("seconds", "length", "result"),
    [(600, 3_600, 600), (600, 10, 1), (600, 12, 2), (1, 1, 1), (0, 3_600, 1), (3_599, 1, 1)],
)
def test_durations_follow_the_length_of_an_hour(seconds: int, length: int, result: int) -> None:
    assert schedule.scaled(seconds, length) == result


def test_the_pool_gets_its_share_rounded_down() -> None:
    assert schedule.split(1, 1_000) == (410_958_904_110, 45_662_100_456)
    assert schedule.split(0, 1_000) == (0, 0)
    assert schedule.split(1, 0) == (456_621_004_566, 0)
    assert schedule.split(1, 10_000) == (0, 456_621_004_566)


def test_a_later_share_counts_from_its_hour_only() -> None:
    _, base = schedule.split(5, 1_000)
    rewards, pool = schedule.split(12, 2_500, split_from_hour=5, pool_base=base)
    late = schedule.emitted(12) - schedule.emitted(5)
    assert pool == base + late * 2_500 // 10_000
    assert rewards + pool == schedule.emitted(12)


def test_an_hour_before_the_share_began_is_refused() -> None:
    with pytest.raises(ValueError, match="hour 4 was split before hour 5"):
        schedule.split(4, 2_500, split_from_hour=5)
