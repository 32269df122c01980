"""`iog deploy`: puts the programs on a chain."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import deploy, prebuilt, wallets
from iog_client.cli import options, output
from iog_client.cli.options import JsonOption, RpcOption, WalletOption
from iog_client.deploy import Deployer, Step
from iog_client.errors import Mismatch, NotFound
from iog_client.rpc import HttpRpc

app = typer.Typer(add_completion=False)

SAID = {
    "same": "as it should be",
    "deploy": "deployed",
    "upgrade": "upgraded",
    "absent": "not on this chain",
    "differs": "other code on this chain",
}


@app.command(
    name="deploy",
    epilog="Example: iog deploy --rpc http://127.0.0.1:8899 --keys programs/keys",
)
def deploy_programs(
    program: Annotated[
        list[str] | None,
        typer.Option(
            "--program", metavar="NAME", help="Only this one; may be given several times."
        ),
    ] = None,
    keys: Annotated[
        Path, typer.Option("--keys", metavar="DIR", help="Id keys, NAME.json for each program.")
    ] = prebuilt.LOCAL_KEYS,
    authority: Annotated[
        Path | None,
        typer.Option(
            "--authority", metavar="FILE", help="Key that may change the programs (the wallet)."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done and what it costs.")
    ] = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Deploy or upgrade the programs; what is there already is left alone.

    Killed, it goes on where it was when run again. The embedded chain has the programs from the
    start, so there only hashes are compared.
    """
    settings = options.settings(rpc=rpc, wallet=wallet)
    steps = output.run(
        _run(settings.rpc_url, settings.wallet, authority, keys, program or [], dry_run, as_json)
    )
    rows = [_row(step, dry_run) for step in steps]
    output.emit(rows, as_json)
    for step in steps:
        if step.action == "differs":
            raise Mismatch(f"sha256 of {step.program.name}", step.on_chain, step.program.sha256)
        if step.action == "absent":
            raise NotFound(f"{step.program.name} is not on this chain; it takes no deployments")


async def _run(
    url: str,
    wallet: Path,
    authority: Path | None,
    keys: Path,
    names: Sequence[str],
    dry_run: bool,
    as_json: bool,
) -> list[Step]:
    rpc = HttpRpc(url)
    try:
        embedded = await deploy.is_embedded(rpc)
        arch = "v0" if embedded else await deploy.architecture(rpc)
        programs = deploy.chosen(names, arch)
        genesis = await rpc.genesis_hash()
        deploy.refuse_public_keys(genesis, url, [one.id for one in programs])
        # Comparing needs no key.
        payer = Keypair() if embedded else wallets.load(wallet)
        owner = wallets.load(authority, "authority") if authority else payer
        with _bar(as_json) as bar:
            deployer = Deployer(rpc, payer, owner, progress=_shower(bar))
            steps = await deployer.plan(programs)
            if embedded:
                output.note("the embedded chain takes no deployments; hashes compared")
            elif not dry_run:
                await deployer.run(steps, _id_keys(steps, keys))
        return steps
    finally:
        await rpc.close()


def _id_keys(steps: Sequence[Step], folder: Path) -> dict[Pubkey, Keypair]:
    """The id keys of the programs to be made; `NotFound` names a file that is missing."""
    found = {}
    for step in steps:
        if step.action == "deploy":
            path = folder / f"{step.program.name}.json"
            key = wallets.load(path, "id key")
            if key.pubkey() != step.program.id:
                raise Mismatch(f"the key in {path}", step.program.id, key.pubkey())
            found[step.program.id] = key
    return found


def _bar(as_json: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=as_json or not sys.stderr.isatty(),
    )


def _shower(bar: Progress) -> deploy.Progress:
    tasks: dict[str, Any] = {}

    def show(name: str, done: int, total: int) -> None:
        if name not in tasks:
            tasks[name] = bar.add_task(name, total=total)
        bar.update(tasks[name], completed=done)

    return show


def _row(step: Step, dry_run: bool) -> dict[str, object]:
    planned = dry_run and step.action in ("deploy", "upgrade")
    return {
        "program": step.program.name,
        "address": str(step.program.id),
        "result": f"to {step.action}" if planned else SAID[step.action],
        "sha256": step.program.sha256,
        "on_chain": step.on_chain,
        "sol": f"{step.lamports / 10**9:.6f}" if planned else None,
    }
