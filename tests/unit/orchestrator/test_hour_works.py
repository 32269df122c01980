"""The process in which a big hour is built."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SCRIPT = """
import os
from iog_orchestrator.adapters.hour_works import of_its_own

if __name__ == "__main__":
    with of_its_own() as executor:
        print(executor.submit(os.getpid).result(), flush=True)
        input()
"""


def test_it_ends_with_an_orchestrator_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, script], stdin=pipe, stdout=pipe, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    limit = time.monotonic() + 20
    while is_there(child):
        assert time.monotonic() < limit, "it is still there"
        time.sleep(0.02)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
