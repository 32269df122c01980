"""Writes the tables of docs/security.md from the tests that exist.

    python scripts/security.py            # rewrite what is below the marker line
    python scripts/security.py --check    # fail when that differs
    python scripts/security.py --strict   # fail too when an accident has no test

What stands above the marker is written by hand. A cell of the first table counts the attacks of a
class on an instruction, as pytest collects them; where there is none it has the letter of a reason.
"""

import argparse
import contextlib
import io
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/programs")]

from scripts import idls  # noqa: E402 - needs the path above

PAGE = ROOT / "docs/security.md"
LETTERS = "abcdefghijk"
MARKER = "<!-- below: written by scripts/security.py -->"

ACCIDENTS = {
    "double claim": (
        "Merkle distributors that forget a claim",
        "a wallet's total so far is recorded before it is paid; the record is never closed",
    ),
    "stale root": (
        "1inch's drops: a proof against the root before",
        "a claim names the root that it was made for",
    ),
    "leaf taken for a node": (
        "trees without tags (saber-hq)",
        "leaves are hashed twice and both kinds are tagged",
    ),
    "falling total": ("Helium's reports of version 0", "no root has less than the one before"),
    "root above the emission": (
        "one key that sets the root at once",
        "a root's total is at most what was minted",
    ),
    "missed cranks": ("Bonfida: a ring buffer of hours", "the emission is a function of the hour"),
    "emission overrun": ("a rate that is added up", "what is minted is E(hours) less what was"),
    "mint authority leak": (
        "a key that can still mint",
        "a derived address mints, in two instructions",
    ),
    "initialized by a stranger": ("whoever comes first", "the program's id key signs"),
    "flash stake": ("reflection pools", "what comes in counts from the next hour"),
    "slash escape by unbonding": (
        "Nosana: stake leaks while it unbonds",
        "cooling stake is slashed too",
    ),
    "stake held busy by a friend's job": (
        "a lock that others can prolong",
        "a co-stake does not wait for jobs",
    ),
    "frozen stake counted": (
        "stake that is judged still earns",
        "what a case froze is in no bucket",
    ),
    "two owners' counters": ("a limit kept in the wrong record", "one record an owner"),
    "offer switched under the co-staker": (
        "terms changed before they are taken",
        "who accepts names the terms",
    ),
    "reward debt on partial unstake": (
        "Solana-Audit-Arena #4, #12, #20",
        "every change updates first",
    ),
    "rate change without accrual": ("Quarry #562", "every change updates first"),
    "first depositor": ("SPL stake pool, 2021", "nothing is released below 1,000 IO"),
    "empty pool": ("Nosana: a fee to an empty pool", "the empty pool is a case of its own"),
    "backlog taken by whoever comes first": (
        "a pool that was empty for long",
        "one extra hour's share an hour",
    ),
    "crank that omits accounts": ("Helium's audit, M-02", "a crank pins every account"),
    "reordered accounts from another pool": ("Open Delta C-01", "addresses are derived or pinned"),
    "statement replayed": (
        "signed evidence without a context",
        "bytes name chain, program, job and run",
    ),
    "escrow emptied twice": ("commingled deposits", "one vault a job, closed when it is settled"),
}
"""Accident of others -> where it was seen, and the rule that prevents it here."""


class Collected:
    """What pytest collected: ids of the attacks, and tests by the accident that they cover."""

    def __init__(self) -> None:
        self.attacks: list[str] = []
        self.accidents: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            name = item.nodeid.removeprefix("tests/programs/")
            if getattr(item, "originalname", "") == "test_attacks":
                self.attacks.append(item.name.partition("[")[2][:-1])
            for mark in item.iter_markers("accident"):
                self.accidents[mark.args[0]].add(name.partition("[")[0])


def collect() -> Collected:
    """Asks pytest what there is in tests/programs."""
    found = Collected()
    with contextlib.redirect_stdout(io.StringIO()):
        status = pytest.main(["--collect-only", "-qq", "tests/programs"], plugins=[found])
    if status:
        sys.exit(f"pytest could not collect tests/programs ({status})")
    return found


def row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def matrix(found: Collected) -> list[str]:
    """The table instruction x class, and its legend."""
    from attacks.catalogue import CLASSES

    counts = Counter(name.split("-")[0] + "-" + name.split("-")[1] for name in found.attacks)
    reasons = list(dict.fromkeys(one.reason for one in CLASSES))
    used: set[str] = set()
    lines = ["", row(["instruction", *(f"{one.number} {one.title}" for one in CLASSES)])]
    lines.append("|---|" + "--:|" * len(CLASSES))
    for program in idls.PROGRAMS:
        lines[-1] = row([f"**{program}**", *(f"*{one.name}*" for one in CLASSES)])
        for instruction in idls.instructions(program):
            cells = [f"`{instruction['name']}`"]
            for one in CLASSES:
                count = counts[f"{program}.{instruction['name']}-{one.name}"]
                used |= set() if count else {one.reason}
                cells.append(str(count) if count else LETTERS[reasons.index(one.reason)])
            lines.append(row(cells))
    lines += ["", f"{len(found.attacks):,} attacks. Where there is none:", ""]
    lines += [f"- {LETTERS[at]}: {one}." for at, one in enumerate(reasons) if one in used]
    return lines


def exceptions() -> list[str]:
    """What scenarios allow on purpose; each is a test that it does succeed."""
    from attacks.scenarios import SCENARIOS

    lines = [
        "",
        row(["instruction", "what may be another's, or sent again", "why"]),
        "|---|---|---|",
    ]
    for name, told in sorted(SCENARIOS.items()):
        for account, why in told.free.items():
            lines.append(row([f"`{name}`", f"`{account}`", why]))
        if told.again:
            lines.append(row([f"`{name}`", "the whole call, twice", told.again]))
    return lines


def accidents(found: Collected) -> list[str]:
    lines = ["", row(["accident", "seen at", "rule here", "tests"]), "|---|---|---|---|"]
    for name, (where, rule) in ACCIDENTS.items():
        tests = "<br>".join(f"`{one}`" for one in sorted(found.accidents.get(name, ())))
        lines.append(row([name, where, rule, tests or "not yet"]))
    return lines


def generated(found: Collected) -> str:
    """Everything below the marker."""
    parts = ["", "## Attacks by instruction and class", *matrix(found)]
    parts += ["", "## Allowed on purpose", *exceptions()]
    parts += ["", "## Accidents of others", *accidents(found)]
    return "\n".join(parts) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    os.chdir(ROOT)
    found = collect()
    unknown = sorted(set(found.accidents) - set(ACCIDENTS))
    untested = [name for name in ACCIDENTS if name not in found.accidents]
    for name in unknown:
        print(f"security: the accident {name!r} is not in scripts/security.py", file=sys.stderr)
    if options.strict:
        for name in untested:
            print(f"security: no test covers the accident {name!r}", file=sys.stderr)
    if unknown or (options.strict and untested):
        return 1
    head = PAGE.read_text().partition(MARKER)[0]
    page = f"{head}{MARKER}\n{generated(found)}"
    if options.check:
        if page != PAGE.read_text():
            print("docs/security.md is not what the tests say; run `make gen`", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(page)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
