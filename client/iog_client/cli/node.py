"""`iog node`: offer GPUs. `init` and `run` belong to the worker and come with its extra; what an
owner does to a node of its own is in `iog_client.cli.node_owned`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, amounts, costakes, nodes, wallets
from iog_client._generated.iog_staking.accounts import Node
from iog_client.api import OrchestratorApi
from iog_client.cli import (
    node_notices,
    node_owned,
    node_proof,
    node_status,
    node_why,
    options,
    output,
    session,
)
from iog_client.cli.options import JsonOption, OrchestratorOption, RpcOption, WalletOption
from iog_client.errors import NotFound, Unreachable, UsageError
from iog_client.registration import Registration
from iog_client.times import Now

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Offer GPUs: set up, register and run a node.",
    epilog="Example: iog node init --owner ADDRESS, iog node register FILE, iog node run",
)

DEFAULT_ASK = "0.35 IO/h"
_EXTRA = "the worker is not installed ({module} is missing); `pip install 'iog[worker]'` adds it"
_ANY = {"allow_extra_args": True, "ignore_unknown_options": True}

try:
    from iog_worker.cli import app as worker
except ModuleNotFoundError as error:
    _missing = _EXTRA.format(module=error.name)

    @app.command(context_settings=_ANY, help="Set up a node on this machine (extra `worker`).")
    def init() -> None:
        raise UsageError(_missing)

    @app.command(context_settings=_ANY, help="Run this machine's node (extra `worker`).")
    def run() -> None:
        raise UsageError(_missing)

    @app.command(context_settings=_ANY, help="Find out what is wrong here (extra `worker`).")
    def doctor() -> None:
        raise UsageError(_missing)

else:
    app.registered_commands.extend(worker.registered_commands)


@app.command(
    epilog="Example: iog node register ~/.local/share/iog/node/registration.json --ask '0.35 IO/h'"
)
def register(
    file: Annotated[Path, typer.Argument(help="The registration that `iog node init` wrote.")],
    ask: Annotated[
        str, typer.Option(metavar="PRICE", help="What you ask for one GPU.")
    ] = DEFAULT_ASK,
    payee: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Wallet that is paid; default: yours.")
    ] = None,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register a node on chain, with the wallet it names as owner. You pay its rent in SOL.

    After it the node needs its stake: `iog stake add DEVICE --required`. A retired node of yours
    is registered anew.
    """
    registration = Registration.load(file)
    price = amounts.parse_price(ask)
    paid = addresses.parse(payee) if payee else None
    result = output.run(_register(registration, price, paid, rpc, wallet))
    output.emit(
        result,
        as_json,
        f"registered {result['device']}: {result['gpus']} x {result['gpu_class']}"
        f"{' (simulated)' if result['simulated'] else ''} "
        f"at {amounts.format_price(price)} a GPU, paid to {result['payee']}\n"
        f"next: iog stake add {result['device']} --required "
        f"({amounts.format_amount(result['requirement'])})",
    )


async def _register(
    registration: Registration,
    ask: int,
    payee: Pubkey | None,
    rpc: str | None,
    wallet: Path | None,
) -> dict[str, Any]:
    async with session.opened(rpc, wallet=wallet) as here:
        paid = payee or here.key
        async with output.progress("registering the node"):
            sent = await nodes.register(await here.sender(), here.wallet, registration, ask, paid)
            node = await nodes.get(here.rpc, Pubkey.from_string(registration.device))
        described = describe(node, registration.gpu_class)
        simulated = {"simulated": registration.simulated}
        return {**described, **simulated, "signature": str(sent.signature)}


@app.command("list", epilog="Example: iog node list --mine")
def list_nodes(
    mine: Annotated[bool, typer.Option("--mine", help="Only those of your wallet.")] = False,
    owner: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Only those of this owner.")
    ] = None,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the nodes that are registered on chain, and whether the orchestrator sees them."""
    if mine and owner:
        raise UsageError("--mine and --owner exclude each other")
    whose = addresses.parse(owner) if owner else None
    if mine:
        whose = wallets.load(options.settings(wallet=wallet).wallet).pubkey()
    rows = output.run(_list(whose, rpc, orchestrator))
    if as_json or rows:
        output.emit(rows if as_json else [_row(row) for row in rows], as_json)
    else:
        output.note("no node is registered" + (f" by {whose}" if whose else ""))


async def _list(
    owner: Pubkey | None, rpc: str | None, orchestrator: str | None
) -> list[dict[str, Any]]:
    async with options.connection(rpc) as node:
        found = await nodes.search(node, owner)
        slugs = {address: nodes.slug(one) for address, one in (await nodes.classes(node)).items()}
    url = options.settings(orchestrator=orchestrator).orchestrator_url
    async with OrchestratorApi(url) as api:
        seen = await session.seen(api)
    rows = []
    for each in found:
        row = describe(each, slugs.get(each.class_, "unknown"))
        view = seen.get(row["device"])
        row["connected"] = view.connected if view else None
        row["simulated"] = view.simulated if view else None
        rows.append(row)
    return rows


@app.command(epilog="Example: iog node show DEVICE")
def show(
    device: Annotated[str, typer.Argument(help="The node's device key.")],
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one node: on chain, and why it does or does not get jobs and rewards."""
    shown, now = output.run(_show(options.device(device), rpc, orchestrator))
    if as_json:
        output.emit(shown, True)
        return
    view = shown.pop("orchestrator")
    output.emit({**_readable(shown, now), **(_seen(view) if view else {})}, False)


async def _show(
    device: Pubkey, rpc: str | None, orchestrator: str | None
) -> tuple[dict[str, Any], Now]:
    async with options.connection(rpc) as node:
        found = await nodes.get(node, device)
        known = (await nodes.classes(node)).get(found.class_)
        now = await Now.read(node)
    shown = describe(found, nodes.slug(known) if known else "unknown")
    url = options.settings(orchestrator=orchestrator).orchestrator_url
    shown["orchestrator"] = None
    try:
        async with OrchestratorApi(url) as api:
            shown["orchestrator"] = (await api.node(str(device))).model_dump(mode="json")
    except (Unreachable, NotFound) as error:
        output.note(f"{error.message}; so this is what the chain knows")
    return shown, now


def describe(node: Node, gpu_class: str) -> dict[str, Any]:
    """A node on chain in JSON types: amounts in base units, the ask per GPU-second."""
    return {
        "device": str(node.device),
        "address": str(addresses.node(node.device)),
        "owner": str(node.owner),
        "payee": str(node.payee),
        "payee_from_hour": node.payee_from_hour,
        "prev_payee": str(node.prev_payee),
        "gpu_class": gpu_class,
        "multiplier": node.multiplier,
        "gpus": node.gpus,
        "busy": node.busy,
        "ask": node.ask,
        "stake": node.stake,
        "costake": node.costake,
        "costaker": None if (who := costakes.costaker(node)) is None else str(who),
        "costake_share_bps": node.costake_share_bps,
        "requirement": nodes.required(node),
        "case_open": bool(node.case_open),
        "state": nodes.state(node),
        "active_from_hour": node.active_from_hour,
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "device": row["device"],
        "class": row["gpu_class"],
        "gpus": f"{row['gpus'] - row['busy']} of {row['gpus']} free",
        "ask": amounts.format_price(row["ask"]) if row["ask"] else "not for rent",
        "stake": f"{amounts.format_amount(row['stake'] + row['costake'])} of "
        f"{amounts.format_amount(row['requirement'])}",
        "state": row["state"],
        "connected": _or_unknown(row["connected"]),
        "simulated": _or_unknown(row["simulated"]),
    }


def _or_unknown(said: bool | None) -> bool | str:
    """What only an orchestrator knows of a node, and the chain does not say."""
    return "unknown" if said is None else said


def _readable(shown: dict[str, Any], now: Now) -> dict[str, Any]:
    """What the chain says, for people: amounts, dates, and only what there is."""
    stake = amounts.format_amount(shown["stake"])
    if shown["costaker"]:
        share = amounts.format_share(shown["costake_share_bps"])
        more = amounts.format_amount(shown["costake"])
        stake += f" own, {more} of {shown['costaker']} for {share} of the rewards"
    payee = shown["payee"]
    if shown["payee_from_hour"] > now.hour:
        payee += (
            f" from {now.hour_text(shown['payee_from_hour'])}; until then {shown['prev_payee']}"
        )
    state = shown["state"]
    if state == "active" and shown["active_from_hour"] > now.hour:
        state += f" from {now.hour_text(shown['active_from_hour'])}"
    hidden = {"costake", "costaker", "costake_share_bps", "payee_from_hour", "prev_payee"}
    hidden.add("active_from_hour")  # the state says it
    return {name: value for name, value in shown.items() if name not in hidden} | {
        "payee": payee,
        "multiplier": f"{shown['multiplier'] / 1000:g}",
        "ask": node_owned.price_text(shown["ask"]),
        "stake": stake,
        "requirement": amounts.format_amount(shown["requirement"]),
        "state": state,
    }


def _seen(view: dict[str, Any]) -> dict[str, Any]:
    def said(key: str, fine: str) -> str:
        return "; ".join(reason["text"] for reason in view[key]) or fine

    return {
        "connected": view["connected"],
        "simulated": _or_unknown(view["simulated"]),
        "confinement": view["confinement"] or "unknown",
        f"proven in hour {view['hour']}": f"{view['seconds']} s",
        "for jobs": said("readiness", "ready"),
        "for rewards": said("eligibility", "eligible"),
    }


for _part in (node_owned, node_status, node_notices, node_why):
    app.registered_commands.extend(_part.app.registered_commands)
app.add_typer(node_proof.app, name="proof")
