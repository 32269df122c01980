"""Amounts, prices and durations: exact both ways, and refused in one line."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from iog_client import amounts, api_models, job_models, node_models, protocol
from iog_client.errors import UsageError

NEITHER = {"refunded": None, "fees": "7"}


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1.5 IO", 150_000_000),
        ("1.5", 150_000_000),
        (" 1.5IO ", 150_000_000),
        ("0", 0),
        (".5", 50_000_000),
        ("0.00000001", 1),
        ("1.500000000000", 150_000_000),
        ("184467440737.09551615", 2**64 - 1),
    ],
)
def test_an_amount_is_read_exactly(text: str, units: int) -> None:
    assert amounts.parse_amount(text) == units


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "`` is not an amount: one looks like `1.5 IO`"),
        ("-1", "`-1` is negative"),
        ("1e3", "`1e3` is not an amount: one looks like `1.5 IO`"),
        ("1,5", "`1,5` is not an amount: one looks like `1.5 IO`"),
        ("nan", "`nan` is not an amount: one looks like `1.5 IO`"),
        ("1 SOL", "`1 SOL` is not an amount: one looks like `1.5 IO`"),
        ("٣", "`٣` is not an amount: one looks like `1.5 IO`"),
        ("1\n2", "`1?2` is not an amount: one looks like `1.5 IO`"),
        ("0.000000001", "`0.000000001` has more than 8 decimals"),
        ("184467440737.000000000000000001", "has more than 8 decimals"),
        ("184467440737.09551616", "is too large: at most 184467440737.09551615 IO"),
        ("9" * 500, "`" + "9" * 60 + "…` is not an amount"),
    ],
)
def test_what_is_not_an_amount_is_refused_with_what_is(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refusal:
        amounts.parse_amount(text)
    assert said in refusal.value.message
    assert "\n" not in refusal.value.message


@settings(deadline=None)
@given(st.integers(0, amounts.U64_MAX))
def test_a_written_amount_reads_back_the_same(units: int) -> None:
    assert amounts.parse_amount(amounts.format_amount(units)) == units


def test_sol_has_nine_decimals() -> None:
    assert amounts.parse_sol("0.5 SOL") == 500_000_000
    assert amounts.format_sol(1) == "0.000000001 SOL"
    with pytest.raises(UsageError, match="more than 9 decimals"):
        amounts.parse_sol("0.0000000001")


def test_a_price_per_hour_is_rounded_down_to_a_second() -> None:
    assert amounts.parse_price("0.35 IO/h") == 9_722
    assert amounts.format_price(9_722) == "0.35 IO/h"
    assert amounts.parse_price("0.00000001 IO/s") == 1


@pytest.mark.parametrize("asked", ["0.5", "0.07", "0.99", "2", "3.33", "0.001", "1000"])
def test_a_price_is_shown_as_it_was_asked_for(asked: str) -> None:
    assert amounts.format_price(amounts.parse_price(f"{asked} IO/h")) == f"{asked} IO/h"


def test_a_price_whose_rounding_counts_is_shown_exactly() -> None:
    assert amounts.format_price(amounts.parse_price("0.00007 IO/h")) == "0.000036 IO/h"
    assert amounts.format_price(0) == "0 IO/h"


@settings(deadline=None)
@given(st.integers(1, amounts.U64_MAX // amounts.HOUR - 1))
def test_a_written_price_reads_back_the_same(price: int) -> None:
    assert amounts.parse_price(amounts.format_price(price)) == price


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.35", "`0.35` names no time: a price looks like `0.35 IO/h`"),
        ("0.35 IO/d", "`0.35 IO/d` names no time: a price looks like `0.35 IO/h`"),
        ("0 IO/h", "`0 IO/h` is less than the smallest price, 0.000036 IO/h"),
        ("0.00003599 IO/h", "is less than the smallest price, 0.000036 IO/h"),
        ("-1 IO/h", "`-1 IO` is negative"),
    ],
)
def test_what_is_not_a_price_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refusal:
        amounts.parse_price(text)
    assert said in refusal.value.message


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400), ("1h 30m", 5400)],
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert amounts.parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "30m1h", "1.5h", "-1h", "1w", "99999999999s"])
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a duration: one looks like `90s` or `1h30m`"):
        amounts.parse_duration(text)


def test_no_time_is_not_a_duration() -> None:
    with pytest.raises(UsageError, match="`0s` is no time at all"):
        amounts.parse_duration("0s")


@settings(deadline=None)
@given(st.integers(1, 10**9))
def test_a_written_duration_reads_back_the_same(seconds: int) -> None:
    assert amounts.parse_duration(amounts.format_duration(seconds)) == seconds


def test_json_has_amounts_as_text_and_counts_as_numbers() -> None:
    row = {"number": 3, "funded": 10**17, "price": 0, "refunded": None, "fees": "7"}
    assert amounts.to_json({"jobs": [row], "stake": True}) == {
        "jobs": [{"number": 3, "funded": "1" + "0" * 17, "price": "0", **NEITHER}],
        "stake": True,
    }


def test_what_a_job_calls_its_metrics_is_left_as_it_is() -> None:
    metrics = {"price": 5, "total": 1.5}
    assert amounts.to_json({"metrics": metrics, "total": 5}) == {"metrics": metrics, "total": "5"}


class Sample(BaseModel):
    u64: protocol.U64


def amounts_of(model: type[BaseModel]) -> set[str]:
    """The fields of an answer that hold base units: they are 64 bits wide, and no counts are."""
    fields: Any = model.model_fields
    bounds = Sample.model_fields["u64"].metadata
    return {name for name, field in fields.items() if field.metadata == bounds}


@pytest.mark.parametrize("model", api_models.Answer.__subclasses__(), ids=lambda one: one.__name__)
def test_every_amount_of_the_orchestrators_answers_is_known_as_one(model: type[BaseModel]) -> None:
    assert amounts_of(model) <= amounts.NAMES


def test_jobs_and_nodes_have_such_amounts() -> None:
    assert {"funded", "node_paid", "fees", "refunded"} < amounts_of(job_models.JobView)
    own = {"ask", "stake", "requirement"}
    assert amounts_of(node_models.NodeView) == own | {"costake", "cooling", "cooling_costake"}


@pytest.mark.parametrize(
    ("text", "bps"),
    [("0.01%", 1), ("25%", 2500), ("12.5%", 1250), ("100%", 10_000), ("7.05%", 705)],
)
def test_a_share_is_read_and_written_exactly(text: str, bps: int) -> None:
    assert amounts.parse_share(text) == bps
    assert amounts.format_share(bps) == text


@pytest.mark.parametrize("text", ["", "25", "%", "1.234%", "-1%", "1e1%", "٣%", "1000%5"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a share: one looks like `12\.5%`"):
        amounts.parse_share(text)


@pytest.mark.parametrize("text", ["0%", "0.00%", "100.01%", "999%"])
def test_a_share_is_more_than_none_and_at_most_all(text: str) -> None:
    with pytest.raises(UsageError, match=r"is outside 0\.01% to 100%"):
        amounts.parse_share(text)
