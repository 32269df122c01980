"""Child processes of the demo: started with their own log, watched, and ended in order."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from iog_client.children import end_with_parent
from iog_client.errors import IogError, Refused, TimedOut

IOG = Path(sys.executable).with_name("iog")
STOP_SECONDS = 15.0
PORTS = range(20_000, 32_000)
"""Below those that Linux, macOS and Windows choose from."""


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at this moment, and that the system gives to
    nobody of itself: what asks for any port does not take it before it is used."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = random.choice(PORTS)
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(frozen=True, slots=True)
class Child:
    """A running child and where its output goes."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    def last_words(self, lines: int = 3) -> str:
        """The end of its log, on one line."""
        text = self.log.read_text(errors="replace").strip()
        return " / ".join(text.splitlines()[-lines:]) or "it said nothing"


class Processes:
    """The demo's children, in the order they were started.

    With `keep` they outlive the demo; otherwise `stop` ends them, last started first, and the
    kernel does should the demo be killed.
    """

    log_mode = "wb"
    """Each start of a name begins its log anew."""

    def __init__(self, logs: Path, *, keep: bool) -> None:
        self.logs = logs
        self.keep = keep
        self.children: list[Child] = []

    async def start(self, name: str, *arguments: str) -> Child:
        """Start `iog` with these arguments; its output goes to `<logs>/<name>.log`."""
        return await self.launch(name, [str(IOG), *arguments])

    async def launch(
        self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None
    ) -> Child:
        """Start any command, in this process's environment unless `env` is another."""
        log = self.logs / f"{name}.log"
        with log.open(self.log_mode) as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=None if self.keep else end_with_parent,
                env=env,
            )
        child = Child(name, process, log)
        self.children.append(child)
        return child

    async def ready(
        self, child: Child, check: Callable[[], Awaitable[bool]], *, within: float = 60.0
    ) -> None:
        """Wait until `check` holds.

        Raises:
            Refused: the child ended first; its last words are in the message.
            TimedOut: it is still running, but not ready after `within` seconds.
        """
        deadline = asyncio.get_running_loop().time() + within
        while True:
            self.watch()
            with contextlib.suppress(IogError):
                if await check():
                    return
            if asyncio.get_running_loop().time() > deadline:
                raise TimedOut(f"{child.name} was not ready after {within:.0f} s; see {child.log}")
            await asyncio.sleep(0.05)

    def watch(self) -> None:
        """Raise `Refused` if any child has ended on its own."""
        for child in self.children:
            code = child.process.returncode
            if code is not None:
                raise Refused(f"{child.name} ended with status {code}: {child.last_words()}")

    async def stop(self, *names: str) -> None:
        """End these children (all, without names), the last started first."""
        chosen = [child for child in reversed(self.children) if not names or child.name in names]
        self.children = [child for child in self.children if child not in chosen]
        for child in chosen:
            _signal_group(child, signal.SIGTERM)
            try:
                await asyncio.wait_for(child.process.wait(), STOP_SECONDS)
            except TimeoutError:
                _signal_group(child, signal.SIGKILL)
                await child.process.wait()


def _signal_group(child: Child, number: signal.Signals) -> None:
    # The child leads its own session, so its group is its own process id.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)
