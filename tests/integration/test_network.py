"""The whole network on a real validator: every instruction of a job's and an hour's life."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from iog_client import schedule

IOG = Path(sys.executable).with_name("iog")
GUARD = 600
"""Seconds after which the demo is taken for hung."""


@pytest.mark.usefixtures("installed")
def test_the_demo_adds_up_on_a_validator(tmp_path: Path) -> None:
    place = tmp_path / "net"
    done = subprocess.run(
        [IOG, "demo", "--chain", "validator", "--folder", str(place)],
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((place / "report.json").read_text())
    assert report["chain"]["kind"] == "validator"
    reasons = [job["reason"] for job in report["jobs"]]
    assert reasons == ["completed", "command_failed", "not_placed"]
    assert len(report["claims"]) == 4
    hours = len(report["hours"])
    assert int(report["supply_end"]) == 50_000_000_000_000_000 + schedule.emitted(hours)
