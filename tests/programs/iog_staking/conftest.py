import pytest

from pool_world import Pool
from registry_world import Registry
from registry_world import registry as bring_up
from stages import Network


@pytest.fixture
def registry(net: Network) -> Registry:
    """iog_staking on a network whose emission has just started; neither class nor node."""
    return bring_up(net)


@pytest.fixture
def pool(net: Network) -> Pool:
    """iog_staking on a network whose emission has just started; nobody backs it."""
    return Pool(net.started().staking())
