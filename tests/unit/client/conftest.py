"""What the tests of this folder share: their samples by name, and a running network."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from network_samples import TestNetwork, running


@pytest.fixture
async def net(tmp_path: Path) -> TestNetwork:
    """A fresh chain with a network whose emission has just started."""
    return await running(tmp_path)
