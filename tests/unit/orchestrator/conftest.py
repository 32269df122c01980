"""Fixtures of the orchestrator's tests. `orchestrator_world.py` lies beside this file."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from orchestrator_world import Worker, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A network with an orchestrator and no nodes."""
    made = World(tmp_path)
    await made.create()
    yield made
    await made.close()


@pytest.fixture
async def worker(world: World) -> Worker:
    """A node of eight GPUs, connected."""
    made = await world.node()
    await made.connect()
    return made
