"""Addresses of an orchestrator: checked as they are read, tried in turn."""

from __future__ import annotations

import pytest

from iog_client.endpoints import Endpoints, failed, parse
from iog_client.errors import NoneReachable, Unreachable, UsageError

A, B, C = "http://a:1", "https://b/x", "http://c"


def test_a_list_is_read_with_blanks_and_each_address_once() -> None:
    assert parse(f" {A} ,{B}/, {C},{A}", "orchestrator") == [A, B, C]


@pytest.mark.parametrize("bad", ["", "b:1", "ftp://b", "http://b:0", "http://"])
def test_an_address_that_is_none_is_named(bad: str) -> None:
    with pytest.raises(
        UsageError, match=f"the place is `{A},{bad}`, in which `{bad}` is not a URL"
    ):
        parse(f"{A},{bad}", "the place")


def test_the_one_that_answered_comes_first() -> None:
    endpoints = Endpoints(f"{A},{B},{C}")
    assert endpoints.in_turn() == (A, B, C)
    endpoints.answered(B)
    assert (endpoints.current, endpoints.in_turn()) == (B, (B, C, A))
    endpoints.turn()
    endpoints.turn()
    assert endpoints.in_turn() == (A, B, C)


def test_when_none_answered_all_are_named_in_one_line() -> None:
    first, second = Unreachable(A, "connection refused", asked=False), Unreachable(B, "away")
    assert failed([first]) is first
    none = failed([first, second])
    assert isinstance(none, NoneReachable)
    assert none.message == f"no orchestrator answers: {A}: connection refused; {B}: away"
    assert (none.exit_code, none.asked, none.facts()) == (5, True, {"url": f"{A},{B}"})
