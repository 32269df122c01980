"""`iog fees`: the fees of settled jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from iog_client import fees
from iog_client.amounts import format_amount, format_share
from iog_client.cli import options, output, session
from iog_client.cli.options import JsonOption, RpcOption, WalletOption
from iog_client.fees import Fees

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="See and share out the fees of jobs.",
    epilog="Example: iog fees show && iog fees collect",
)


@app.command(epilog="Example: iog fees show --json")
def show(rpc: RpcOption = None, as_json: JsonOption = False) -> None:
    """What lies in the vault of fees, and how collecting it would share it out."""

    async def go() -> Fees:
        async with options.connection(rpc) as node:
            return await fees.read(node)

    found = output.run(go())
    lines = {
        "fees": format_amount(found.fees),
        "burned": f"{format_amount(found.burned)} ({format_share(found.burn_bps)})",
        "to the treasury": format_amount(found.paid),
        "treasury": found.treasury,
        "fee": f"{format_share(found.fee_bps)} of what the node earns, from each side",
    }
    output.emit(found if as_json else lines, as_json)


@app.command(epilog="Example: iog fees collect")
def collect(
    rpc: RpcOption = None, wallet: WalletOption = None, as_json: JsonOption = False
) -> None:
    """Burn a part of the fees and pay the rest to the treasury. Anyone may."""
    result = output.run(_collect(rpc, wallet))
    text = (
        f"burned {format_amount(result['burned'])}, "
        f"paid {format_amount(result['paid'])} to {result['treasury'] or 'nobody'}"
    )
    output.emit(result, as_json, output.signed(text, result))


async def _collect(rpc: str | None, wallet: Path | None) -> dict[str, Any]:
    async with session.opened(rpc, wallet=wallet) as here:
        before = await fees.read(here.rpc)
        async with output.progress("collecting"):
            sent = await fees.collect(await here.sender())
    return {
        "burned": before.burned,
        "paid": before.paid,
        "treasury": str(before.treasury) if before.treasury else None,
        "signature": str(sent.signature),
    }
