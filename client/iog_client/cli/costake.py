"""`iog costake`: back another's node with part of its collateral, for a share of its rewards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import costakes, nodes
from iog_client._generated.iog_staking.accounts import Node
from iog_client.amounts import format_amount, format_share, parse_amount, parse_share
from iog_client.cli import options, output, session, stake_text
from iog_client.cli.options import JsonOption, NodeArgument, RpcOption, WalletOption, YesOption
from iog_client.costakes import Terms
from iog_client.errors import UsageError
from iog_client.times import Now
from iog_client.transactions import Sent

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Back another's node for a share of its rewards.",
    epilog="Example: iog costake show --offers && iog costake accept DEVICE",
)


@app.command(epilog="Example: iog costake offer DEVICE '100 IO' 30%")
def offer(
    node: NodeArgument,
    amount: Annotated[
        str, typer.Argument(help="What the other brings, at most half the requirement.")
    ],
    share: Annotated[str, typer.Argument(help="Its share of the node's rewards, like 30%.")],
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer part of your node's collateral to somebody else; replaces an offer nobody took.

    Once it is taken, `iog stake reduce` takes out what you have above the rest.
    """
    terms = Terms(parse_amount(amount), parse_share(share))
    result, _ = output.run(_offer(options.device(node), terms, rpc, wallet))
    text = f"{node} offers a co-stake: {terms}"
    output.emit(result, as_json, output.signed(text, result))


async def _offer(
    device: Pubkey, terms: Terms, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        async with output.progress("offering"):
            sent = await costakes.offer(await here.sender(), here.wallet, device, terms)
        return await _after(here, device, sent)


@app.command(epilog="Example: iog costake revoke DEVICE")
def revoke(
    node: NodeArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw your node's offer, as long as nobody has taken it."""
    result, _ = output.run(_revoke(options.device(node), rpc, wallet))
    text = f"{node} offers no co-stake any more"
    output.emit(result, as_json, output.signed(text, result))


async def _revoke(
    device: Pubkey, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        async with output.progress("revoking"):
            sent = await costakes.revoke(await here.sender(), here.wallet, device)
        return await _after(here, device, sent)


@app.command(epilog="Example: iog costake accept DEVICE '100 IO' 30% --yes")
def accept(
    node: NodeArgument,
    amount: Annotated[
        str | None, typer.Argument(help="What you expect to bring; another offer is refused.")
    ] = None,
    share: Annotated[
        str | None, typer.Argument(help="The share you expect; another offer is refused.")
    ] = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a node's offer: your IO becomes part of its collateral, and is slashed with it.

    You are bound until you leave, with seven days' notice, or the owner unstakes; then it cools for
    14 days. Days follow the length of the network's hour.
    """
    if (amount is None) != (share is None):
        raise UsageError("say both AMOUNT and SHARE, or neither")
    terms = None
    if amount is not None and share is not None:
        terms = Terms(parse_amount(amount), parse_share(share))
    result, now = output.run(_accept(options.device(node), terms, yes or as_json, rpc, wallet))
    text = (
        f"co-staked {format_amount(result['costake'])} on {node}: "
        f"{format_share(result['costake_share_bps'])} of its rewards are yours from "
        f"{now.hour_text(result['costake_from_hour'])}"
    )
    output.emit(result, as_json, output.signed(text, result))


async def _accept(
    device: Pubkey, terms: Terms | None, sure: bool, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        sender = await here.sender()
        found = await costakes.acceptable(here.rpc, here.key, device)
        if terms is None or terms == found:
            output.confirm(f"{device} offers {found}. Co-stake?", sure)
        async with output.progress("co-staking"):
            sent = await costakes.accept(sender, here.wallet, device, terms or found)
        return await _after(here, device, sent)


@app.command(epilog="Example: iog costake leave DEVICE")
def leave(
    node: NodeArgument,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give notice: your co-stake counts for seven days more, then cools for 14."""
    result, now = output.run(_leave(options.device(node), yes or as_json, rpc, wallet))
    text = f"your co-stake on {node} ends {now.moment(result['costake_leave_at'])}"
    output.emit(result, as_json, output.signed(text, result))


async def _leave(
    device: Pubkey, sure: bool, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        sender = await here.sender()
        await costakes.leavable(here.rpc, here.key, device)
        now = await Now.read(here.rpc)
        end = now.moment(now.after(costakes.NOTICE))
        output.confirm(f"Your co-stake on {device} ends {end}. Leave?", sure)
        async with output.progress("leaving"):
            sent = await costakes.leave(sender, here.wallet, device)
        return await _after(here, device, sent)


@app.command(epilog="Example: iog costake end DEVICE")
def end(
    node: NodeArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a co-stake whose notice has run out. Anyone may; your wallet pays the fee."""
    result, now = output.run(_end(options.device(node), rpc, wallet))
    text = f"the co-stake of {node} has ended, and the node is {result['state']}"
    if result["cooling_costake"]:
        cooling = format_amount(result["cooling_costake"])
        text += f"; {cooling} cool until {now.moment(result['costake_cooling_until'])}"
    output.emit(result, as_json, output.signed(text, result))


async def _end(device: Pubkey, rpc: str | None, wallet: Path | None) -> tuple[dict[str, Any], Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        async with output.progress("ending"):
            sent = await costakes.end(await here.sender(), device)
        return await _after(here, device, sent)


@app.command(epilog="Example: iog costake withdraw DEVICE")
def withdraw(
    node: NodeArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pay a co-staker what has cooled. Anyone may; your wallet pays the fee."""
    result = output.run(_withdraw(options.device(node), rpc, wallet))
    text = f"{format_amount(result['amount'])} of {node} went to {result['paid_to']}"
    output.emit(result, as_json, output.signed(text, result))


async def _withdraw(device: Pubkey, rpc: str | None, wallet: Path | None) -> dict[str, Any]:
    async with session.opened(rpc, wallet=wallet) as here:
        before = await nodes.get(here.rpc, device)
        async with output.progress("withdrawing"):
            sent = await costakes.withdraw(await here.sender(), device)
        result, _ = await _after(here, device, sent)
    return {**result, "amount": before.cooling_costake, "paid_to": str(before.costaker)}


@app.command(epilog="Example: iog costake show DEVICE  or  iog costake show --offers")
def show(
    node: Annotated[
        str | None,
        typer.Argument(metavar="[NODE]", help="The node's device key; default: your co-stakes."),
    ] = None,
    offers: Annotated[
        bool, typer.Option("--offers", help="All offers that anybody may take.")
    ] = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the co-stakes that you have on others' nodes and others on yours, or all offers."""
    if node and offers:
        raise UsageError("a NODE and --offers exclude each other")
    device = options.device(node) if node else None
    found, now = output.run(_show(device, offers, rpc, wallet))
    if as_json:
        output.emit(found, True)
    elif found:
        output.emit([_row(one, now) for one in found], False)
    else:
        output.note("nobody offers a co-stake" if offers else "there is no co-stake to show")


async def _show(
    device: Pubkey | None, offers: bool, rpc: str | None, wallet: Path | None
) -> tuple[list[dict[str, Any]], Now]:
    if device or offers:
        async with options.connection(rpc) as node:
            found = [await nodes.get(node, device)] if device else await costakes.offers(node)
            return [_described(one) for one in found], await Now.read(node)
    async with session.opened(rpc, wallet=wallet) as here:
        found = await costakes.of_wallet(here.rpc, here.key)
        return [_described(one) for one in found], await Now.read(here.rpc)


def _described(node: Node) -> dict[str, Any]:
    return {**stake_text.described(node), "owner": str(node.owner)}


def _row(shown: dict[str, Any], now: Now) -> dict[str, Any]:
    said = [f"{name}: {text}" for name, text in stake_text.costake_lines(shown, now).items()]
    return {
        "device": shown["device"],
        "owner": shown["owner"],
        "state": shown["state"],
        "co-stake": "; ".join(said) or None,
    }


async def _after(here: session.Session, device: Pubkey, sent: Sent) -> tuple[dict[str, Any], Now]:
    """What the node is now, with the signature; and the time."""
    described = stake_text.described(await nodes.get(here.rpc, device))
    return {**described, "signature": str(sent.signature)}, await Now.read(here.rpc)
