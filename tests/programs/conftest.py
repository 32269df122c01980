"""Fixtures of the program tests. `world.py` and `stages.py` lie beside this file."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

from machines import PROFILE, Machine
from stages import Network, network
from world import World

settings.load_profile(PROFILE)


@pytest.fixture
def world() -> World:
    """A fresh chain with the four programs."""
    return World()


@pytest.fixture
def net(world: World) -> Network:
    """A fresh network of which nothing exists yet; its stages bring it up."""
    return network(world)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How far the state machines went."""
    for name, steps in sorted(Machine.steps.items()):
        terminalreporter.write_line(f"machine {name}: {steps:,} steps")
