"""Fixtures of the program tests. `world.py` and `stages.py` lie beside this file."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stages import Network, network
from world import World


@pytest.fixture
def world() -> World:
    """A fresh chain with the four programs."""
    return World()


@pytest.fixture
def net(world: World) -> Network:
    """A fresh network of which nothing exists yet; its stages bring it up."""
    return network(world)
