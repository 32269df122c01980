"""The `iog` command and an embedded chain, as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from iog_client import amounts

IOG = [sys.executable, "-c", "from iog_client.cli import main; main()"]
NETWORK = Path(__file__).parents[2] / "networks" / "local.yaml"
TIMEOUT = 300
"""Seconds after which a command is taken for hung: a guard, however busy the machine is."""


COUNTS = frozenset(
    {"active_from_hour", "advanced_hour", "epoch", "hour", "hour_length", "hours_ended", "run"}
    | {"chain_time", "deadline", "max_seconds", "next_hour_at", "proven_seconds", "seconds"}
    | {"assigned_at", "ended_at", "opened_at", "settled_at", "start", "started_at", "warped"}
    | {"busy", "exit_code", "gpu_memory", "gpus", "gpus_free", "log_bytes", "nodes", "number"}
    | {"cliff_months", "fee_bps", "index", "launch_bps", "linear_months", "memory_gib", "pool_bps"}
    | {"backers", "cooling_until", "costake_cooling_until", "costake_from_hour"}
    | {"costake_leave_at", "costake_share_bps", "offer_share_bps", "payee_from_hour"}
    | {"share_bps", "unbonding_until"}
    | {"burn_bps", "joined", "members", "next_hour", "next_pool_bps", "opened"}
    | {"pool_nodes"}
    | {"multiplier", "pid", "pool", "port", "runs", "size", "slot", "threshold"}
    | {"costake_from_hour", "costake_leave_at", "costake_share_bps", "max_runs"}
    | {"beats_lost", "begin", "elapsed", "end", "ended", "failed", "made_at", "needed"}
    | {"connectivity", "down", "up"}
    | {"at", "fitting", "place", "priority", "queue", "rank", "waited"}
)
"""What whole numbers are called in JSON that are no amounts."""


def parsed(text: str) -> Any:
    """Printed JSON, in which every amount has to be a string of base units."""
    found = json.loads(text)
    _check_amounts("", found)
    return found


def _check_amounts(name: str, value: Any) -> None:
    if name == "metrics":
        return
    if isinstance(value, dict):
        for inner, each in value.items():
            _check_amounts(inner, each)
    elif isinstance(value, list):
        for each in value:
            _check_amounts(name, each)
    elif name in amounts.NAMES:
        assert isinstance(value, str), f"the amount {name} is {value!r}"
        int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        assert name in COUNTS, f"{name} is {value}: an amount is a string, a count is listed"


class Iog:
    """Runs `iog` at home in a folder, with nothing of the tester's own settings."""

    def __init__(self, home: Path, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IOG_")}
        self.environment = {**kept, "HOME": str(home), **environment}
        self.home = home

    def __call__(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*IOG, *arguments],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            cwd=self.home,
            env={**self.environment, **more},
        )

    def json(self, *arguments: str) -> Any:
        """What a command that succeeds prints with --json."""
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return parsed(done.stdout)

    def refused(self, code: int, *arguments: str, **more: str) -> str:
        """The one line that a command refused with this exit code says."""
        done = self(*arguments, **more)
        assert done.returncode == code, done
        assert done.stdout == ""
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
        return done.stderr.removeprefix("error: ").rstrip("\n")

    def refused_last(self, code: int, *arguments: str) -> str:
        """As `refused`, of a command that reported steps before."""
        done = self(*arguments)
        assert (done.returncode, done.stdout) == (code, "")
        return done.stderr.splitlines()[-1].removeprefix("error: ")


class Chain:
    """`python -m iog_client.embedded`, on a free port unless told otherwise."""

    def __init__(self, folder: Path, port: str = "0") -> None:
        command = [sys.executable, "-m", "iog_client.embedded", "--port", port, "--folder"]
        self.process = subprocess.Popen([*command, str(folder)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code
