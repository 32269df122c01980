"""What an owner does to a node of its own: `iog node ask`, `payee`, `pause`, `resume`, `retire`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, amounts, nodes
from iog_client.cli import options, output, session
from iog_client.cli.options import JsonOption, NodeArgument, RpcOption, WalletOption
from iog_client.times import Now
from iog_client.transactions import Sender, Sent

app = typer.Typer(add_completion=False)

NOT_FOR_RENT = "none"

Verb = Callable[[Sender, Keypair, Pubkey], Awaitable[Sent]]
"""What a wallet does to one of its nodes."""


@app.command(epilog="Example: iog node ask DEVICE '0.5 IO/h'  or  iog node ask DEVICE none")
def ask(
    node: NodeArgument,
    price: Annotated[
        str, typer.Argument(help="What you ask for one GPU; `none`: it is not for rent.")
    ],
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask another price for a GPU. Jobs that are assigned keep theirs."""
    units = 0 if price.strip() == NOT_FOR_RENT else amounts.parse_price(price)

    def set_ask(sender: Sender, owner: Keypair, device: Pubkey) -> Awaitable[Sent]:
        return nodes.set_ask(sender, owner, device, units)

    result, _ = output.run(_change(node, set_ask, rpc, wallet))
    text = f"{node} asks {price_text(result['ask'])}"
    output.emit(result, as_json, output.signed(text, result))


@app.command(epilog="Example: iog node payee DEVICE ADDRESS")
def payee(
    node: NodeArgument,
    address: Annotated[str, typer.Argument(metavar="WALLET", help="The wallet to be paid.")],
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pay what a node earns to another wallet: its rewards from the next hour on.

    A job is paid to whom the node named when the job started.
    """
    paid = addresses.parse(address)

    def set_payee(sender: Sender, owner: Keypair, device: Pubkey) -> Awaitable[Sent]:
        return nodes.set_payee(sender, owner, device, paid)

    result, now = output.run(_change(node, set_payee, rpc, wallet))
    text = (
        f"{node} is paid to {result['payee']} from {now.hour_text(result['payee_from_hour'])}; "
        f"its rewards until then to {result['prev_payee']}"
    )
    output.emit(result, as_json, output.signed(text, result))


@app.command(epilog="Example: iog node pause DEVICE")
def pause(
    node: NodeArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a node: it gets no jobs and no rewards until `iog node resume`. Its jobs go on."""

    result, _ = output.run(_change(node, nodes.pause, rpc, wallet))
    left = f"; jobs on {result['busy']} of its GPUs go on" if result["busy"] else ""
    text = f"{node} is paused: no jobs, and no rewards from this hour on{left}"
    output.emit(result, as_json, output.signed(text, result))


@app.command(epilog="Example: iog node resume DEVICE")
def resume(
    node: NodeArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a node active again that was paused, or whose stake had fallen short and is met."""

    result, now = output.run(_change(node, nodes.resume, rpc, wallet))
    text = f"{node} is active from {now.hour_text(result['active_from_hour'])}"
    output.emit(result, as_json, output.signed(text, result))


@app.command(epilog="Example: iog node retire DEVICE")
def retire(
    node: NodeArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a node that nothing is staked on. You may register the same device anew."""

    result, _ = output.run(_change(node, nodes.retire, rpc, wallet))
    text = f"{node} is retired; `iog node register` registers it anew"
    output.emit(result, as_json, output.signed(text, result))


async def _change(
    node: str, verb: Verb, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], Now]:
    """What the node is afterwards, with the signature; and the time."""
    device = options.device(node)
    async with session.opened(rpc, wallet=wallet) as here:
        async with output.progress("changing the node"):
            sent = await verb(await here.sender(), here.wallet, device)
        found = await nodes.get(here.rpc, device)
        now = await Now.read(here.rpc)
    result = {
        "device": str(device),
        "state": nodes.state(found),
        "active_from_hour": found.active_from_hour,
        "ask": found.ask,
        "payee": str(found.payee),
        "payee_from_hour": found.payee_from_hour,
        "prev_payee": str(found.prev_payee),
        "busy": found.busy,
        "signature": str(sent.signature),
    }
    return result, now


def price_text(ask: int) -> str:
    """What a node asks, in words."""
    return f"{amounts.format_price(ask)} a GPU" if ask else "no price: it is not for rent"
