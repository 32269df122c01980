"""`iog node status`: how a node stands, and what to do where it stands badly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iog_client import times
from iog_client.api import OrchestratorApi
from iog_client.cli import node_mine, options, output, session
from iog_client.cli.options import JsonOption, OrchestratorOption, WalletOption
from iog_client.node_models import NodeStatus, Obstacle

app = typer.Typer(add_completion=False)

NodeOption = Annotated[
    str | None,
    typer.Argument(metavar="[NODE]", help="Its device key; default: your wallet's nodes."),
]
SHOWN_HOURS = 6


@app.command(epilog="Example: iog node status  or  iog node status DEVICE --json")
def status(
    node: NodeOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show why a node gets no work or no pay, and what to do; its runs, hour and reliability."""
    found = output.run(_status(node, orchestrator, wallet))
    if as_json:
        output.emit(found[0] if node else found, True)
    elif len(found) == 1:
        output.table(lines(details(found[0])))
    else:
        for place, one in enumerate(found):
            output.emit(one.device, False, "\n" * bool(place) + f"node {one.device}")
            output.table(lines(brief(one)))


async def _status(
    node: str | None, orchestrator: str | None, wallet: Path | None
) -> list[NodeStatus]:
    if node is not None:
        device = str(options.device(node))
        url = options.settings(orchestrator=orchestrator).orchestrator_url
        async with OrchestratorApi(url) as api:
            return [await api.node_status(device)]
    async with session.opened(None, orchestrator, wallet) as here:
        return [await here.api.node_status(device) for device in await node_mine.mine(here)]


def lines(facts: dict[str, str | list[str]]) -> list[list[str]]:
    """Rows of a table: a name and a value, and what else there is of it below."""
    found = []
    for name, value in facts.items():
        values = [value] if isinstance(value, str) else value
        found += [[name if place == 0 else "", one] for place, one in enumerate(values)]
    return found


def brief(status: NodeStatus) -> dict[str, str | list[str]]:
    """One of several nodes; a device key is as long as half a line, so they are no columns."""
    return {
        "state": f"{status.state}, {'connected' if status.connected else 'not connected'}",
        "for jobs": [one.text for one in status.no_jobs] or "ready",
        "for rewards": [one.text for one in status.no_pay] or "on course",
        "runs held": str(len(status.runs_held)),
        "reliability": f"{status.reliability:.2f}",
    }


def details(status: NodeStatus) -> dict[str, str | list[str]]:
    """One node, in reading order, without what there is not."""
    shown: dict[str, str | list[str] | None] = {
        "node": f"{status.device}, {status.gpus} x {status.gpu_class}"
        f"{' (simulated)' * bool(status.simulated)}, {status.busy} busy",
        "state": status.state,
        "connected": _connected(status),
        "connectivity": f"tier {status.connectivity}" if status.connectivity else "not measured",
        "country": f"{status.country} (declared)" if status.country else None,
        "for jobs": _said(status.no_jobs) or "ready",
        "for rewards": _said(status.no_pay) or "on course",
        "hour": f"{status.hour}: {status.seconds} s proven after {status.elapsed} s; "
        f"{status.needed} s are needed"
        if status.hour
        else None,
        "runs held": [f"{one.job} run {one.run} ({one.state})" for one in status.runs_held]
        or "none",
        "reliability": f"{status.reliability:.2f}",
        "its record": [
            f"hour {one.hour}: {one.seconds} s, {one.ended} runs, {one.failed} failed, "
            f"{one.reliability:.2f}"
            for one in status.history[:SHOWN_HOURS]
        ]
        or None,
        "notice": status.notice.text if status.notice else None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _connected(status: NodeStatus) -> str:
    if not status.connected or status.since is None:
        return "no"
    text = (
        f"since {times.date(int(status.since))}, heard {status.silent or 0:.0f} s ago, "
        f"a heartbeat every {status.interval or 0:g} s"
    )
    return f"{text}, {status.beats_lost} of them lost" if status.beats_lost else text


def _said(obstacles: list[Obstacle]) -> list[str]:
    return [f"{one.text} -> {one.action}" if one.action else one.text for one in obstacles]
