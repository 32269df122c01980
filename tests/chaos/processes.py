"""Processes that may die: started as before, again and again, and their logs go on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from iog_client.demo.processes import IOG, Child, Processes


class Mortals(Processes):
    """Children by name; `env`, `before` and `more` change how the next one of a name starts."""

    log_mode = "ab"

    def __init__(self, logs: Path) -> None:
        super().__init__(logs, keep=False)
        self.env: dict[str, Mapping[str, str]] = {}
        self.before: dict[str, Sequence[str]] = {}
        """What goes before `iog` on the command line, such as `ip netns exec`."""
        self.more: dict[str, Sequence[str]] = {}
        self.launchers: frozenset[str] = frozenset()
        """Those that only start a process and wait for it; the faults are done to that one."""

    async def start(self, name: str, *arguments: str) -> Child:
        before, more = self.before.get(name, ()), self.more.get(name, ())
        command = [*before, str(IOG), *arguments, *more]
        return await self.launch(name, command, {**os.environ, **self.env.get(name, {})})

    def of(self, name: str) -> Child:
        """The child of that name that runs."""
        return next(one for one in self.children if one.name == name)

    def pid(self, name: str) -> int:
        """Number of the process that does the work of that name."""
        own = self.of(name).process.pid
        if name not in self.launchers:
            return own
        [started] = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return int(started)

    async def kill(self, *names: str) -> None:
        """End these at once, as a crash does."""
        ended = [(self.of(name), self.pid(name)) for name in names]
        for child, pid in ended:
            self.children.remove(child)
            os.kill(pid, signal.SIGKILL)
        for child, _ in ended:
            await child.process.wait()

    def freeze(self, *names: str) -> None:
        """Stop these from running, without their knowing."""
        for name in names:
            os.kill(self.pid(name), signal.SIGSTOP)

    def thaw(self, *names: str) -> None:
        """Let them run again."""
        for name in names:
            os.kill(self.pid(name), signal.SIGCONT)

    async def ended(self, name: str, within: float = 30.0) -> int:
        """The exit code of a child that is to end by itself; it is a child no more."""
        child = self.of(name)
        code = await asyncio.wait_for(child.process.wait(), within)
        self.children.remove(child)
        return code
