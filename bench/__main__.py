"""Runs the measurements named, or all but the peers'; the machine is printed first.

A measurement that is named alone may take options: `python -m bench hour_close --nodes 1000000`.
"""

import importlib
import sys

from bench import machine

ALL = [
    "startup",
    "heartbeats",
    "placements",
    "compute_units",
    "validator_units",
    "job_start",
    "cancel",
    "takeover",
    "gpu_proof",
    "demo",
    "hour_close",
]
ASKED = ["hour_peer", "placements_peer"]
"""Only when named: they fetch a package from the net."""
WITH_OPTIONS = ["heartbeats", "hour_close", "hour_peer", "placements"]


def main(names: list[str]) -> None:
    """Run each measurement by its module's `main`."""
    if len(names) > 1 and names[0] in WITH_OPTIONS and names[1].startswith("-"):
        print(f"machine: {machine.describe()}")
        importlib.import_module(f"bench.{names[0]}").main(names[1:])
        return
    unknown = [name for name in names if name not in ALL + ASKED]
    if unknown:
        sys.exit(f"no measurement {unknown[0]}; there are {', '.join(ALL + ASKED)}")
    print(f"machine: {machine.describe()}")
    for name in names or ALL:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
