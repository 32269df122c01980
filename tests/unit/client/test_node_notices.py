"""Times of notices as people write them."""

import pytest

from iog_client.cli.node_notices import seconds
from iog_client.errors import UsageError

NOW = 1_796_551_200.0
"""2026-12-06 10:00:00 UTC."""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2h", 7200),
        ("1h30m", 5400),
        ("2026-12-06T10:00:30Z", 30),
        ("2026-12-06T12:00:30+02:00", 30),
        ("2026-12-06 10:01:00+00:00", 60),
    ],
)
def test_a_time_is_a_span_or_a_date(text: str, found: int) -> None:
    assert seconds(text, NOW) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("soon", "`soon` is not a duration"),
        ("0s", "is no time at all"),
        ("31d", "more than 30 days ahead"),
        ("2026-12-06T12:00:30", "names no zone; `2026-12-06T12:00:30Z` would be UTC"),
        ("2026-12-06T09:59:00Z", "is over"),
        ("2027-12-06T09:59:00Z", "more than 30 days ahead"),
    ],
)
def test_other_times_are_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        seconds(text, NOW)
