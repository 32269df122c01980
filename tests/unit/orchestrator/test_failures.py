"""What the log says of a failure."""

import pytest

from iog_orchestrator.core.failures import first_line, trace
from iog_orchestrator.domain.errors import ChainUnreachable


@pytest.mark.parametrize("error", [ChainUnreachable("no answer"), ConnectionRefusedError(111, "")])
def test_what_failed_outside_is_told_without_its_place(error: Exception) -> None:
    assert trace(error) is None


def test_a_defect_is_told_with_its_place() -> None:
    error = KeyError("job")
    assert trace(error) is error


def test_of_many_lines_the_first_is_said_and_of_none_the_kind() -> None:
    assert first_line(ValueError("disk is full\n(more elsewhere)")) == "disk is full"
    assert first_line(TimeoutError()) == "TimeoutError"
