"""Log lines of the worker."""

import errno
import io
import logging
from collections.abc import Iterator

import pytest

from iog_worker import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go."""
    before, propagate = list(logs.LOGGER.handlers), logs.LOGGER.propagate
    found = io.StringIO()
    logs.to_stream(found)
    yield found
    logs.LOGGER.handlers, logs.LOGGER.propagate = before, propagate


def test_a_full_disk_is_one_line(stream: io.StringIO) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/node/lease")
    logs.failed("a loop failed and starts again", full, {"action": "restart_loop"})
    assert stream.getvalue().count("\n") == 1
    said = "ERROR a loop failed and starts again: No space left on device action=restart_loop\n"
    assert stream.getvalue().endswith(said)


def test_a_defect_is_told_with_its_place(stream: io.StringIO) -> None:
    try:
        raise ValueError("wrong")
    except ValueError as error:
        logs.failed("run interrupted by an error", error, {"action": "retry_run"})
    assert "Traceback" in stream.getvalue()
    assert "ValueError: wrong" in stream.getvalue()
    assert logging.getLogger("iog.worker") is logs.LOGGER
