"""Fixtures of the tests of iog_jobs. The `*_model.py` lie beside this file."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from jobs_world import Jobs
from jobs_world import jobs as bring_up
from stages import Network


@pytest.fixture
def jobs(net: Network) -> Jobs:
    """A running network with an active node and a funded client that has opened no job yet."""
    return bring_up(net)
