"""`iog --help` against bare Python start-up; target: at most 8 times."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 21
IOG = Path(sys.executable).with_name("iog")


def _median(command: list[str]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print both medians and their ratio."""
    bare = _median([sys.executable, "-c", "pass"])
    help_ = _median([str(IOG), "--help"])
    print(
        f"startup: bare python {bare * 1e3:.0f} ms, iog --help {help_ * 1e3:.0f} ms, "
        f"ratio {help_ / bare:.1f} (target 8), median of {RUNS}"
    )
