"""`iog demo`: the whole network on this machine."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iog_client.cli import output
from iog_client.cli.options import JsonOption
from iog_client.errors import Refused, UsageError

if TYPE_CHECKING:
    from iog_client.demo.network import LocalNetwork
    from iog_client.demo.story import Told

KINDS = ("embedded", "validator")

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: iog demo --keep")
def demo(
    chain: Annotated[
        str, typer.Option(help="embedded, or validator for solana-test-validator.")
    ] = ("embedded"),
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Where it keeps everything; emptied first.")
    ] = Path("build/demo"),
    keep: Annotated[bool, typer.Option("--keep", help="Leave the network up afterwards.")] = False,
    as_json: JsonOption = False,
) -> None:
    """See a whole network work: four simulated nodes, three real jobs, two short hours.

    Everything but the GPUs is real. It ends with a table, a chart and report.json, and with status
    0 only if every amount adds up.
    """
    if chain not in KINDS:
        raise UsageError(f"--chain is `{chain[:40]}`; {' or '.join(KINDS)} is accepted")
    told = asyncio.run(_run(chain, folder.absolute(), keep))
    _finish(told, folder, keep=keep, as_json=as_json)
    if told.report.problems:
        for problem in told.report.problems:
            output.note(f"does not add up: {problem}")
        raise Refused(f"{len(told.report.problems)} amounts do not add up; see {folder}")


async def _run(chain: str, folder: Path, keep: bool) -> Told:
    from iog_client.demo import story
    from iog_client.demo.network import ChainKind, LocalNetwork

    kind: ChainKind = "validator" if chain == "validator" else "embedded"
    net = LocalNetwork(folder, kind, story.HOUR_LENGTH[kind], keep=keep)
    say = story.Narrator()
    task = asyncio.current_task()
    assert task is not None  # a coroutine always runs in one
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    stop = True
    try:
        told = await story.Story(net, say).tell()
        if keep:
            await net.start_orchestrator()
            stop = False
            _say_up(net)
        return told
    finally:
        await asyncio.shield(net.close(stop=stop))


def _say_up(net: LocalNetwork) -> None:
    from iog_client.demo.processes import IOG

    pids = " ".join(str(child.process.pid) for child in net.processes.children)
    output.note("the network is up; to use it as the client, paste:")
    output.note(f"  export IOG_RPC_URL={net.rpc_url} IOG_ORCHESTRATOR_URL={net.api_url}")
    output.note(f"  export IOG_WALLET={net.wallet_path('client')} PATH={IOG.parent}:$PATH")
    output.note(f"it ends with: kill {pids}")


def _finish(told: Told, folder: Path, *, keep: bool, as_json: bool) -> None:
    from rich.console import Console

    from iog_client.demo import chart, table

    picture = folder / "demo.png"
    chart.draw(picture, table.splits(told))
    if as_json:
        output.emit(told.report.to_json(), as_json)
        return
    table.show(told, Console())
    output.note(f"report: {folder / 'report.json'}, chart: {picture}")
    if keep:
        output.note("next: `iog job submit examples/digits.yaml --wait`")
    else:
        output.note("next: `make demo ARGS=--keep` leaves the network up for jobs of your own")
