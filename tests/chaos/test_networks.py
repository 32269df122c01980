"""A worker in a network namespace of its own, whose line to the orchestrator is cut or slow."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.chaos.faults import short
from tests.chaos.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
HERE, THERE = "10.231.17.1", "10.231.17.2"
FAR = "alan"
CUTS = {"for 2 s": 2.0, "for 12 s, its node silent": 12.0}


def command(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


@dataclass(frozen=True)
class Line:
    """Two ends of a virtual cable, one of them in a namespace of its own."""

    space: str
    near: str

    @classmethod
    @contextmanager
    def laid(cls) -> Iterator[Line]:
        """The cable, while the body runs."""
        line = cls(f"iog-{os.getpid()}", "iogchaos0")
        command("ip", "netns", "add", line.space)
        try:
            command("ip", "link", "add", line.near, "type", "veth", "peer", "name", "iogchaos1")
            command("ip", "link", "set", "iogchaos1", "netns", line.space)
            command("ip", "addr", "add", f"{HERE}/30", "dev", line.near)
            command("ip", "link", "set", line.near, "up")
            for words in (
                ("addr", "add", f"{THERE}/30", "dev", "iogchaos1"),
                ("link", "set", "iogchaos1", "up"),
                ("link", "set", "lo", "up"),
            ):
                command("ip", "-n", line.space, *words)
            yield line
        finally:
            command("ip", "netns", "del", line.space)

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Nothing goes through in the body, and nobody is told."""
        command("ip", "link", "set", self.near, "down")
        try:
            yield
        finally:
            command("ip", "link", "set", self.near, "up")

    @contextmanager
    def slow(self, rate: str) -> Iterator[None]:
        """So much a second goes through in the body, in both directions."""
        shape = ("root", "tbf", "rate", rate, "burst", "4kb", "latency", "2s")
        command("tc", "qdisc", "add", "dev", self.near, *shape)
        command("tc", "-n", self.space, "qdisc", "add", "dev", "iogchaos1", *shape)
        try:
            yield
        finally:
            command("tc", "qdisc", "del", "dev", self.near, "root")
            command("tc", "-n", self.space, "qdisc", "del", "dev", "iogchaos1", "root")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(world: World) -> AsyncIterator[Line]:
    """One node's worker behind a cable."""
    with contextlib.ExitStack() as made:
        try:
            laid = made.enter_context(Line.laid())
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no network namespace can be made here: that takes root and iproute2")
        world.processes.more["orchestrator"] = ("--host", "0.0.0.0")
        world.processes.before[FAR] = ("ip", "netns", "exec", laid.space)
        await world.processes.stop("orchestrator", FAR)
        moved(world, FAR, f"http://{HERE}:{world.api_url.rsplit(':', 1)[1]}")
        await world.restart("orchestrator", FAR)
        await world.nodes_ready()
        yield laid
        await world.processes.stop(FAR)


def moved(world: World, node: str, url: str) -> None:
    """Have a node reach its orchestrator at another address."""
    path = world.folder / "nodes" / node / "node.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "orchestrator_url": url}))


@pytest.mark.parametrize("how", short(CUTS, "for 12 s, its node silent"))
async def test_cut(world: World, line: Line, chance: random.Random, how: str, number: int) -> None:
    async with world.ordeal(f"a worker's network cut {how}", chance):
        await asyncio.sleep(chance.uniform(0, 2))
        with line.cut():
            await asyncio.sleep(CUTS[how])


@pytest.mark.long
async def test_cut_until_its_runs_are_given_up(
    world: World, line: Line, chance: random.Random, number: int
) -> None:
    async with world.ordeal("a worker's network cut for 35 s, its runs given up", chance):
        with line.cut():
            await asyncio.sleep(35)


@pytest.mark.long
async def test_slow(world: World, line: Line, chance: random.Random, number: int) -> None:
    async with world.ordeal("a worker's network at 64 kbit/s", chance):
        with line.slow("64kbit"):
            await asyncio.sleep(8)


@pytest.mark.long
async def test_on_and_off(world: World, line: Line, chance: random.Random, number: int) -> None:
    async with world.ordeal("a worker's network on and off", chance):
        for _ in range(8):
            with line.cut():
                await asyncio.sleep(chance.uniform(0.1, 3))
            await asyncio.sleep(chance.uniform(0.1, 2))
