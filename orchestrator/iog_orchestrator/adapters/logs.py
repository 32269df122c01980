"""Logs on stderr: a line for people on a terminal, a line of JSON elsewhere."""

import json
import logging
import sys
import time
from typing import Any

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(level: str, terminal: bool | None = None) -> None:
    """Have all of the process's logs written this way."""
    handler = logging.StreamHandler(sys.stderr)
    people = sys.stderr.isatty() if terminal is None else terminal
    handler.setFormatter(Lines() if people else JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # what these say at INFO, every request and migration, is noise here
    for name in ("uvicorn", "alembic", "httpx", "sqlalchemy", "aiosqlite", "filelock"):
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, message, and every `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
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
        text = f"{when}{level} {record.getMessage()}" + (f"  {ids}" if ids else "")
        return text + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else "")


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _OWN}
