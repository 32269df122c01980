"""Every log line of the daemons has an action, and names what it is about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOGGERS = ("log", "LOGGER", "logs.LOGGER")
LEVELS = ("debug", "info", "warning", "error", "exception", "log")
NEEDED = {
    "job_": {"job"},
    "run_": {"job", "run", "device"},
    "node_": {"device"},
    "notice": {"device"},
    "proof_": {"device"},
    "hour_": {"hour"},
    "root_": {"hour"},
    "request_": {"request"},
    "not_stored": {"request"},
}
"""By how an action of the orchestrator begins. Each line of a worker has its device."""


def calls(package: str) -> Iterator[tuple[str, ast.Call]]:
    """The calls that write a log line, with where they stand."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                if owner in LOGGERS and node.func.attr in LEVELS:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def extra(call: ast.Call) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == "extra"), None)


@pytest.mark.parametrize("package", ["orchestrator", "worker"])
def test_every_line_has_an_action(package: str) -> None:
    found = list(calls(package))
    assert len(found) > 20
    assert [where for where, call in found if extra(call) is None] == []


def test_lines_of_the_orchestrator_name_what_they_are_about() -> None:
    seen = 0
    for where, call in calls("orchestrator"):
        given = extra(call)
        if not isinstance(given, ast.Dict):
            continue
        pairs = zip(given.keys, given.values, strict=True)
        ids = {key.value: value for key, value in pairs if isinstance(key, ast.Constant)}
        action = ast.literal_eval(ids["action"]) if isinstance(ids["action"], ast.Constant) else ""
        needed = next((NEEDED[one] for one in NEEDED if action.startswith(one)), set())
        seen += bool(needed)
        if None not in given.keys:  # `**ids` may bring them
            assert needed <= set(ids), where
    assert seen > 15
