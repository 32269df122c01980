"""Points in time are dates with how far off they are, and hours say when they begin."""

import pytest
from network_samples import HOUR, TestNetwork

from iog_client import times
from iog_client.times import Now


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (59, "59s"),
        (3600, "1h"),
        (3601, "1h1m"),
        (12_000, "3h20m"),
        (12_001, "3h21m"),
        (86_400, "1d"),
        (86_401, "1d1h"),
        (1_209_600, "14d"),
    ],
)
def test_a_length_of_time_is_rounded_up_to_two_units(seconds: int, text: str) -> None:
    assert times.span(seconds) == text


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (1_700_012_000, "2023-11-15 01:33:20 UTC (in 3h20m)"),
        (1_700_000_000, "2023-11-14 22:13:20 UTC (now)"),
        (1_699_999_000, "2023-11-14 21:56:40 UTC (16m40s ago)"),
        (2**62, f"unix time {2**62} (in {-(-(2**62 - 1_700_000_000) // 3600) // 24}d"),
    ],
)
def test_a_moment_is_a_date_and_how_far_off_it_is(at: int, text: str) -> None:
    assert times.moment(at, 1_700_000_000).startswith(text)


async def test_an_hour_is_named_with_when_it_begins(net: TestNetwork) -> None:
    now = await Now.read(net.rpc)
    assert (now.at, now.hour) == (net.start, 1)
    assert now.hour_text(1) == f"hour 1, {times.date(net.start)} (now)"
    assert now.hour_text(3) == f"hour 3, {times.date(net.start + 2 * HOUR)} (in 2m)"


async def test_a_delay_follows_the_length_of_an_hour(net: TestNetwork) -> None:
    now = await Now.read(net.rpc)
    assert now.after(14 * 86_400) == net.start + 14 * 24 * HOUR
    assert now.after(1) == net.start + 1
