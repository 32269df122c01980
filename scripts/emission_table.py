"""Derives the emission schedule by exact rational arithmetic; writes its tables, Rust and Python.

Usage: python scripts/emission_table.py [--check]

With --check nothing is written; the exit status is 1 when a committed file differs.
"""

import sys
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MONTHS = 240
TOTAL = 300_000_000 * 10**8
FIRST = Fraction(500_000_000 * 10**8) * Fraction(8, 100) / 12
RATIO = Fraction("0.98984895296235")


def cumulative_months() -> list[int]:
    """Base units emitted by the end of month 1, 2, ... 240."""
    ends: list[int] = []
    total = 0
    for month in range(1, MONTHS):
        total += int(FIRST * RATIO ** (month - 1))  # int() floors what is positive
        ends.append(total)
    return [*ends, TOTAL]


def rust(ends: list[int]) -> str:
    rows = "".join(f"    {end:_},\n" for end in ends)
    return (
        "//! Written by scripts/emission_table.py.\n\n"
        "/// Base units emitted by the end of month 1, 2, ... 240.\n"
        f"pub const CUMULATIVE: [u64; {len(ends)}] = [\n{rows}];\n"
    )


def python(ends: list[int]) -> str:
    rows = "".join(f"    {end:_},\n" for end in ends)
    return (
        '"""Base units emitted by the end of each month. '
        'Written by scripts/emission_table.py."""\n\n'
        f"CUMULATIVE: tuple[int, ...] = (\n{rows})\n"
    )


def main() -> int:
    ends = cumulative_months()
    files = {
        ROOT / "crates/math/src/emission_table.rs": rust(ends),
        ROOT / "client/iog_client/schedule_table.py": python(ends),
    }
    if "--check" not in sys.argv[1:]:
        for path, text in files.items():
            path.write_text(text)
        return 0
    stale = [path for path, text in files.items() if path.read_text() != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} differs from what scripts/emission_table.py derives")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
