"""What of a Node account counts in an hour, the hour before, of and after each change."""

from dataclasses import dataclass, replace

import pytest

from iog_client.counting import costake_in, costaker_in, payee_in, share_in, stake_in


@dataclass(frozen=True)
class Account:
    """A node whose payee and stake were as they are since hour 1, without co-stake."""

    payee: str = "payee"
    prev_payee: str = ""
    payee_from_hour: int = 0
    stake: int = 200
    prev_stake: int = 0
    stake_from_hour: int = 1
    costaker: str | None = None
    costake: int = 0
    cooling_costake: int = 0
    costake_share_bps: int = 0
    prev_costake_share_bps: int = 0
    costake_from_hour: int = 0


NODE = Account()
BEGUN = replace(NODE, costaker="friend", costake=100, costake_share_bps=500, costake_from_hour=8)
"""Taken in hour 7."""
ENDED = replace(
    NODE, costaker="friend", cooling_costake=100, prev_costake_share_bps=500, costake_from_hour=8
)
"""Ended in hour 7."""


def test_a_new_payee_is_paid_from_the_hour_after_the_change_on() -> None:
    node = replace(NODE, payee="new", prev_payee="old", payee_from_hour=8)
    assert [payee_in(node, hour) for hour in (6, 7, 8, 9)] == [
        ("old", False),
        ("old", True),
        ("new", True),
        ("new", True),
    ]


def test_added_stake_counts_from_the_next_hour_on() -> None:
    node = replace(NODE, stake=250, prev_stake=200, stake_from_hour=8)
    assert [stake_in(node, hour) for hour in (6, 7, 8, 9)] == [
        (200, False),
        (200, True),
        (250, True),
        (250, True),
    ]


@pytest.mark.parametrize("left", [0, 120])
def test_stake_taken_out_does_not_count_for_the_hour_it_left_in(left: int) -> None:
    node = replace(NODE, stake=left, prev_stake=200, stake_from_hour=8)
    assert [stake_in(node, hour) for hour in (6, 7, 8)] == [
        (200, False),
        (left, True),
        (left, True),
    ]


def test_a_node_without_co_stake_has_none_in_any_hour() -> None:
    assert (share_in(NODE, 1), costaker_in(NODE, 1), costake_in(NODE, 1)) == (
        (0, True),
        (None, True),
        (0, True),
    )


def test_a_share_counts_from_the_hour_after_the_co_stake_was_taken() -> None:
    assert [share_in(BEGUN, hour)[0] for hour in (6, 7, 8, 9)] == [0, 0, 500, 500]
    assert [costaker_in(BEGUN, hour)[0] for hour in (6, 7, 8, 9)] == [
        None,
        None,
        "friend",
        "friend",
    ]
    assert [share_in(BEGUN, hour)[1] for hour in (6, 7, 8, 9)] == [False, True, True, True]


def test_a_co_stake_backs_the_node_from_the_hour_it_was_taken_in() -> None:
    """Its owner may take the same amount out at once, and that does not count for the hour."""
    assert [costake_in(BEGUN, hour)[0] for hour in (6, 7, 8, 9)] == [0, 100, 100, 100]


def test_a_share_ends_with_the_hour_the_co_stake_ended_in() -> None:
    assert [share_in(ENDED, hour) for hour in (6, 7, 8, 9)] == [
        (500, False),
        (500, True),
        (0, True),
        (0, True),
    ]
    assert [costaker_in(ENDED, hour)[0] for hour in (6, 7, 8)] == ["friend", "friend", None]


def test_a_co_stake_that_ended_backs_the_node_to_the_end_of_the_hour() -> None:
    assert [costake_in(ENDED, hour)[0] for hour in (6, 7, 8, 9)] == [100, 100, 0, 0]


def test_a_co_stake_that_is_leaving_counts_as_before_until_it_ends() -> None:
    """Leaving changes no field that counts."""
    later = replace(BEGUN, costake_from_hour=3)
    assert [share_in(later, hour) for hour in (7, 8)] == [(500, True), (500, True)]
    assert [costake_in(later, hour)[0] for hour in (7, 8)] == [100, 100]


def test_a_co_stake_that_began_and_ended_within_an_hour_never_has_a_share() -> None:
    short = replace(ENDED, prev_costake_share_bps=0)
    assert [share_in(short, hour)[0] for hour in (6, 7, 8)] == [0, 0, 0]
    assert [costake_in(short, hour)[0] for hour in (6, 7, 8)] == [0, 100, 0]


def test_a_new_co_staker_does_not_get_the_share_of_the_one_before() -> None:
    """The one before withdrew in hour 7, and the next came in the same hour."""
    second = replace(BEGUN, costaker="other", prev_costake_share_bps=0)
    assert costaker_in(second, 7) == (None, True)
    assert costaker_in(second, 8) == ("other", True)


def test_a_co_staker_that_has_withdrawn_is_forgotten() -> None:
    gone = replace(ENDED, costaker=None, cooling_costake=0)
    assert costaker_in(gone, 7) == (None, False)
    assert share_in(gone, 7) == (500, True)
    assert costaker_in(gone, 8) == (None, True)


def test_a_co_stake_that_a_case_has_taken_whole_still_has_its_share_until_it_is_ended() -> None:
    taken = replace(BEGUN, costake=0, costake_from_hour=3)
    assert (share_in(taken, 7), costake_in(taken, 7)) == ((500, True), (0, False))


def test_the_amount_of_a_co_stake_is_never_certain() -> None:
    assert [costake_in(BEGUN, hour)[1] for hour in (6, 7, 8)] == [False, False, False]
    assert [costake_in(ENDED, hour)[1] for hour in (6, 7, 8)] == [False, False, True]
