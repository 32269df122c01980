"""Logs of the daemons on stderr: a line for people on a terminal, a line of JSON elsewhere."""

import json
import logging
import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from iog_client.terminals import harmless

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
NOISY = ("uvicorn", "alembic", "httpx", "sqlalchemy", "aiosqlite", "filelock", "websockets")
"""What these say at INFO, every request and migration, is noise here."""


def configure(
    level: str,
    ids: Mapping[str, object] | None = None,
    *,
    stream: TextIO | None = None,
    terminal: bool | None = None,
) -> None:
    """Have all of the process's logs written this way. `ids` stand on every line of JSON: of a
    process that works for one node, which node it is."""
    handler = logging.StreamHandler(stream or sys.stderr)
    people = handler.stream.isatty() if terminal is None else terminal
    handler.setFormatter(Lines() if people else JsonLines(ids or {}))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # a library's warning is a line like any other
    logging.captureWarnings(True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, message, action, and every `extra`. The action of what a
    library says is the library's name."""

    def __init__(self, ids: Mapping[str, object]) -> None:
        super().__init__()
        self._ids = ids

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "action": record.name,
            **self._ids,
            **_extra(record),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str, ensure_ascii=False)


class Lines(logging.Formatter):
    """Time, message, and the ids behind it."""

    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%H:%M:%S", time.localtime(record.created))
        level = "" if record.levelno == logging.INFO else f" {record.levelname.lower()}:"
        ids = " ".join(
            f"{name}={value}" for name, value in _extra(record).items() if name != "action"
        )
        said = f"{record.getMessage()}" + (f"  {ids}" if ids else "")
        text = f"{when}{level} {harmless(said)}"
        return text + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else "")


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _OWN}
