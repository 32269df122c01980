"""Writes how long it took to recover from each fault into docs/reliability.md.

The figures are those of build/chaos/report.json, which `make chaos` makes, and those of
report-validator.json beside it, by `IOG_CHAOS_CHAIN=validator`; what is not in them stays as it
is on the page. With --check nothing is written: the tables have to name every fault of
tests/chaos/faults.py that is theirs and no other, the page every module of the suite, and that file
every module that there is. Exits 1 with a line for each thing that is not so.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.chaos.faults import FAULTS, ON_VALIDATOR  # noqa: E402 - found by the line above

PAGE = ROOT / "docs" / "reliability.md"
FOLDER = ROOT / "build" / "chaos"
TABLES = {"report": tuple(FAULTS), "report-validator": ON_VALIDATOR}
"""The modules of each table, by the name of its report."""
BEGIN, END = "<!-- begin: scripts/reliability.py {} -->\n", "<!-- end -->\n"
ROW = re.compile(r"^\| ([^|]+?) \| \d+ \|", re.MULTILINE)


def table(report: dict[str, object], before: str, modules: tuple[str, ...]) -> str:
    """The figures as a table, in the order of the modules; the row of a fault that the report does
    not have stays as it was before."""
    faults = report["faults"]
    assert isinstance(faults, dict)
    rows = {ROW.findall(line)[0]: line for line in before.splitlines() if ROW.match(line)}
    for fault, of in faults.items():
        rows[fault] = f"| {fault} | {of['rounds']} | {of['median']} s | {of['worst']} s |"
    lines = [
        f"Measured on {report['machine']}; seed {report['seed']}.\n",
        "| fault | rounds | median | worst |",
        "|---|--:|--:|--:|",
        *(rows[fault] for module in modules for fault in FAULTS[module] if fault in rows),
    ]
    return "\n".join(lines) + "\n"


def missing(name: str, page: str) -> list[str]:
    """Where one table and the list of faults do not agree."""
    named = set(ROW.findall(page.partition(BEGIN.format(name))[2].partition(END)[0]))
    faults = {fault for module in TABLES[name] for fault in FAULTS[module]}
    return [
        *(f"{name}: no figures for: {fault}" for fault in sorted(faults - named)),
        *(f"{name}: figures for what is no fault: {fault}" for fault in sorted(named - faults)),
    ]


def problems(page: str) -> list[str]:
    """Where the page, the list of faults and the modules do not agree."""
    modules = {path.stem for path in (ROOT / "tests" / "chaos").glob("test_*.py")}
    return [
        *(problem for name in TABLES for problem in missing(name, page)),
        *(f"tests/chaos/{one}.py is not in faults.py" for one in sorted(modules - FAULTS.keys())),
        *(f"there is no tests/chaos/{one}.py" for one in sorted(FAULTS.keys() - modules)),
        *(
            f"tests/chaos/{one}.py is not on the page"
            for one in sorted(FAULTS)
            if f"tests/chaos/{one}.py" not in page
        ),
    ]


def main(arguments: list[str]) -> int:
    """Write or check; the exit status."""
    page = PAGE.read_text()
    if "--check" not in arguments:
        for name, modules in TABLES.items():
            if (report := FOLDER / f"{name}.json").exists():
                begin = BEGIN.format(name)
                head, _, rest = page.partition(begin)
                old, _, tail = rest.partition(END)
                page = (
                    head + begin + table(json.loads(report.read_text()), old, modules) + END + tail
                )
        PAGE.write_text(page)
    wrong = problems(page)
    for problem in wrong:
        print(f"{PAGE.relative_to(ROOT)}: {problem}", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
