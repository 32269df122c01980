"""deploy/alerts.yaml on the real Prometheus: each alert comes when it should, and not before."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.prometheus_server import DEPLOY, program, settings

ALERTS = DEPLOY / "alerts.yaml"
UP = 'up{job="iog"}'
LEADERS = ('iog_leader{instance="a"}', 'iog_leader{instance="b"}')
CLOSED, ROOT, RUNNING = "iog_hour_closed", "iog_root_epoch", "iog_hour_running"
OK = 'iog_chain_call_seconds_count{outcome="ok"}'
AWAY = 'iog_chain_call_seconds_count{outcome="unreachable"}'
NOT_TAKEN = 'iog_events_total{action="run_not_taken",level="info"}'


@dataclass(frozen=True)
class Case:
    """An alert, what it is not woken by, and what it is: values a minute, in Prometheus' notation.
    `value` as its summary names it, `labels` besides the severity."""

    name: str
    quiet: dict[str, str]
    wakes: dict[str, str]
    after: str
    value: str = ""
    labels: dict[str, str] = field(default_factory=dict)


CASES = (
    Case("OrchestratorDown", {UP: "1x60"}, {UP: "0x60"}, "3m", labels={"job": "iog"}),
    Case(
        "NotOneLeads",
        # a takeover: nobody leads for less than a minute
        {LEADERS[0]: "1x10 0x50", LEADERS[1]: "0x10 1x50"},
        {LEADERS[0]: "1x60", LEADERS[1]: "1x60"},
        "2m",
        "2",
    ),
    Case(
        "HourNotClosed",
        {RUNNING: "9x60", CLOSED: "6x60"},
        {RUNNING: "9x60", CLOSED: "5x60"},
        "11m",
        "3",
    ),
    Case("RootBehind", {CLOSED: "9x60", ROOT: "7x60"}, {CLOSED: "9x60", ROOT: "6x60"}, "31m", "3"),
    Case(
        "Mismatch",
        {'iog_mismatches{kind="run_missing"}': "0x20 1x5 0x40"},
        {'iog_mismatches{kind="run_missing"}': "1x60"},
        "16m",
    ),
    Case("FeesRunOut", {"iog_matcher_lamports": "3e8x60"}, {"iog_matcher_lamports": "1e8x60"}, "2m",
         "1e+08"),
    Case(
        "ChainUnreachable",
        # ten seconds without, now and then
        {OK: "0+60x60", AWAY: "0x20 2x20 4x20"},
        # a node that hangs: a call in half a minute, and none that goes well
        {OK: "500x60", AWAY: "0+2x60"},
        "10m",
    ),
    Case(
        "RunsFail",
        {NOT_TAKEN: "0+2x60"},
        {NOT_TAKEN: "0+4x60"},
        "45m",
        labels={"action": "run_not_taken", "level": "info"},
    ),
    Case("ManyNodesVanished", {"iog_degraded": "0x60"}, {"iog_degraded": "0 1x60"}, "1m"),
    Case(
        "HoursNotMirrored",
        {"iog_hours_unmirrored": "1x60"},
        {"iog_hours_unmirrored": "3x60"},
        "31m",
        "3",
    ),
)  # fmt: skip


def rules() -> dict[str, dict[str, Any]]:
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def checked(*arguments: str) -> str:
    done = subprocess.run(
        [program("promtool"), *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_settings_are_those_of_a_prometheus(tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump(settings("orchestrator:8787")))
    assert f"{len(rules())} rules found" in checked("check", "config", str(file))


def test_every_alert_has_its_case() -> None:
    assert [case.name for case in CASES] == list(rules())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_alert_comes_when_it_should(case: Case, tmp_path: Path) -> None:
    rule = rules()[case.name]
    summary = rule["annotations"]["summary"].replace("{{ $value }}", case.value)
    assert ("{{ $value }}" in rule["annotations"]["summary"]) == bool(case.value)
    woken = {
        "exp_labels": {**rule["labels"], **case.labels},
        "exp_annotations": {"summary": summary},
    }
    asked = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": s, "values": v} for s, v in series.items()],
                "alert_rule_test": [
                    {"eval_time": time, "alertname": case.name, "exp_alerts": alerts}
                    for time, alerts in times
                ],
            }
            for series, times in (
                (case.quiet, [(f"{minute}m", []) for minute in range(0, 60, 5)]),
                (case.wakes, [("0m", []), (case.after, [woken])]),
            )
        ],
    }
    file = tmp_path / "cases.yml"
    file.write_text(yaml.safe_dump(asked))
    checked("test", "rules", str(file))
