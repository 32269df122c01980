"""Real validators for tests: where there is none the tests are skipped, and fail in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from iog_client import prebuilt
from iog_client.embedded.server import listen
from iog_client.errors import NotFound
from iog_client.prebuilt import ProgramFile
from iog_client.validator import Validator, architecture, find

FIXTURES = frozenset({"installed", "validator", "loaded"})
"""What a test names that needs a validator."""


def missing() -> str | None:
    """Why there is no validator to test on; None when there is one."""
    try:
        find()
    except NotFound as exc:
        return exc.message
    return None


def require() -> None:
    """Fails the test where there is none."""
    why = missing()
    if why is not None:
        pytest.fail(why, pytrace=False)


def mark(items: list[pytest.Item]) -> None:
    """Marks what needs a validator. Without one it is skipped, in a line a file that says so."""
    why = missing()
    for item in items:
        if not FIXTURES & set(getattr(item, "fixturenames", ())):
            continue
        item.add_marker(pytest.mark.validator)
        if why is not None and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=f"NOT TESTED ON A VALIDATOR: {why}"))


def loaded(folder: Path) -> Iterator[Validator]:
    """One with the four programs, and no network yet."""
    programs = [] if missing() else prebuilt.available(architecture(find()))[0]
    yield from running(folder, programs)


def running(folder: Path, programs: Sequence[ProgramFile]) -> Iterator[Validator]:
    """One with these programs, for as long as it is used."""
    require()
    with listen(0) as probe:
        port = probe.getsockname()[1]
    found = Validator(folder / "ledger", port, programs)
    found.start()
    yield found
    found.stop()
