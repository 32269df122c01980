"""Wall time of `make demo` on a prepared machine (target 90 s), and peak memory of its daemons.

The peak is VmHWM of each daemon as the demo saw it just before it ended them; jobs are processes of
their own and not in it.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from bench.startup import IOG

FOLDER = Path("build/bench-demo")


def main() -> None:
    """Run the demo once and print the figures."""
    start = time.perf_counter()
    done = subprocess.run([str(IOG), "demo", "--folder", str(FOLDER)], stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"the demo ended with status {done.returncode}")
    peaks = json.loads((FOLDER / "memory.json").read_text())
    print(f"demo: {wall:.1f} s wall (target 90 s)")
    for name, kib in sorted(peaks.items()):
        print(f"memory: {name} peak {kib / 1024:.0f} MiB")
