"""Lines of the daemons' logs: JSON for machines, text for people, one for each event."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from iog_client import logs

log = logging.getLogger("iog_orchestrator.somewhere")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(False)
    root.handlers, root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_elsewhere_than_on_a_terminal_a_line_is_json_with_the_ids() -> None:
    stream = io.StringIO()
    logs.configure("info", {"device": "D"}, stream=stream)
    log.debug("nobody asked")
    log.warning("run not taken: %s", "no\nline", extra={"action": "run_not_taken", "run": 2})
    [line] = lines(stream)
    assert line.pop("time") > 0
    assert line == {
        "level": "warning",
        "message": "run not taken: no\nline",
        "action": "run_not_taken",
        "device": "D",
        "run": 2,
    }


def test_a_defect_and_a_librarys_words_are_lines_too() -> None:
    stream = io.StringIO()
    logs.configure("info", stream=stream)
    try:
        raise ValueError("wrong")
    except ValueError:
        log.exception("it failed", extra={"action": "failed"})
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n")
    logging.getLogger("httpx").info("every request")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    failed, library, warned = lines(stream)
    assert failed["error"].endswith("ValueError: wrong")
    assert library["action"] == "uvicorn.error"
    assert (warned["action"], warned["level"]) == ("py.warnings", "warning")


def test_on_a_terminal_a_line_is_for_people() -> None:
    stream = io.StringIO()
    logs.configure("info", {"device": "D"}, stream=stream, terminal=True)
    log.error("job placed", extra={"action": "job_placed", "job": "J"})
    assert stream.getvalue()[8:] == " error: job placed  job=J\n"


def test_on_a_terminal_what_others_said_is_text_and_nothing_else() -> None:
    stream = io.StringIO()
    logs.configure("info", stream=stream, terminal=True)
    log.info("refused: %s", "\x1b]0;title\x07", extra={"detail": "a\u009b2J"})
    assert stream.getvalue().endswith(" refused: ?]0;title?  detail=a?2J\n")
