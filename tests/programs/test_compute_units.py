"""What instructions cost is what docs/compute-units.md says."""

import re
from pathlib import Path

import pytest

from bench import compute_units

LINE = re.compile(r"^\| (.+) \| ([\d,]+) \|$", re.MULTILINE)
DRIFT = 0.03


def published() -> dict[str, int]:
    """The figures of the in-process SVM; a validator is not at hand everywhere."""
    text = Path(compute_units.PAGE).read_text().partition(compute_units.VALIDATOR)[0]
    return {name: int(units.replace(",", "")) for name, units in LINE.findall(text)}


def test_no_instruction_costs_other_than_published() -> None:
    measured = compute_units.measure()
    assert published() == pytest.approx(measured, rel=DRIFT)
