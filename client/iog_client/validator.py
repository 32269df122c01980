"""`solana-test-validator` as a child process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from iog_client.children import end_with_parent
from iog_client.errors import NotFound, Refused, TimedOut
from iog_client.prebuilt import Arch, ProgramFile

VARIABLE = "IOG_VALIDATOR"
NAME = "solana-test-validator"
HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.1
CONFIRMED = {"commitment": "confirmed"}
PORTS = 30
"""Ports the validator takes for itself, from a free place of this many on."""
HOW_TO_GET = (
    f"no {NAME} found; it comes with Solana's command-line tools (put it on PATH), is built by "
    f"`cargo install agave-validator --version 4.2.2 --bin {NAME} --locked`, "
    f"or is named by {VARIABLE}=<file>"
)


def find() -> Path:
    """The binary: what IOG_VALIDATOR names, else the one on PATH. `NotFound` says how to get it."""
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named)
        if not os.access(path, os.X_OK) or path.is_dir():
            raise NotFound(f"{VARIABLE} names {path}, which is not an executable file")
        return path
    found = shutil.which(NAME)
    if found is None:
        raise NotFound(HOW_TO_GET)
    return Path(found)


def architecture(binary: Path) -> Arch:
    """The instruction set to preload: v3 from release 4 on, which will soon take nothing else."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    release = said.removeprefix(NAME).strip().partition(".")[0]
    return "v3" if release.isdigit() and int(release) >= 4 else "v0"


class Validator:
    """One validator. Its ledger folder is continued when it is there, with the programs it has."""

    def __init__(
        self,
        ledger: Path,
        port: int,
        programs: Sequence[ProgramFile] = (),
        authority: str = "none",
    ) -> None:
        self.url = f"http://{HOST}:{port}"
        self._ledger = ledger
        self._port = port
        self._programs = programs
        self._authority = authority
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise Refused("the validator was not started")
        return self._process

    def command(self) -> list[str]:
        """The command line, with ports that are free now."""
        first = _free_ports(PORTS)
        command = [str(find()), "--ledger", str(self._ledger), "--quiet"]
        command += ["--bind-address", HOST, "--rpc-port", str(self._port)]
        command += ["--faucet-port", str(first), "--gossip-port", str(first + 1)]
        command += ["--dynamic-port-range", f"{first + 2}-{first + PORTS}"]
        for one in self._programs:
            command += ["--upgradeable-program", str(one.id), str(one.path), self._authority]
        return command

    def start(self, waiting: Callable[[float], None] = lambda _: None) -> None:
        """Starts it and returns once it takes transactions.

        `waiting` is called with the seconds passed. Raises `Refused` with the validator's own last
        line when it gives up, `TimedOut` after a minute.
        """
        if not _free(self._port):
            raise Refused(f"port {self._port} of {HOST} is taken")
        self._ledger.parent.mkdir(parents=True, exist_ok=True)
        output = self._ledger.parent / "validator.out"
        with output.open("wb") as sink:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                preexec_fn=end_with_parent,
            )
        begun = time.monotonic()
        while not self._ready():
            if self.process.poll() is not None:
                raise Refused(f"{NAME} gave up: {_last_line(output)}")
            passed = time.monotonic() - begun
            if passed > START_SECONDS:
                self.stop()
                raise TimedOut(f"{NAME} took no transactions within {START_SECONDS:.0f} s")
            waiting(passed)
            time.sleep(POLL_SECONDS)

    def _ready(self) -> bool:
        """Healthy, and past the first block, before which transactions are lost."""
        calls = [
            {"jsonrpc": "2.0", "id": 0, "method": "getHealth"},
            {"jsonrpc": "2.0", "id": 1, "method": "getBlockHeight", "params": [CONFIRMED]},
        ]
        try:
            replies = httpx.post(self.url, json=calls, timeout=2, trust_env=False).json()
            found = {one["id"]: one.get("result") for one in replies}
        except (httpx.HTTPError, ValueError, TypeError, KeyError):
            return False
        return found.get(0) == "ok" and (found.get(1) or 0) > 0

    def stop(self) -> None:
        """Ends it, at once where it does not end by itself."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _free_ports(count: int) -> int:
    """First of `count` neighbouring ports free for both TCP and UDP at this moment."""
    # A place of one's own by process, so that two that start together rarely meet.
    start = 20_000 + os.getpid() * 37 % 10_000
    for first in range(start, start + 20_000, count):
        if all(_free(first + step) for step in range(count)):
            return first
    raise Refused(f"no {count} neighbouring free ports found")


def _free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                # What is left of closed connections is not in the way; a listener still is.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                return False
    return True


def _last_line(output: Path) -> str:
    lines = output.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
