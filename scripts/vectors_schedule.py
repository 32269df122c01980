"""Writes tests/vectors/schedule.json: hours of the schedule with what is emitted by their end.

The amounts come from the definition by exact rational arithmetic, without any code of the project,
so that Rust crate, program and Python client are tested against what none of them wrote.

Usage: python scripts/vectors_schedule.py
"""

import json
from fractions import Fraction
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "schedule.json"
TOTAL = 300_000_000 * 10**8
HOURS = 240 * 730
PICKED = (
    *(0, 1, 2, 3, 364, 365, 366, 728, 729, 730, 731, 1_459, 1_460, 1_461, 8_759, 8_760, 8_761),
    *(87_599, 87_600, 87_601, 123_456, 174_469, 174_470, 174_471, 175_198, 175_199),
    *(175_200, 175_201, 2**32 - 1),
)


def month(number: int) -> int:
    """Base units that a month emits, counted from 1; month 240 brings what is left."""
    if number == 240:
        return TOTAL - sum(month(earlier) for earlier in range(1, 240))
    first = Fraction(500_000_000 * 10**8 * 8, 100 * 12)
    return int(first * Fraction("0.98984895296235") ** (number - 1))


def main() -> None:
    """Writes the file."""
    months = [month(number) for number in range(1, 241)]
    vectors = []
    for hour in PICKED:
        whole, rest = divmod(min(hour, HOURS), 730)
        part = months[whole] * rest // 730 if rest else 0
        vectors.append({"hour": hour, "emitted": sum(months[:whole]) + part})
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(vectors, indent=2) + "\n")


if __name__ == "__main__":
    main()
