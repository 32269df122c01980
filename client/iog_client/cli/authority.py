"""`iog authority`: who may change the programs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, authorities, wallets
from iog_client.authorities import Upgradeable
from iog_client.cli import options, output
from iog_client.cli.options import JsonOption, RpcOption, WalletOption, connection
from iog_client.errors import UsageError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Say who may change the programs.",
    epilog="Example: iog authority show",
)

ProgramOption = Annotated[
    list[str] | None,
    typer.Option("--program", metavar="NAME", help="Only this one; may be given several times."),
]


@app.command(epilog="Example: iog authority show --json")
def show(program: ProgramOption = None, rpc: RpcOption = None, as_json: JsonOption = False) -> None:
    """Who may change the code of each program."""
    wanted = authorities.chosen(program or [])

    async def go() -> list[Upgradeable]:
        async with connection(rpc) as node:
            return await authorities.read(node, wanted)

    output.emit([_row(one, one.authority) for one in output.run(go())], as_json)


@app.command(epilog="Example: iog authority upgrade --to ADDRESS  or  iog authority upgrade --drop")
def upgrade(
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="ADDRESS", help="Who may change them, like a multisig."),
    ] = None,
    to_key: Annotated[
        Path | None,
        typer.Option("--to-key", metavar="FILE", help="The same by its key, which signs too."),
    ] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="Nobody may ever change them again.")
    ] = False,
    authority: Annotated[
        Path | None,
        typer.Option("--authority", metavar="FILE", help="Who may change them now (the wallet)."),
    ] = None,
    program: ProgramOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand the right to change the programs to another key, or give it up.

    Only who has it afterwards can undo this. All programs change in one transaction.
    """
    if (to is not None) + (to_key is not None) + drop != 1:
        raise UsageError("say one of --to ADDRESS, --to-key FILE and --drop")
    new: Pubkey | Keypair | None = addresses.parse(to) if to is not None else None
    if to_key is not None:
        new = wallets.load(to_key, "new authority")
    address = new.pubkey() if isinstance(new, Keypair) else new
    wanted = authorities.chosen(program or [])
    _ask(address, yes)
    changed = output.run(_change(new, authority, wanted, rpc, wallet))
    if changed or as_json:
        output.emit([_row(one, address) for one in changed], as_json)
    if not changed:
        output.note("as it should be; nothing was changed")


def _ask(address: Pubkey | None, yes: bool) -> None:
    """Has the person say yes; without one there, `--yes` has to be given."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone from here; say --yes")
    what = f"Only {address} may change the programs" if address else "Nobody may ever change them"
    typer.confirm(f"{what}. Go on?", abort=True, err=True)


async def _change(
    new: Pubkey | Keypair | None,
    authority: Path | None,
    programs: Mapping[str, Pubkey],
    rpc: str | None,
    wallet: Path | None,
) -> list[Upgradeable]:
    settings = options.settings(rpc=rpc, wallet=wallet)
    payer = wallets.load(settings.wallet)
    owner = wallets.load(authority, "authority") if authority else payer
    async with connection(rpc) as node:
        return await authorities.change(node, payer, owner, new, programs)


def _row(program: Upgradeable, authority: Pubkey | None) -> dict[str, object]:
    return {
        "program": program.name,
        "address": str(program.id),
        "upgrade_authority": str(authority) if authority else None,
    }
