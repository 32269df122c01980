"""Log lines of the worker."""

import errno
import logging

import pytest

from iog_worker import logs


def test_a_full_disk_is_told_without_its_place(caplog: pytest.LogCaptureFixture) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/node/lease")
    logs.failed("a loop failed and starts again", full, {"action": "restart_loop"})
    [line] = caplog.records
    assert line.getMessage() == "a loop failed and starts again: No space left on device"
    assert (line.exc_info, vars(line)["action"]) == (None, "restart_loop")


def test_a_defect_is_told_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("wrong")
    logs.failed("run interrupted by an error", error, {"action": "retry_run"})
    [line] = caplog.records
    assert line.exc_info is not None
    assert line.exc_info[1] is error
    assert line.levelno == logging.ERROR
