"""Fixtures of the staking tests. `node_model.py` and `node_machine.py` lie beside this file."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from registry_world import Registry
from registry_world import registry as bring_up
from stages import Network


@pytest.fixture
def registry(net: Network) -> Registry:
    """iog_staking on a network whose emission has just started; neither class nor node."""
    return bring_up(net)
