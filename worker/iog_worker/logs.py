"""Log lines: a fixed sentence, then an action and ids as `key=value`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import TextIO

LOGGER = logging.getLogger("iog.worker")

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """One line a record, with everything given as `extra`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        extra = {key: value for key, value in vars(record).items() if key not in _PLAIN}
        return " ".join([line, *(f"{key}={value}" for key, value in extra.items())])


def failed(sentence: str, error: Exception, extra: Mapping[str, object]) -> None:
    """Log what failed: trouble of the machine's own (a full disk) in one line, a defect with the
    place where it is."""
    if isinstance(error, OSError):
        LOGGER.error("%s: %s", sentence, error.strerror or error, extra=extra)
    else:
        LOGGER.error(sentence, extra=extra, exc_info=error)


def to_stream(stream: TextIO | None = None) -> None:
    """Send the worker's log lines to a stream, standard error unless told otherwise."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines())
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
