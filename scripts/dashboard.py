"""Writes deploy/grafana.json, the dashboard of an orchestrator. `--check`: only says whether it is
as it would be written, and whether every metric that it and deploy/alerts.yaml ask for exists.

The panels are a table here; Grafana's JSON repeats itself too much to be kept by hand.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DASHBOARD = ROOT / "deploy" / "grafana.json"
ALERTS = ROOT / "deploy" / "alerts.yaml"
METRIC = re.compile(r"\biog_[a-z_]+")

SOURCE = {"type": "prometheus", "uid": "${source}"}
WIDTH, HEIGHT = 8, 7
QUANTILE = "histogram_quantile({q}, sum by (le) (rate({name}_bucket[5m])))"

ROWS: dict[str, list[tuple[str, str, dict[str, str]]]] = {
    "Now": [
        ("Mismatches", "none", {"{{kind}}": "iog_mismatches"}),
        ("Nodes", "none", {"{{is}}": "iog_nodes"}),
        ("GPUs", "none", {"{{is}}": "iog_gpus"}),
    ],
    "Orchestrators": [
        ("Who leads", "none", {"{{instance}}": "iog_leader"}),
        ("Began to lead, an hour", "none", {"{{instance}}": "increase(iog_takeovers_total[1h])"}),
        ("Hours that are not copied", "none", {"{{instance}}": "iog_hours_unmirrored"}),
    ],
    "Jobs": [
        ("Jobs that are not settled", "none", {"{{state}}": "iog_jobs"}),
        (
            "What happens to them, a minute",
            "none",
            {"{{action}}": '60 * rate(iog_events_total{action=~"job_.*|run_.*"}[5m])'},
        ),
        ("IO in escrow", "none", {"IO": "iog_escrow_base_units / 1e8"}),
    ],
    "Hours": [
        (
            "Hours",
            "none",
            {"running": "iog_hour_running", "closed": "iog_hour_closed", "root": "iog_root_epoch"},
        ),
        ("Hours without a root", "none", {"hours": "iog_hour_running - 1 - iog_root_epoch"}),
        ("SOL for fees", "none", {"SOL": "iog_matcher_lamports / 1e9"}),
    ],
    "Chain": [
        (
            "Calls a second",
            "reqps",
            {"{{call}}": "sum by (call) (rate(iog_chain_call_seconds_count[5m]))"},
        ),
        (
            "Calls that failed, a minute",
            "none",
            {
                "{{call}} {{outcome}}": "60 * sum by (call, outcome) "
                '(rate(iog_chain_call_seconds_count{outcome!="ok"}[5m]))'
            },
        ),
        (
            "Time of a call",
            "s",
            {q: QUANTILE.format(q=q, name="iog_chain_call_seconds") for q in ("0.5", "0.99")},
        ),
    ],
    "API": [
        (
            "Requests a second",
            "reqps",
            {"{{route}}": "sum by (route) (rate(iog_http_request_seconds_count[5m]))"},
        ),
        (
            "Errors a minute",
            "none",
            {
                "{{route}} {{status}}": "60 * sum by (route, status) "
                '(rate(iog_http_request_seconds_count{status=~"4..|5.."}[5m]))'
            },
        ),
        (
            "Time of a request",
            "s",
            {q: QUANTILE.format(q=q, name="iog_http_request_seconds") for q in ("0.5", "0.99")},
        ),
    ],
    "Log": [
        (
            "Warnings and errors a minute",
            "none",
            {
                "{{level}} {{action}}": '60 * rate(iog_events_total{level=~"warning|error"}[5m])',
            },
        ),
        (
            "Repairs and mismatches a minute",
            "none",
            {"{{action}}": '60 * rate(iog_events_total{action=~"repaired|mismatch"}[5m])'},
        ),
        ("Chain's clock ahead", "s", {"seconds": "iog_chain_clock_lead_seconds"}),
    ],
}


def dashboard() -> dict[str, Any]:
    """The dashboard in Grafana's model."""
    panels: list[dict[str, Any]] = []
    for index, (title, charts) in enumerate(ROWS.items()):
        top = index * (HEIGHT + 1)
        panels.append(
            {
                "type": "row",
                "title": title,
                "id": len(panels) + 1,
                "gridPos": {"x": 0, "y": top, "w": 24, "h": 1},
                "panels": [],
            }
        )
        for column, (name, unit, queries) in enumerate(charts):
            place = {"x": column * WIDTH, "y": top + 1, "w": WIDTH, "h": HEIGHT}
            panels.append(_chart(len(panels) + 1, name, unit, queries, place))
    return {
        "title": "IOG orchestrator",
        "uid": "iog-orchestrator",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "type": "datasource", "query": "prometheus"}],
        },
        "panels": panels,
    }


def _chart(
    number: int, title: str, unit: str, queries: dict[str, str], place: dict[str, int]
) -> dict[str, Any]:
    return {
        "type": "timeseries",
        "title": title,
        "id": number,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + i), "datasource": SOURCE, "expr": query, "legendFormat": name}
            for i, (name, query) in enumerate(queries.items())
        ],
    }


def asked(text: str) -> set[str]:
    """The metrics that a text's queries name, without what a histogram adds to its name."""
    names = set(METRIC.findall(text))
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in names}


def offered() -> set[str]:
    """The metrics that the orchestrator's modules define, by the names that Prometheus sees."""
    folder = ROOT / "orchestrator" / "iog_orchestrator" / "adapters"
    text = "".join((folder / name).read_text() for name in ("metrics.py", "instruments.py"))
    quoted = set(re.findall(r'"(iog_[a-z_]+)"', text))
    return quoted | {f"{name}_total" for name in quoted}


def main() -> int:
    """Write or check; the exit status."""
    text = json.dumps(dashboard(), indent=1) + "\n"
    if "--check" not in sys.argv:
        DASHBOARD.write_text(text)
        return 0
    wrong = []
    if not DASHBOARD.exists() or DASHBOARD.read_text() != text:
        wrong.append("deploy/grafana.json is not what scripts/dashboard.py writes; `make gen`")
    for name in sorted(asked(text + ALERTS.read_text()) - offered()):
        wrong.append(f"deploy/ asks for the metric {name}, which the orchestrator has not")
    for problem in wrong:
        print(problem, file=sys.stderr)
    if not wrong:
        print("dashboard and alerts: every metric exists")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
