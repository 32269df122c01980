"""Disks that are full: the folder of orchestrator or node on a small file system."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chaos.world import FLEETS, World

pytestmark = pytest.mark.asyncio(loop_scope="module")
SIZE = "48m"
MIB = 1 << 20


@contextmanager
def small(folder: Path) -> Iterator[Path]:
    """A file system of its own at this place."""
    folder.mkdir(parents=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "iog", folder],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    unopened: World,
) -> AsyncIterator[World]:
    """A network whose folders are file systems that fill up."""
    with contextlib.ExitStack() as mounted:
        try:
            for name in ("orchestrator", f"nodes/{FLEETS[1].owner}"):
                mounted.enter_context(small(unopened.folder / name))
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no small file system can be mounted here: that takes root")
        try:
            await unopened.open()
            yield unopened
        finally:
            await unopened.close()


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Not a byte is free in the body."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (MIB, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(os.urandom(size))
    try:
        yield
    finally:
        filler.unlink()


@pytest.mark.parametrize(
    "name", ["orchestrator", pytest.param("nodes/alan", marks=pytest.mark.long)]
)
async def test_full(world: World, chance: random.Random, name: str, number: int) -> None:
    label = "orchestrator" if name == "orchestrator" else "worker"
    async with world.ordeal(f"a full disk of the {label}", chance):
        with full(world.folder / name):
            await asyncio.sleep(8)
        await revive(world, "orchestrator" if label == "orchestrator" else "alan")


async def revive(world: World, name: str) -> None:
    """Start what has ended because of it, as its unit of systemd does."""
    if world.processes.of(name).process.returncode is None:
        return
    assert await world.processes.ended(name) == 1
    await world.restart(name)
