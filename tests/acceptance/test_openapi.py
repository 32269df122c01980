"""Requests made up from the OpenAPI description of a served network, good ones and bad ones: none
may end in a defect, and each answer is as it is described."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from market_samples import Market, serving
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

EXAMPLES = 25
"""Of each operation, good and bad; derandomized, so that CI asks the same every time."""
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with serving(tmp_path_factory.mktemp("openapi"), "node") as found:
        yield found


@pytest.fixture(scope="module")
def key(served: Market) -> str:
    """An API key, with which requests come past the first door."""
    made = served.client.json("key", "create", "fuzzer", "--scope", "submit")
    return str(made["key"])


@pytest.mark.parametrize("signed", [True, False], ids=["with a key", "without one"])
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_ends_in_a_defect(
    served: Market, key: str, mode: GenerationMode, signed: bool
) -> None:
    schema = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
    headers = {"Authorization": f"Bearer {key}"} if signed else {}
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        asked += 1
        fuzz(operation, mode, headers)
    assert asked > 15
    assert served.shown()["connected"]


def fuzz(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    """Send what Hypothesis makes up for one operation."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.query = {**(case.query or {}), **({"wait": 0} if "wait" in (case.query or {}) else {})}
        case.call_and_validate(checks=CHECKS, headers=headers, timeout=20)

    with suppress(Unsatisfiable):  # nothing can be wrong with a request that takes nothing
        ask()
