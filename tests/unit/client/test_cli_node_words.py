"""What `iog node why` says of hours without a file, and how `iog node status` is laid out."""

from typing import Any

import pytest

from iog_client.api_models import NetworkView
from iog_client.cli import node_status, node_why
from iog_client.node_models import NodeHourView, NodeStatus, Obstacle

KEY = "4Tp5kY98LBgVDGC1xeJKuztsSvW7gr5c4oA4VnkiqGky"
START = 1_767_225_600
"""2026-01-01 00:00:00 UTC"""


def network(**changes: Any) -> NetworkView:
    known: dict[str, Any] = {"genesis_hash": KEY, "programs": {}, "idl_hashes": {}, "mint": KEY}
    known |= {"orchestrator": KEY, "hour_length": 60, "start": START, "hour": 3}
    return NetworkView(**(known | {"allow_simulated": True, "protocol": 1} | changes))


def status(**changes: Any) -> NodeStatus:
    known: dict[str, Any] = {"device": KEY, "owner": KEY, "state": "active", "gpus": 1, "busy": 0}
    known |= {"gpu_class": "rtx-3090", "connected": True, "hour": 3, "seconds": 20, "elapsed": 35}
    return NodeStatus(**(known | {"needed": 50} | changes))


ENDS = "hour 3 is not closed yet: it ends at 2026-01-01 00:03:00 UTC"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], f"{ENDS} and is closed soon after"),
        (
            [status()],
            f"{ENDS} (in 25s) and is closed soon after; so far {KEY} has proven 20 s of 35 s, and "
            "50 s are needed",
        ),
        (
            [status(no_pay=[Obstacle(code="no_ask", text="it is paused", action="")])],
            f"{ENDS} (in 25s) and is closed soon after; so far {KEY} has proven 20 s of 35 s, and "
            "50 s are needed; as it stands it earns nothing: it is paused",
        ),
        (
            [status(), status()],
            f"{ENDS} (in 25s) and is closed soon after; `iog node status` says what counts so far",
        ),
        # the next hour has begun between the two answers
        ([status(hour=4)], f"{ENDS} and is closed soon after"),
    ],
)
def test_a_running_hour_says_when_it_ends_and_what_counts_so_far(
    found: list[NodeStatus], said: str
) -> None:
    assert node_why.running(network(), found) == said


@pytest.mark.parametrize(
    ("hour", "changes", "said"),
    [
        (4, {}, "hour 4 has not begun: it begins at 2026-01-01 00:03:00 UTC"),
        (2, {}, "hour 2 ended at 2026-01-01 00:02:00 UTC and is not closed yet: try again soon"),
        (1, {}, None),
        (1, {"start": 0, "hour": 0}, "emission has not started, so there is no hour yet"),
    ],
)
def test_an_hour_that_does_not_run_is_not_called_running(
    hour: int, changes: dict[str, Any], said: str | None
) -> None:
    assert node_why.ahead(hour, network(**changes)) == said


def test_a_status_has_a_line_for_each_thing_that_there_is_to_say() -> None:
    late = [
        Obstacle(code="silent", text="silent", action="look"),
        Obstacle(code="x", text="y", action=""),
    ]
    hours = [
        NodeHourView(hour=one, seconds=60, ended=2, failed=0, reliability=1.0) for one in (2, 1)
    ]
    rows = node_status.lines(node_status.details(status(no_jobs=late, history=hours)))
    assert ["for jobs", "silent -> look"] in rows
    assert ["", "y"] in rows
    assert ["its record", "hour 2: 60 s, 2 runs, 0 failed, 1.00"] in rows
    assert ["", "hour 1: 60 s, 2 runs, 0 failed, 1.00"] in rows


def test_several_nodes_are_no_columns() -> None:
    away = Obstacle(code="not_connected", text="it is not connected", action="start it")
    rows = node_status.lines(node_status.brief(status(connected=False, no_jobs=[away])))
    assert rows == [
        ["state", "active, not connected"],
        ["for jobs", "it is not connected"],
        ["for rewards", "on course"],
        ["runs held", "0"],
        ["reliability", "1.00"],
    ]
