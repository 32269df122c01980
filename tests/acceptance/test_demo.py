"""`iog demo` as a person runs it: what it reports adds up, and it leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iog_client import schedule

IOG = Path(sys.executable).with_name("iog")
GUARD = 240
"""Seconds after which a demo is taken for hung."""


def processes_of(folder: Path) -> list[str]:
    """Command lines of running processes that name `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if str(folder) in line:
                found.append(line)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one whole demo has run."""
    place = tmp_path_factory.mktemp("demo") / "net"
    done = subprocess.run(
        [IOG, "demo", "--folder", str(place)], capture_output=True, text=True, timeout=GUARD
    )
    assert done.returncode == 0, done.stderr
    assert "Who paid and who earned what" in done.stdout
    return place


@pytest.fixture(scope="module")
def report(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text())


def test_the_hours_are_those_of_the_schedule(report: dict) -> None:
    hours = report["hours"]
    assert [row["hour"] for row in hours] == list(range(1, len(hours) + 1))
    assert len(hours) >= 2
    allocated = rewards = pool = 0
    for row in hours:
        rewards += int(row["to_rewards"])
        pool += int(row["to_pool"])
        assert int(row["emitted_total"]) == schedule.emitted(row["hour"]) == rewards + pool
        assert int(row["allocated_total"]) >= allocated
        allocated = int(row["allocated_total"])
        assert allocated + int(row["carried"]) == rewards
    assert pool == schedule.emitted(len(hours)) * 1000 // 10_000
    assert report["genesis"] == {"supply": "50000000000000000"}
    assert int(report["supply_end"]) == 50_000_000_000_000_000 + schedule.emitted(len(hours))


def test_every_owner_claims_what_the_rule_gives(report: dict) -> None:
    assert len({claim["recipient"] for claim in report["claims"]}) == 4
    claimed = sum(int(claim["amount"]) for claim in report["claims"])
    assert claimed in {int(row["allocated_total"]) for row in report["hours"][1:]}


def test_the_jobs_end_as_they_must(report: dict) -> None:
    digits, fails, big = report["jobs"]
    assert (digits["state"], digits["reason"], digits["fault"]) == ("settled", "completed", "none")
    assert {output["path"] for output in digits["outputs"]} == {"model.pkl", "metrics.json"}
    assert digits["metrics"]["test_accuracy"] > 0.95
    assert (fails["state"], fails["reason"], fails["fault"]) == (
        "settled",
        "command_failed",
        "client",
    )
    assert (big["state"], big["fault"]) == ("refused", "network")
    for job in (digits, fails, big):
        spent = int(job["node_paid"]) + int(job["fees"]) + int(job["refunded"])
        assert int(job["funded"]) == spent
    assert digits["proven_seconds"] > 0
    assert fails["proven_seconds"] > 0
    assert int(big["funded"]) == big["proven_seconds"] == 0


def test_it_leaves_a_chart_and_no_process(folder: Path) -> None:
    assert (folder / "demo.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert processes_of(folder) == []


def started_until(place: Path, line: str) -> subprocess.Popen[str]:
    """A demo that has just said `line`."""
    demo = subprocess.Popen(
        [IOG, "demo", "--folder", str(place)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert demo.stderr is not None
    for said in demo.stderr:
        if line in said:
            return demo
    raise AssertionError(f"the demo ended without saying {line}")


@pytest.mark.parametrize("line", ["chain:", "orchestrator:", "emission:"])
def test_ctrl_c_leaves_no_process(tmp_path: Path, line: str) -> None:
    place = tmp_path / "net"
    with started_until(place, line) as demo:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=GUARD)
    assert demo.returncode == 130
    assert processes_of(place) == []


def test_killed_it_takes_its_processes_with_it(tmp_path: Path) -> None:
    place = tmp_path / "net"
    with started_until(place, "node:") as demo:
        demo.kill()
        demo.communicate()
    limit = time.monotonic() + 60
    while processes_of(place) and time.monotonic() < limit:
        time.sleep(0.2)
    assert processes_of(place) == []


def test_a_folder_that_is_no_demos_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work")
    done = subprocess.run(
        [IOG, "demo", "--folder", str(tmp_path)], capture_output=True, text=True, timeout=GUARD
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "holds something else than a demo" in done.stderr
    assert precious.read_text() == "years of work"
