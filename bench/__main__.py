"""Runs the measurements named, or all; the machine is printed first."""

import importlib
import sys

from bench import machine

ALL = ["startup", "placements", "compute_units", "validator_units", "job_start", "demo"]


def main(names: list[str]) -> None:
    """Run each measurement by its module's `main`."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"no measurement {unknown[0]}; there are {', '.join(ALL)}")
    print(f"machine: {machine.describe()}")
    for name in names or ALL:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
