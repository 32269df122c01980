"""A supervisor as the process it is, for tests of what it does."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from iog_worker import processes, supervisor
from iog_worker.hierarchies import Tree

PATH = "/usr/local/bin:/usr/bin:/bin"
PATIENCE = 60.0


class Keep:
    """A run's folder and its supervisor."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lease = folder / "lease"
        self.lease.touch()
        self.token = os.urandom(8).hex()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, script: str, **changes: object) -> None:
        launch: dict[str, object] = {
            "argv": ["sh", "-c", script],
            "env": {"PATH": PATH, processes.TOKEN: self.token},
            "cwd": str(self.folder),
            "token": self.token,
            "max_seconds": 60.0,
            "memory": 0,
            "log_bytes": 1 << 20,
            "lease": str(self.lease),
            "lease_seconds": 60.0,
            "confined": False,
        }
        (self.folder / supervisor.LAUNCH).write_text(json.dumps(launch | changes))
        packages = Path(supervisor.__file__).parent.parent
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-s", "-m", "iog_worker.supervisor", str(self.folder)],
            env={"PYTHONPATH": str(packages)},
            start_new_session=True,
        )

    def end(self) -> dict[str, object]:
        assert self.process is not None
        assert self.process.wait(PATIENCE) == 0
        end: dict[str, object] = json.loads((self.folder / supervisor.EXIT).read_text())
        return end

    @property
    def log(self) -> str:
        path = self.folder / supervisor.LOG
        return path.read_text() if path.exists() else ""

    def wait_for(self, condition: Callable[[], bool]) -> None:
        limit = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < limit, "it did not come"
            time.sleep(0.01)

    def left(self) -> list[int]:
        return processes.marked(self.token)

    def stop(self, reason: str, grace: float) -> None:
        assert self.process is not None
        (self.folder / supervisor.STOP).write_text(json.dumps({"reason": reason, "grace": grace}))
        self.process.send_signal(signal.SIGTERM)


def groups_in(tree: Tree) -> list[Path]:
    """The control groups that there are now."""
    folders = [Path(folder) for folder in dict.fromkeys(tree.folders.values())]
    return [path for folder in folders for path in folder.glob(f"{tree.prefix}*")]
