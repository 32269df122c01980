"""What who runs an orchestrator sees of it: the dashboard's panels and the alerts on a real
Prometheus, and the lines of the logs."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cli_samples import Chain
from market_samples import Market

from tests import prometheus_server
from tests.prometheus_server import DEPLOY, Prometheus

PATIENCE = 300.0
EMPTY = {
    "Repairs and mismatches a minute": "chain, workers and database agree, so that nothing is told",
}
"""Panels without a line here, and why."""


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    found = Market(tmp_path_factory.mktemp("operations"))
    try:
        found.open()
        found.join()
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def prometheus(market: Market) -> Iterator[Prometheus]:
    target = market.url.removeprefix("http://")
    with prometheus_server.server(market.folder / "prometheus", target) as found:
        yield found


@pytest.fixture(scope="module")
def job(market: Market, prometheus: Prometheus) -> dict[str, Any]:
    """A job that was done while Prometheus looked on, and two hours closed."""
    file = market.job("seen", "echo hello; sleep 1")
    done = market.client("job", "submit", file, "--yes")
    assert done.returncode == 0, done.stderr
    shown = market.wait_for(0, "settled")
    until(lambda: market.published(2) is not None)
    return shown


def metrics(market: Market) -> str:
    return httpx.get(f"{market.url}/metrics", trust_env=False).text


def panels() -> list[tuple[str, str, str]]:
    """Title, query and legend of every line of the dashboard."""
    found = json.loads((DEPLOY / "grafana.json").read_text())
    charts = [one for one in found["panels"] if one["type"] != "row"]
    return [
        (one["title"], target["expr"], target["legendFormat"])
        for one in charts
        for target in one["targets"]
    ]


def drawn(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines with something to draw."""
    return [one for one in found if not math.isnan(float(one["value"][1]))]


def test_a_healthy_network_wakes_nobody(
    market: Market, prometheus: Prometheus, job: dict[str, Any]
) -> None:
    until(lambda: all(rule["health"] == "ok" for rule in prometheus.alerts()))
    waking = [rule for rule in prometheus.alerts() if rule["state"] == "firing"]
    assert [(rule["name"], rule["alerts"]) for rule in waking] == []


def test_every_panel_shows_something(
    market: Market, prometheus: Prometheus, job: dict[str, Any]
) -> None:
    httpx.get(f"{market.url}/v1/there/is/none", trust_env=False)
    port = market.chain.url.rpartition(":")[2]
    market.chain.end()
    until(lambda: 'outcome="unreachable"' in metrics(market))
    market.chain = Chain(market.folder / "chain", port)
    for title, query, legend in panels():
        if title in EMPTY:
            assert prometheus.query(query) == [], title
            continue
        until(lambda query=query: bool(drawn(prometheus.query(query))))  # type: ignore[misc]
        named = re.findall(r"{{(\w+)}}", legend)
        for line in drawn(prometheus.query(query)):
            assert set(named) <= set(line["metric"]), f"{title}: {legend} of {line['metric']}"


def test_the_log_names_what_each_line_is_about(market: Market, job: dict[str, Any]) -> None:
    market.end("node")
    market.end("orchestrator")
    served, worked = (lines(market.folder / f"{name}.log") for name in ("orchestrator", "node"))
    ids = {"job": job["id"], "run": 1, "device": market.device}
    for action in ("job_placed", "run_handed_out", "job_assigned", "run_started", "run_finished"):
        assert ids.items() <= told(served, action)[0].items(), action
    assert told(served, "job_settled")[0]["job"] == job["id"]
    assert [one["hour"] for one in told(served, "hour_closed")][:2] == [1, 2]
    assert told(served, "node_connected")[0]["device"] == market.device
    assert {one["device"] for one in worked} == {market.device}
    about = [one for one in worked if "job" in one]
    assert {(one["job"], one["run"]) for one in about} == {(job["id"], 1)}
    assert {"assign_run", "end_run", "close_run"} <= {one["action"] for one in about}


def told(found: list[dict[str, Any]], action: str) -> list[dict[str, Any]]:
    return [one for one in found if one["action"] == action]


def lines(path: Path) -> list[dict[str, Any]]:
    """A daemon's log from its start to its end, each line a JSON object."""
    found = [json.loads(line) for line in path.read_text().splitlines()]
    assert found
    for one in found:
        assert {"time", "level", "message", "action"} <= set(one), one
    return found
