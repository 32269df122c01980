"""One validator for everything that waits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from iog_client.validator import Validator
from tests import validators

# The command as a process, and networks on a running chain: as in the acceptance tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    validators.mark(items)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Validator]:
    """One with the four programs, and no network yet."""
    yield from validators.loaded(tmp_path_factory.mktemp("loaded"))
