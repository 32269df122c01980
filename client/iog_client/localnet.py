"""Chains of this machine as processes: one a folder, with a file that says where it answers."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx

from iog_client import prebuilt
from iog_client.embedded.folder import FolderLock, holder, locked
from iog_client.embedded.server import listen, serve_folder
from iog_client.errors import NotFound, Refused, TimedOut, Unreachable
from iog_client.validator import START_SECONDS, Validator, architecture, find

VARIABLE = "IOG_LOCALNET"
STATE = "localnet.json"
LOG = "localnet.log"
LEDGER = "validator"
STOP_SECONDS = 20.0
POLL_SECONDS = 0.05
METHOD_NOT_FOUND = -32601

_OURS = (
    STATE,
    LOG,
    LEDGER,
    "validator.out",
    "chain.sqlite",
    "chain.sqlite-wal",
    "chain.sqlite-shm",
)

Kind = Literal["embedded", "validator"]


@dataclass(frozen=True)
class Plan:
    """What to run. `port` 0 takes any free one; `bare` leaves the programs out of a validator."""

    folder: Path
    port: int
    kind: Kind = "embedded"
    bare: bool = False


@dataclass(frozen=True)
class Running:
    """A chain that runs."""

    kind: Kind
    url: str
    pid: int
    folder: str


def default_folder() -> Path:
    """IOG_LOCALNET, else a folder among the user's application data."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "iog" / "localnet"


def running(folder: Path) -> Running | None:
    """The chain that runs in `folder`, if one does and already answers."""
    found, pid = _read(folder), holder(folder)
    # A process that was killed leaves its file; the number in it may be another's by now.
    return found if found is not None and found.pid == pid else None


def _read(folder: Path) -> Running | None:
    try:
        found = json.loads((folder / STATE).read_text())
        return Running(**found)
    except (OSError, ValueError, TypeError):
        return None


def ending(folder: Path) -> str:
    """What ends the chain that runs there, in words."""
    where = "" if folder == default_folder() else f" --folder {shlex.quote(str(folder))}"
    return f"`iog localnet down{where}` ends it"


def reset(folder: Path) -> None:
    """Forgets the chain of `folder`. `Refused` while it runs; files of others are left alone."""
    if locked(folder):
        raise Refused(f"the chain in {folder} is running; {ending(folder)}")
    for name in _OURS:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def run(plan: Plan, ready: Callable[[Running], None], waiting: Callable[[float], None]) -> None:
    """Runs the chain in this process until SIGINT or SIGTERM.

    `ready` is called once it answers, `waiting` with the seconds passed until then. Raises
    `Refused` when folder or port is taken, `NotFound` without a validator.
    """

    def announce(url: str) -> None:
        found = Running(plan.kind, url, os.getpid(), str(plan.folder))
        partial = plan.folder / f"{STATE}.new"
        partial.write_text(json.dumps(dataclasses.asdict(found)))
        partial.replace(plan.folder / STATE)
        ready(found)

    try:
        if plan.kind == "embedded":
            serve_folder(plan.folder, plan.port, announce)
        else:
            _run_validator(plan, announce, waiting)
    finally:
        found = _read(plan.folder)
        if found is not None and found.pid == os.getpid():
            (plan.folder / STATE).unlink(missing_ok=True)


def _run_validator(
    plan: Plan, announce: Callable[[str], None], waiting: Callable[[float], None]
) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    lock = FolderLock(plan.folder)
    try:
        with listen(plan.port) as probe:
            port = probe.getsockname()[1]
        arch = architecture(find())
        programs = [] if plan.bare else [prebuilt.load(name, arch) for name in prebuilt.NAMES]
        validator = Validator(plan.folder / LEDGER, port, programs)
        try:
            validator.start(waiting)
            announce(validator.url)
            code = validator.process.wait()
            raise Refused(f"the validator ended by itself (exit code {code})")
        except KeyboardInterrupt:
            return
        finally:
            validator.stop()
    finally:
        lock.release()


def detach(plan: Plan) -> Running:
    """Runs the chain in a process of its own, and returns once it answers.

    Raises `Refused` with its last words when it does not come up.
    """
    if locked(plan.folder):
        raise Refused(f"the chain in {plan.folder} is running already")
    plan.folder.mkdir(parents=True, exist_ok=True)
    log = plan.folder / LOG
    with log.open("wb") as sink:
        child = subprocess.Popen(
            [sys.executable, "-m", "iog_client.localnet", json.dumps(_plan_json(plan))],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    until = time.monotonic() + START_SECONDS + STOP_SECONDS
    while time.monotonic() < until:
        found = _read(plan.folder)
        if found is not None and found.pid == child.pid:
            return found
        if child.poll() is not None:
            words = log.read_text(errors="replace").strip().splitlines()
            raise Refused(words[-1] if words else "the chain ended without a word")
        time.sleep(POLL_SECONDS)
    child.terminate()
    raise TimedOut(f"the chain did not come up; {log} may say why")


def _plan_json(plan: Plan) -> dict[str, Any]:
    return dataclasses.asdict(plan) | {"folder": str(plan.folder)}


def down(folder: Path) -> Running:
    """Ends the chain of `folder`. Raises `NotFound` when none runs, `TimedOut` if it stays."""
    found = running(folder)
    if found is None:
        raise NotFound(f"no chain is running in {folder}")
    # The process that wrote the file is the one that holds the folder: its number is still its own.
    os.kill(found.pid, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while locked(folder):
        if time.monotonic() > until:
            raise TimedOut(f"process {found.pid} is still running after {STOP_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    return found


def warp(url: str, seconds: int) -> int:
    """Moves the embedded chain's time and returns it. `Refused` by any other chain."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "iogWarp", "params": [seconds]}
    try:
        reply = httpx.post(url, json=call, timeout=10).json()
        if "result" in reply:
            return int(reply["result"]["unixTimestamp"])
        error = reply["error"]
    except httpx.HTTPError as exc:
        raise Unreachable(url, str(exc) or type(exc).__name__) from exc
    except (ValueError, TypeError, KeyError) as exc:
        raise Unreachable(url, "it does not speak Solana's JSON-RPC") from exc
    if error.get("code") == METHOD_NOT_FOUND:
        raise Refused(f"{url} is not the embedded chain, and no other lets its clock be moved")
    raise Refused(f"{url} refused the request: {error.get('message')}")


if __name__ == "__main__":
    import logging

    from iog_client.errors import IogError

    logging.basicConfig(format="%(message)s")
    told = json.loads(sys.argv[1])
    try:
        run(Plan(**(told | {"folder": Path(told["folder"])})), lambda _: None, lambda _: None)
    except IogError as error:
        sys.exit(error.message)
