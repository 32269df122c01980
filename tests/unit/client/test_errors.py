"""The tree of errors: its exit codes, messages and facts."""

import re

import pytest

from iog_client import errors


def every(base: type[errors.IogError]) -> list[type[errors.IogError]]:
    return [base, *(one for child in base.__subclasses__() for one in every(child))]


def test_the_tree_at_the_head_of_the_module_names_every_class() -> None:
    drawn = set(re.findall(r"[A-Z]\w+", (errors.__doc__ or "").split("The docstring")[0]))
    named = {one.__name__ for one in every(errors.IogError) if one.__module__ == errors.__name__}
    assert named <= drawn


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.Refused, 1),
        (errors.UsageError, 2),
        (errors.NotFound, 3),
        (errors.NotAllowed, 4),
        (errors.Unreachable, 5),
        (errors.TimedOut, 6),
        (errors.Expired, 6),
        (errors.OutcomeUnknown, 6),
        (errors.ProgramError, 1),
    ],
)
def test_each_kind_has_its_exit_code(kind: type[errors.IogError], code: int) -> None:
    assert kind.exit_code == code


def test_the_docstring_is_the_message_when_none_is_given() -> None:
    assert str(errors.NotAllowed()) == "this key is not allowed to do that"
    assert str(errors.NotAllowed("no")) == "no"


def test_a_mismatch_names_both_values() -> None:
    error = errors.Mismatch("pool_bps", 1000, 5)
    assert error.message == "pool_bps is 1000 on chain, and 5 was asked for"
    assert error.facts() == {"what": "pool_bps", "on_chain": "1000", "asked": "5"}


def test_an_unreachable_server_is_named() -> None:
    error = errors.Unreachable("http://127.0.0.1:1", "connection refused")
    assert error.message == "http://127.0.0.1:1 is not reachable: connection refused"
    assert error.facts() == {"url": "http://127.0.0.1:1"}


def test_a_program_error_says_who_refused_what_and_why() -> None:
    error = errors.ProgramError("iog_jobs", "job_open", 6001, "TooMany", "too many GPUs")
    assert error.message == "iog_jobs refused job_open: too many GPUs (TooMany)"
    assert error.facts()["code"] == 6001
