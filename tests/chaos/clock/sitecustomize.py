"""Sets the wall clock of the Python process that imports this at its start, and no other clock.

`time.time` is ahead by the seconds in the file that `IOG_CHAOS_CLOCK` names, read at every call.
libfaketime sets clocks from below Python, but with it `time.sleep` fails now and then: it takes the
absolute time by the monotonic clock, which is left alone, for one by the wall clock.
"""

import os
import time

real = time.time
path = os.environ["IOG_CHAOS_CLOCK"]


def shifted() -> float:
    with open(path) as file:  # noqa: PTH123 - as little as possible is imported at a start
        return real() + float(file.read() or 0)


time.time = shifted
