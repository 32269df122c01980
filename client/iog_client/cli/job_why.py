"""`iog job why`: why a job waits, and what would place it; or why it is where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from iog_client.amounts import format_duration, format_price
from iog_client.cli import job_flow, job_gang, job_text, output, session
from iog_client.cli.options import JsonOption, MemberOption, OrchestratorOption, WalletOption
from iog_client.errors import Refused
from iog_client.job_models import Decision, WhyView

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: iog job why 3")
def why(
    job: Annotated[str, typer.Argument(help="The job's address, or your job's number.")],
    member: MemberOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why a job waits and what would place it, or why it got the node that it has.

    While it waits: its place in the queue, how many nodes each filter turns down, and every single
    change that would place it, the smallest first. After that: the nodes that ranked best, with
    the parts of their scores, from the record that is kept for 30 days.
    """
    found = output.run(_why(job, member, orchestrator, wallet))
    if as_json:
        output.emit(found, True)
        return
    for line in waiting(found):
        output.emit(line, False)
    if found.decision:
        _show(found.decision)
    elif found.place is None and not found.waiting:
        output.emit(f"the job is {found.state}; no placement of it is on record", False)


async def _why(
    job: str, member: int | None, orchestrator: str | None, wallet: Path | None
) -> WhyView:
    async with session.opened(None, orchestrator, wallet) as here:
        name = await job_flow.find(here, job)
        if name.startswith("refused-"):
            raise Refused("the job was refused: `iog job show` says why, and it waits for nothing")
        return await here.api.why(await job_gang.pick(here, name, member))


def waiting(found: WhyView) -> list[str]:
    """Why a job has no node, and what would get it one, in lines."""
    lines = []
    if found.place is not None:
        line = f"the job waits: place {found.place} of {found.queue} in the queue"
        lines.append(f"{line}, priority {found.priority}")
    elif found.waiting:
        lines.append(f"the job is {found.state}:")
    if found.holds:
        lines.append("GPUs that come free are held for it")
    lines += [f"  {job_text.reason(one)}" for one in found.waiting]
    lines += [f"it would be placed {job_text.change(one)}" for one in found.changes[:1]]
    lines += [f"or {job_text.change(one)}" for one in found.changes[1:]]
    return lines


def _show(decision: Decision) -> None:
    waited = format_duration(decision.waited) if decision.waited else "0s"
    output.emit(
        f"run {decision.run} is on {decision.device}: the best of {decision.nodes} nodes after "
        f"{waited}, priority {decision.priority}",
        False,
    )
    for one in decision.rejected:
        output.emit(f"  {job_text.reason(one)}", False)
    rows: list[dict[str, Any]] = [
        {
            "device": one.device,
            "": "chosen" if one.chosen else "",
            "score": f"{one.score:.4f}",
            "price": f"{one.by_price:.4f}",
            "reliability": f"{one.by_reliability:.4f}",
            "locality": f"{one.by_locality:.4f}",
            "fit": f"{one.by_fit:.4f}",
            "ask": format_price(one.ask),
            "free": one.gpus_free,
        }
        for one in decision.ranked
    ]
    if rows:
        output.emit(rows, False)
    again = "gives the same node" if decision.replayed else "DOES NOT give the same node"
    output.emit(f"decided again from its record, it {again}", False)
