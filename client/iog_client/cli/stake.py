"""`iog stake`: the collateral that makes a node count."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import nodes, stakes, times, wallets
from iog_client.amounts import format_amount, parse_amount
from iog_client.api import OrchestratorApi
from iog_client.cli import options, output, session, stake_text
from iog_client.cli.options import (
    JsonOption,
    NodeArgument,
    OrchestratorOption,
    RpcOption,
    WalletOption,
    YesOption,
)
from iog_client.errors import NotFound, UsageError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Stake a node's collateral, take it out again.",
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
    key = options.device(device) if device else None
    result, now = output.run(_add(key, units, rpc, wallet))
    text = f"staked {format_amount(result['added'])}: {stake_text.standing(result, now)}"
    output.emit(result, as_json, output.signed(text, result))


async def _add(
    named: Pubkey | None, amount: int | None, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], times.Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        device = named or await _only(here)
        before = (await nodes.get(here.rpc, device)).stake
        async with output.progress("staking"):
            sent = await stakes.add(await here.sender(), here.wallet, device, amount)
        node = await nodes.get(here.rpc, device)
        added = {"added": node.stake - before, "signature": str(sent.signature)}
        return {**stake_text.described(node), **added}, await times.Now.read(here.rpc)


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


@app.command(epilog="Example: iog stake unstake DEVICE")
def unstake(
    node: NodeArgument,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send all of your stake on its way out: it cools for 14 days, then `iog stake withdraw`.

    The node gets no more jobs and rewards, its co-stake ends too. Days follow the length of the
    network's hour. What is above the requirement leaves at once: `iog stake reduce`.
    """
    result, now = output.run(_unstake(options.device(node), yes or as_json, rpc, wallet))
    cooling = f"{format_amount(result['cooling'])} cool until {now.moment(result['cooling_until'])}"
    ended = f"; the co-stake of {result['costaker']} ended" if result["cooling_costake"] else ""
    text = f"{node} is {result['state']}: {cooling}{ended}"
    output.emit(result, as_json, output.signed(text, result))


async def _unstake(
    device: Pubkey, sure: bool, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], times.Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        sender = await here.sender()
        node = await stakes.unstakable(here.rpc, here.key, device)
        now = await times.Now.read(here.rpc)
        until = now.moment(now.after(stakes.COOLING))
        amount = format_amount(node.stake + node.cooling)
        output.confirm(f"The node stops counting, {amount} cool until {until}. Unstake?", sure)
        async with output.progress("unstaking"):
            sent = await stakes.unstake(sender, here.wallet, device)
        described = stake_text.described(await nodes.get(here.rpc, device))
        return {**described, "signature": str(sent.signature)}, now


@app.command(epilog="Example: iog stake withdraw DEVICE")
def withdraw(
    node: NodeArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pay a node's owner the stake that has cooled. Anyone may; your wallet pays the fee."""
    result = output.run(_withdraw(options.device(node), rpc, wallet))
    text = f"{format_amount(result['amount'])} of {node} went to its owner {result['owner']}"
    output.emit(result, as_json, output.signed(text, result))


async def _withdraw(device: Pubkey, rpc: str | None, wallet: Path | None) -> dict[str, Any]:
    async with session.opened(rpc, wallet=wallet) as here:
        before = await nodes.get(here.rpc, device)
        async with output.progress("withdrawing"):
            sent = await stakes.withdraw(await here.sender(), device)
        described = stake_text.described(await nodes.get(here.rpc, device))
    paid = {"owner": str(before.owner), "amount": before.cooling}
    return {**described, **paid, "signature": str(sent.signature)}


@app.command(epilog="Example: iog stake reduce DEVICE '50 IO'")
def reduce(
    node: NodeArgument,
    amount: Annotated[
        str | None, typer.Argument(help="How much, like '50 IO'; default: all that may be.")
    ] = None,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take stake above the requirement out at once. Half of the requirement stays the owner's."""
    units = None if amount is None else parse_amount(amount)
    result, now = output.run(_reduce(options.device(node), units, rpc, wallet))
    text = f"took out {format_amount(result['amount'])}: {stake_text.standing(result, now)}"
    output.emit(result, as_json, output.signed(text, result))


async def _reduce(
    device: Pubkey, amount: int | None, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], times.Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        before = (await nodes.get(here.rpc, device)).stake
        async with output.progress("taking out"):
            sent = await stakes.reduce(await here.sender(), here.wallet, device, amount)
        node = await nodes.get(here.rpc, device)
        taken = {"amount": before - node.stake, "signature": str(sent.signature)}
        return {**stake_text.described(node), **taken}, await times.Now.read(here.rpc)


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
    """Show what is staked on a node, or on each of yours: what it lacks, what may leave and when.

    Whether its GPUs are simulated is what the orchestrator knows; without one it stays open.
    """
    key = options.device(device) if device else None
    found, now = output.run(_show(key, rpc, orchestrator, wallet))
    if as_json:
        output.emit(found, True)
    elif key:
        output.emit(stake_text.details(found[0], now), False)
    elif found:
        output.emit([stake_text.row(one, now) for one in found], False)
    else:
        output.note("your wallet owns no node")


async def _show(
    device: Pubkey | None, rpc: str | None, orchestrator: str | None, wallet: Path | None
) -> tuple[list[dict[str, Any]], times.Now]:
    """One node, for which no wallet is needed, or all of the wallet's."""
    settings = options.settings(rpc, orchestrator, wallet)
    owner = None if device else wallets.load(settings.wallet).pubkey()
    async with options.connection(rpc) as node:
        found = [await nodes.get(node, device)] if device else await nodes.search(node, owner)
        now = await times.Now.read(node)
        rows = [
            {**stake_text.described(one), **await stake_text.case_of(node, one)} for one in found
        ]
    seen = {}
    if found:
        async with OrchestratorApi(settings.orchestrator_url) as api:
            seen = await session.seen(api)
    for row in rows:
        view = seen.get(row["device"])
        row["simulated"] = view.simulated if view else None
    return rows, now
