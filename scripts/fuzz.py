"""Runs the state machines of the programs with random seeds until the minutes are over.

    python scripts/fuzz.py                 # IOG_FUZZ_MINUTES, else 30
    python scripts/fuzz.py --seed 17 FILE  # once more what round 17 did

Each round runs every tests/programs/**/test_machine_*.py with a seed of its own and prints seed,
steps and seconds; the first is always whole. The first failure ends it: Hypothesis prints the steps
that lead to it.
"""

import argparse
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STEPS = re.compile(r"^machine (\w+): ([\d,]+) steps$", re.MULTILINE)


def machines() -> list[Path]:
    """The files that hold a state machine."""
    return sorted((ROOT / "tests/programs").rglob("test_machine_*.py"))


def run(file: Path, seed: int) -> tuple[bool, int]:
    """One round of one file: whether it passed, and the steps it took."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--hypothesis-seed={seed}", str(file)],
        env=os.environ | {"IOG_HYPOTHESIS": "fuzz"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
    return done.returncode == 0, sum(
        int(steps.replace(",", "")) for _, steps in STEPS.findall(done.stdout)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="all machines unless named")
    parser.add_argument("--seed", type=int, help="one round with this seed")
    options = parser.parse_args()
    files = options.files or machines()
    if not files:
        print("no tests/programs/**/test_machine_*.py")
        return 1
    minutes = float(os.environ.get("IOG_FUZZ_MINUTES") or 30)
    end, total, rounds = time.monotonic() + minutes * 60, 0, 0
    while rounds == 0 or (options.seed is None and time.monotonic() < end):
        seed = secrets.randbelow(2**32) if options.seed is None else options.seed
        rounds += 1
        for file in files:
            begun = time.monotonic()
            if rounds > 1 and begun >= end:
                break
            passed, steps = run(file, seed)
            total += steps
            print(
                f"{file.stem} seed {seed}: {steps:,} steps in {time.monotonic() - begun:.0f} s"
                + ("" if passed else " FAILED"),
                flush=True,
            )
            if not passed:
                print(f"again: {sys.executable} scripts/fuzz.py --seed {seed} {file}")
                return 1
    print(f"{rounds} rounds, {total:,} steps, no failure")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
