"""`iog stake`: the collateral that makes a node count."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, nodes, stakes
from iog_client._generated.iog_staking.accounts import Node
from iog_client.amounts import format_amount, parse_amount
from iog_client.cli import output, session
from iog_client.cli.options import JsonOption, OrchestratorOption, RpcOption, WalletOption
from iog_client.errors import NotFound, UsageError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Stake a node's collateral.",
    epilog="Example: iog stake add DEVICE --required",
)


@app.command(epilog="Example: iog stake add DEVICE '1696 IO'  or  iog stake add DEVICE --required")
def add(
    device: Annotated[
        str | None,
        typer.Argument(help="The node's device key; with --required, your only node if left out."),
    ] = None,
    amount: Annotated[str | None, typer.Argument(help="How much, like '200 IO'.")] = None,
    required: Annotated[
        bool, typer.Option("--required", help="What the node lacks of its requirement.")
    ] = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move IO from your wallet to your node's stake.

    A node that reaches its requirement becomes active and counts from the next hour on.
    """
    if (amount is None) != required or (device is None and not required):
        raise UsageError("say either a DEVICE and an AMOUNT, like '200 IO', or --required")
    units = None if amount is None else parse_amount(amount)
    key = addresses.parse(device, "address of a device") if device else None
    result = output.run(_add(key, units, rpc, wallet))
    output.emit(
        result,
        as_json,
        f"staked {format_amount(result['added'])}: {result['device']} has "
        f"{format_amount(result['stake'])} "
        f"of {format_amount(result['requirement'])} and is {result['state']}"
        + (f" from hour {result['active_from_hour']}" if result["state"] == "active" else ""),
    )


async def _add(
    named: Pubkey | None, amount: int | None, rpc: str | None, wallet: Path | None
) -> dict[str, Any]:
    async with session.opened(rpc, wallet=wallet) as here:
        device = named or await _only(here)
        before = (await nodes.get(here.rpc, device)).stake
        async with output.progress("staking"):
            sent = await stakes.add(await here.sender(), here.wallet, device, amount)
        node = await nodes.get(here.rpc, device)
        added = {"added": node.stake - before, "signature": str(sent.signature)}
        return {**_describe(node), **added}


async def _only(here: session.Session) -> Pubkey:
    """The device of the one node that the wallet owns.

    Raises:
        NotFound: it owns none.
        UsageError: it owns several.
    """
    owned = await nodes.search(here.rpc, here.key)
    if not owned:
        raise NotFound(f"the wallet {here.key} owns no node; `iog node register` registers one")
    if len(owned) > 1:
        raise UsageError(f"the wallet {here.key} owns {len(owned)} nodes: say the DEVICE")
    return owned[0].device


@app.command(epilog="Example: iog stake show")
def show(
    device: Annotated[
        str | None, typer.Argument(help="The node's device key; default: all of your nodes.")
    ] = None,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is staked on a node, or on each of yours, and what it lacks.

    Whether its GPUs are simulated is what the orchestrator knows; without one it stays open.
    """
    key = addresses.parse(device, "address of a device") if device else None
    found = output.run(_show(key, rpc, orchestrator, wallet))
    if as_json:
        output.emit(found, True)
    elif found:
        money = ("stake", "requirement", "missing")
        output.emit(
            [{k: format_amount(v) if k in money else v for k, v in row.items()} for row in found],
            False,
        )
    else:
        output.note("your wallet owns no node")


async def _show(
    device: Pubkey | None, rpc: str | None, orchestrator: str | None, wallet: Path | None
) -> list[dict[str, Any]]:
    async with session.opened(rpc, orchestrator, wallet) as here:
        if device:
            found = [await nodes.get(here.rpc, device)]
        else:
            found = await nodes.search(here.rpc, here.key)
        seen = await session.seen(here.api) if found else {}
    rows = [_describe(node) for node in found]
    for row in rows:
        view = seen.get(row["device"])
        row["simulated"] = view.simulated if view else None
    return rows


def _describe(node: Node) -> dict[str, Any]:
    return {
        "device": str(node.device),
        "stake": node.stake,
        "requirement": nodes.required(node),
        "missing": stakes.missing(node),
        "state": nodes.state(node),
        "active_from_hour": node.active_from_hour,
    }
