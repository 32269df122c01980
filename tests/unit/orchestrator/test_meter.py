"""The meter of one device: what it is credited, and above all what it is not."""

import pytest

from iog_orchestrator.domain.meter import BREAK, KEPT, PresenceMeter, Reading, parts

SILENCE = 3.0


class Met:
    """A meter with both its clocks; hours of 10 s from 100 on."""

    def __init__(self, chain: float, start: int = 100) -> None:
        self.meter = PresenceMeter(SILENCE)
        self.chain, self.monotonic, self.start = chain, 50.0, start
        self.meter.heard(self.now)

    @property
    def now(self) -> Reading:
        return Reading(self.chain, self.monotonic, self.start, 10)

    def wait(self, seconds: float, warp: float = 0) -> None:
        self.chain += seconds + warp
        self.monotonic += seconds

    def beat(self, seconds: float, warp: float = 0) -> None:
        self.wait(seconds, warp)
        self.meter.heard(self.now)

    def seconds(self, hour: int) -> float:
        return round(self.meter.seconds(hour, self.now), 6)

    def spent(self) -> float:
        return self.meter.spent(self.monotonic)


def test_time_between_signs_of_life_is_credited_to_the_hour_it_falls_into() -> None:
    met = Met(100)
    for _ in range(15):
        met.beat(1)
    assert (met.seconds(1), met.seconds(2), met.seconds(3)) == (10, 5, 0)


def test_a_step_over_an_hours_end_is_divided() -> None:
    met = Met(108)
    met.beat(3)
    assert (met.seconds(1), met.seconds(2)) == (2, 1)


def test_nothing_before_the_arrival_counts() -> None:
    met = Met(125)
    met.beat(2)
    assert [met.seconds(hour) for hour in (1, 2, 3)] == [0, 0, 2]


def test_the_time_since_the_last_sign_counts_as_it_passes_but_not_past_silence() -> None:
    met = Met(100)
    met.wait(2)
    assert met.seconds(1) == 2
    met.wait(2)
    assert met.seconds(1) == SILENCE
    met.wait(4)
    assert met.seconds(1) == SILENCE


def test_a_silence_counts_only_at_its_begin_though_a_sign_follows() -> None:
    met = Met(100)
    met.beat(8)
    met.beat(1)
    assert met.seconds(1) == SILENCE + 1


def test_a_silence_over_an_hours_end_leaves_the_next_hour_what_comes_after_it() -> None:
    met = Met(105)
    met.beat(20)
    met.beat(1)
    assert [met.seconds(hour) for hour in (1, 2, 3)] == [3, 0, 1]


def test_looking_is_no_sign_of_life() -> None:
    met = Met(100)
    for _ in range(9):
        met.wait(1)
        met.seconds(1)
    assert met.seconds(1) == SILENCE


def test_the_time_without_a_connection_does_not_count() -> None:
    met = Met(100)
    met.wait(1)
    met.meter.left(met.now)
    met.wait(2)
    assert met.seconds(1) == 1
    met.meter.heard(met.now)
    met.beat(2)
    assert met.seconds(1) == 3


def test_what_leaves_in_silence_has_no_more_than_the_silence() -> None:
    met = Met(100)
    met.wait(9)
    met.meter.left(met.now)
    assert met.seconds(1) == SILENCE


def test_an_hour_crossed_by_a_warp_has_only_its_real_seconds() -> None:
    met = Met(100)
    met.beat(2, warp=30)
    assert [met.seconds(hour) for hour in (1, 2, 3, 4)] == [0, 0, 0, 2]
    met.beat(1)
    assert met.seconds(4) == 3


def test_a_warp_within_an_hour_adds_nothing() -> None:
    met = Met(100)
    met.beat(2, warp=5)
    assert met.seconds(1) == 2


@pytest.mark.parametrize("start", [0, 100])
def test_the_first_hour_begins_with_the_emission(start: int) -> None:
    met = Met(97, start)
    met.beat(2)
    met.start = 100
    met.beat(2)
    assert met.seconds(1) == 1
    assert met.seconds(0) == 0


def test_no_hour_has_more_than_has_passed_of_it() -> None:
    met = Met(104)
    met.meter.credit(1, 9)
    assert met.seconds(1) == 4
    met.meter.credit(2, 5)
    assert met.seconds(2) == 0


def test_only_the_newest_hours_are_kept() -> None:
    met = Met(100)
    for hour in range(1, 30):
        met.meter.credit(hour, 1)
    met.meter.left(met.now)
    met.wait(500)
    kept = [hour for hour in range(1, 30) if met.seconds(hour)]
    assert kept == list(range(30 - KEPT, 30))


def test_a_run_keeps_its_seconds_over_a_break_as_long_as_the_lease() -> None:
    met = Met(100)
    met.meter.left(met.now)
    met.beat(BREAK)
    assert met.spent() == BREAK
    met.wait(5)
    assert met.spent() == BREAK + 5


def test_a_run_gets_no_more_of_a_longer_break_than_the_lease() -> None:
    met = Met(100)
    met.wait(1000)
    assert met.spent() == BREAK
    met.beat(0)
    met.beat(2)
    assert met.spent() == BREAK + 2


def test_a_device_that_never_came_has_spent_nothing() -> None:
    assert PresenceMeter(SILENCE).spent(1000) == 0


@pytest.mark.parametrize(
    ("begin", "end", "found"),
    [
        (104, 107, [(1, 3)]),
        (104, 123, [(1, 6), (2, 10), (3, 3)]),
        (90, 105, [(1, 5)]),
        (50, 90, []),
    ],
)
def test_an_interval_is_divided_by_hours(
    begin: float, end: float, found: list[tuple[int, float]]
) -> None:
    assert parts(begin, end, Reading(200, 0, 100, 10)) == found


def test_an_interval_has_the_newest_hours_only() -> None:
    found = parts(100, 1100, Reading(1100, 0, 100, 10))
    assert len(found) == KEPT
    assert found[-1] == (101, 0)


def test_a_longer_silence_counts_from_the_sign_of_life_that_allows_it() -> None:
    met = Met(100)
    met.wait(1)
    met.meter.heard(met.now, 6.0)
    met.wait(8)
    assert met.seconds(1) == 7
    met.meter.heard(met.now, SILENCE)
    met.wait(5)
    assert (met.seconds(1), met.seconds(2)) == (8, 2)
