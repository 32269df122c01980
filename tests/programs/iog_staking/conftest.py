"""Fixtures of the staking tests. The `*_model.py` and `node_machine.py` lie beside this file."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from keys_world import Keys
from pool_world import Pool
from registry_world import Registry
from registry_world import registry as bring_up
from stages import Network


@pytest.fixture
def registry(net: Network) -> Registry:
    """iog_staking on a network whose emission has just started; neither class nor node."""
    return bring_up(net)


@pytest.fixture
def pool(registry: Registry) -> Pool:
    """The same network; nobody backs it."""
    return Pool(registry.net.rewards())


@pytest.fixture
def keys(registry: Registry) -> Keys:
    """The same network with the keys that run iog_staking."""
    return Keys(registry.net)
