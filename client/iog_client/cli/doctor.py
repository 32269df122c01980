"""`iog doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

import typer

from iog_client import config, doctor, examination
from iog_client.cli.options import (
    JsonOption,
    NetworkOption,
    OrchestratorOption,
    RpcOption,
    WalletOption,
    connection,
)
from iog_client.cli.output import emit, progress, run
from iog_client.examination import Examination

EXAMPLE = "Example: iog doctor"

app = typer.Typer(add_completion=False)


@app.command(epilog=EXAMPLE)
def main(
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    network: NetworkOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at everything that the other commands rely on: settings, wallet, chain, orchestrator.

    Nothing is changed. Ends with 1 if something is broken. A machine with GPUs has
    `iog node doctor` besides, one that runs a network `iog orchestrator doctor`.
    """
    flags = {"rpc_url": rpc, "orchestrator_url": orchestrator, "wallet": wallet}
    settings, sources = config.resolve(flags)

    async def examined() -> Examination:
        async with connection(settings.rpc_url) as node, progress("looking"):
            return await doctor.examine_client(doctor.Client(settings, sources, network, node))

    conclude(run(examined()), as_json)


def conclude(found: Examination, as_json: bool) -> None:
    """Print an examination; ends the command with 1 if something failed."""
    emit(found.findings, as_json, None if as_json else examination.text(found.findings))
    if found.failed:
        raise typer.Exit(1)
