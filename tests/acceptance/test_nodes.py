"""Status, drain and maintenance of a node as its owner uses them, over a whole network."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from market_samples import Market, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with serving(tmp_path_factory.mktemp("nodes"), "node") as found:
        yield found


def test_an_owner_reads_how_its_node_stands(served: Market) -> None:
    status = served.owner.json("node", "status", served.device)
    assert (status["connected"], status["no_jobs"]) == (True, [])
    assert (status["simulated"], status["needed"]) == (True, 9)
    # an hour is ten seconds, and the node has come in the middle of one
    assert 0.9 < status["reliability"] <= 1
    assert [one["device"] for one in served.owner.json("node", "status")] == [served.device]
    done = served.owner("node", "status")
    assert done.returncode == 0
    assert "for jobs" in done.stdout
    assert "2 x rtx-3070 (simulated)" in done.stdout
    none = served.client("node", "status")
    assert none.returncode == 3
    assert "has registered no node" in none.stderr


def test_a_drained_node_ends_its_run_at_the_deadline_and_takes_no_other(served: Market) -> None:
    file = served.job("long", "sleep 300", duration="400s", retries="1")
    assert served.client("job", "submit", file, "--yes").returncode == 0
    number = str(served.client.json("job", "list")[0]["number"])
    _until(lambda: served.client.json("job", "show", number)["state"] == "running")
    announced = served.owner.json("node", "drain", "--reason", "new driver")
    assert (announced["begin"], announced["text"]) == (None, "it is being drained (new driver)")
    shown = served.client.json("job", "show", number)
    assert (shown["state"], shown["notice"]["reason"]) == ("running", "new driver")
    done = served.owner("node", "drain", "--by", "1s")
    assert done.returncode == 0, done.stderr
    assert "it is being drained, runs end at" in done.stdout
    _until(lambda: served.client.json("job", "show", number)["state"] == "open")
    [given_up] = served.client.json("job", "show", number)["runs"]
    assert (given_up["reason"], given_up["seconds"] >= 0) == ("node_stopped", True)
    status = served.owner.json("node", "status", served.device)
    assert [one["code"] for one in status["no_jobs"]] == ["draining"]
    assert served.client("node", "drain", served.device, "--cancel").returncode == 4
    assert served.client("job", "cancel", number).returncode == 0
    done = served.owner("node", "drain", "--cancel")
    assert done.returncode == 0
    assert served.owner("node", "drain", "--cancel").returncode == 3
    assert served.owner.json("node", "status", served.device)["no_jobs"] == []


def test_maintenance_is_announced_and_taken_back(served: Market) -> None:
    said = served.owner.json("node", "maintenance", "--from", "2h", "--to", "3h", "--reason", "ram")
    assert said["end"] - said["begin"] == 3600
    plan = served.client.json("job", "plan", served.job("short", "true"))
    assert plan["offers"][0]["notice"]["reason"] == "ram"
    assert served.owner("node", "maintenance", "--from", "3h", "--to", "2h").returncode == 2
    assert served.owner("node", "maintenance").returncode == 2
    assert served.owner.json("node", "maintenance", "--cancel")["notice"] is None


def _until(condition: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.3)
