"""`iog localnet`: a Solana chain on this machine."""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from iog_client import addresses, amounts, localnet
from iog_client.cli import options, output
from iog_client.cli.options import JsonOption, RpcOption
from iog_client.embedded.server import DEFAULT_PORT
from iog_client.endpoints import is_local
from iog_client.errors import NotFound, UsageError
from iog_client.localnet import Kind, Plan, Running
from iog_client.rpc import HttpRpc

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Run a local chain, move its clock.",
    epilog="Example: iog localnet up --detach && iog localnet warp 1h",
)

FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--folder", metavar="DIR", help="Where the chain is kept (IOG_LOCALNET names another)."
    ),
]


def _folder(given: Path | None) -> Path:
    return (given or localnet.default_folder()).expanduser().absolute()


def _port() -> int:
    """The port of the configured node, if that is on this machine."""
    url = options.settings().rpc_url
    return (is_local(url) and urlsplit(url).port) or DEFAULT_PORT


@app.command(epilog="Example: iog localnet up --port 8899 --reset")
def up(
    validator: Annotated[
        bool, typer.Option("--validator", help="Run solana-test-validator instead.")
    ] = False,
    bare: Annotated[
        bool, typer.Option("--bare", help="With --validator: without the programs, to deploy them.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            help="Loopback port; 0 takes a free one. Default: that of the configured node.",
            show_default=False,
        ),
    ] = None,
    folder: FolderOption = None,
    reset: Annotated[bool, typer.Option("--reset", help="Begin a new chain.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave it running in the background.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a chain until Ctrl-C: the embedded one, with the programs on it.

    Its time runs while it is up and stands still while it is down; `iog localnet warp` moves it.
    Everything confirmed is kept in its folder.
    """
    if bare and not validator:
        raise UsageError("--bare goes with --validator: the embedded chain takes no deployments")
    kind: Kind = "validator" if validator else "embedded"
    plan = Plan(_folder(folder), _port() if port is None else port, kind, bare)
    if reset:
        localnet.reset(plan.folder)
    if detach:
        _announce(localnet.detach(plan), as_json, localnet.ending(plan.folder))
        return
    logging.basicConfig(format="%(message)s")
    localnet.run(plan, lambda found: _announce(found, as_json, "Ctrl-C ends it"), _waiting)


def _announce(found: Running, as_json: bool, ending: str) -> None:
    name = "embedded chain" if found.kind == "embedded" else "solana-test-validator"
    output.emit(asdict(found), as_json, f"{name} at {found.url}, kept in {found.folder}; {ending}")
    sys.stdout.flush()


def _waiting(seconds: float) -> None:
    """One line when it takes long, and a dot a second on a terminal."""
    if seconds > output.QUIET_SECONDS and sys.stderr.isatty():
        sys.stderr.write(f"\rwaiting for the validator, {seconds:.0f} s ")
        sys.stderr.flush()


@app.command(epilog="Example: iog localnet warp 1h")
def warp(
    duration: Annotated[str, typer.Argument(help="How far forward: 90s, 10m, 1h, 3d.")],
    rpc: RpcOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move the embedded chain's clock forward."""
    seconds = amounts.parse_duration(duration)
    now = localnet.warp(options.settings(rpc=rpc).rpc_url, seconds)
    output.emit(
        {"warped": seconds, "chain_time": now}, as_json, f"chain time is {now}, {seconds} s later"
    )


@app.command(epilog="Example: iog localnet status --json")
def status(folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """Say what runs in a folder, and what its chain's time is."""
    place = _folder(folder)
    found = localnet.running(place)
    if found is None:
        raise NotFound(f"no chain is running in {place}")
    output.emit(output.run(_facts(found)), as_json)


async def _facts(found: Running) -> dict[str, object]:
    rpc = HttpRpc(found.url)
    try:
        programs = await rpc.accounts(list(addresses.PROGRAMS.values()))
        present = [
            name for name, one in zip(addresses.PROGRAMS, programs, strict=True) if one is not None
        ]
        return asdict(found) | {
            "version": await rpc.version(),
            "genesis_hash": str(await rpc.genesis_hash()),
            "chain_time": await rpc.chain_time(),
            "slot": await rpc.slot(),
            "programs": present,
        }
    finally:
        await rpc.close()


@app.command(epilog="Example: iog localnet down")
def down(folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """End the chain that runs in a folder. Nothing confirmed is lost."""
    found = localnet.down(_folder(folder))
    output.emit(asdict(found), as_json, f"the chain at {found.url} is down")
