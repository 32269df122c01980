"""`iog slash`: cases against nodes, for the slasher, the arbiter, and those whom they concern."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, nodes, records, slashes
from iog_client._generated.iog_staking.accounts import Node, SlashCase
from iog_client.amounts import format_amount, format_share, parse_share
from iog_client.cli import options, output, session
from iog_client.cli.options import JsonOption, NodeArgument, RpcOption, WalletOption, YesOption
from iog_client.errors import UsageError
from iog_client.slashes import Charge
from iog_client.times import Now
from iog_client.transactions import Sent

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Cases against nodes: open, appeal, decide them.",
    epilog="Example: iog slash show && iog slash appeal DEVICE",
)

CaseArgument = Annotated[
    str,
    typer.Argument(metavar="CASE", help="The case's address, or the device key of its node."),
]


@app.command("open", epilog="Example: iog slash open DEVICE poor_service 5% --evidence report.json")
def open_case(
    node: NodeArgument,
    kind: Annotated[str, typer.Argument(help=", ".join(slashes.KINDS))],
    share: Annotated[str, typer.Argument(help="How much of all its stake, like 5%.")],
    evidence: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The published evidence; it is hashed.")
    ] = None,
    evidence_hash: Annotated[
        str | None, typer.Option("--hash", metavar="HEX", help="Or its sha256.")
    ] = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take stake out of a node, as the slasher: it counts for nothing until the case is decided.

    Owner and co-staker have 30 days to appeal, the arbiter 30 more to decide; without an appeal it
    is burned. Days follow the length of the network's hour.
    """
    if (evidence is None) == (evidence_hash is None):
        raise UsageError("say either --evidence FILE or --hash HEX")
    found = slashes.evidence_hash(evidence) if evidence else b""
    charge = Charge(kind, parse_share(share), found or slashes.parse_hash(evidence_hash or ""))
    result, now = output.run(_open(options.device(node), charge, yes or as_json, rpc, wallet))
    text = (
        f"case {result['case']} is open: {format_amount(result['amount'])} taken out of {node}, "
        f"appeal by {now.moment(result['deadline'])}"
    )
    output.emit(result, as_json, output.signed(text, result))


async def _open(
    device: Pubkey, charge: Charge, sure: bool, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        sender = await here.sender()
        node = await slashes.openable(here.rpc, here.key, device, charge)
        amount = format_amount(slashes.taken(node, charge.share_bps))
        output.confirm(f"{amount} leave the node {device} for {charge.kind}. Open a case?", sure)
        async with output.progress("opening the case"):
            sent, address = await slashes.open_(sender, here.wallet, device, charge)
        return await _after(here, address, sent)


@app.command(epilog="Example: iog slash appeal CASE")
def appeal(
    case: CaseArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the arbiter to decide a case, as the node's owner or co-staker when it was opened.

    If the arbiter does not decide within 30 days (they follow the length of the network's hour),
    the case is dropped.
    """
    result, now = output.run(_act(case, "appeal", True, rpc, wallet))
    text = f"case {result['case']} is appealed: the arbiter decides by "
    text += now.moment(result["deadline"])
    output.emit(result, as_json, output.signed(text, result))


@app.command(epilog="Example: iog slash uphold CASE --yes")
def uphold(
    case: CaseArgument,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Burn what an appealed case took, as the arbiter."""
    result, _ = output.run(_act(case, "uphold", yes or as_json, rpc, wallet))
    output.emit(result, as_json, output.signed(_ended(result), result))


@app.command(epilog="Example: iog slash drop CASE --yes")
def drop(
    case: CaseArgument,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give back what a case took: an open one as the slasher, an appealed one as the arbiter."""
    result, _ = output.run(_act(case, "drop", yes or as_json, rpc, wallet))
    output.emit(result, as_json, output.signed(_ended(result), result))


@app.command(epilog="Example: iog slash close CASE")
def close(
    case: CaseArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a case whose time has passed. Anyone may.

    What nobody appealed is burned; what the arbiter did not decide goes back.
    """
    result, _ = output.run(_act(case, "close", True, rpc, wallet))
    output.emit(result, as_json, output.signed(_ended(result), result))


async def _act(
    name: str, what: str, sure: bool, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], Now]:
    """Do something about a case, after asking where it cannot be taken back."""
    key = addresses.parse(name, "address of a case or of a device")
    async with session.opened(rpc, wallet=wallet) as here:
        sender = await here.sender()
        address, case = await slashes.get(here.rpc, key)
        if what in ("uphold", "drop"):
            verdict = {"uphold": "upheld", "drop": "dropped"}[what]
            await slashes.decidable(here.rpc, here.key, address, verdict)
            amount = format_amount(slashes.amount(case))
            fate = "are burned" if what == "uphold" else "go back"
            output.confirm(f"{amount} {fate}. {what.capitalize()} case {address}?", sure)
        verbs: dict[str, Callable[[], Awaitable[Sent]]] = {
            "appeal": lambda: slashes.appeal(sender, here.wallet, address),
            "uphold": lambda: slashes.uphold(sender, here.wallet, address),
            "drop": lambda: slashes.drop(sender, here.wallet, address),
            "close": lambda: slashes.close(sender, address),
        }
        async with output.progress(f"{what} of the case"):
            sent = await verbs[what]()
        return await _after(here, address, sent)


@app.command(epilog="Example: iog slash show  or  iog slash show CASE")
def show(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[CASE|NODE]", help="A case, or all of a node; default: all."),
    ] = None,
    undecided: Annotated[
        bool, typer.Option("--open", help="Only those that are not decided.")
    ] = False,
    rpc: RpcOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show cases against nodes: what they took, what state they are in, until when."""
    key = addresses.parse(name, "address of a case or of a device") if name else None
    found, is_one, now = output.run(_show(key, undecided, rpc))
    if as_json:
        output.emit(found, True)
    elif is_one:
        output.emit(_details(found[0], now), False)
    elif found:
        output.emit([_row(one, now) for one in found], False)
    else:
        output.note("there is no such case")


async def _show(
    key: Pubkey | None, undecided: bool, rpc: str | None
) -> tuple[list[dict[str, Any]], bool, Now]:
    """The cases, and whether it is one that was asked for by its address."""
    async with options.connection(rpc) as node:
        now = await Now.read(node)
        if key is None or await records.find(node, Node, addresses.node(key)):
            found = await slashes.search(node, key)
            listed = await nodes.search(node) if found else []
            devices = {addresses.node(one.device): one.device for one in listed}
        else:
            found = [await slashes.get(node, key)]
            devices = {case.node: await slashes.device(node, case) for _, case in found}
    is_one = bool(found) and found[0][0] == key
    rows = [_described(*pair, devices[pair[1].node]) for pair in found]
    if undecided and not is_one:
        rows = [row for row in rows if row["state"] in ("open", "appealed")]
    return rows, is_one, now


def _described(address: Pubkey, case: SlashCase, device: Pubkey) -> dict[str, Any]:
    """A case in JSON types: amounts in base units."""
    return {
        "case": str(address),
        "device": str(device),
        "kind": slashes.kind(case),
        "share_bps": case.bps,
        "state": slashes.state(case),
        "amount": slashes.amount(case),
        "own": case.own,
        "costake": case.costake,
        "cooling": case.cooling,
        "cooling_costake": case.cooling_costake,
        "opened_at": case.opened_at,
        "deadline": case.deadline,
        "owner": str(case.owner),
        "costaker": None if case.costaker == nodes.NOBODY else str(case.costaker),
        "slasher": str(case.slasher),
        "evidence_hash": bytes(case.evidence_hash).hex(),
    }


def _row(shown: dict[str, Any], now: Now) -> dict[str, Any]:
    return {
        "case": shown["case"],
        "device": shown["device"],
        "kind": shown["kind"],
        "amount": format_amount(shown["amount"]),
        "state": shown["state"],
        "until": _until(shown, now),
    }


def _details(shown: dict[str, Any], now: Now) -> dict[str, Any]:
    parts = {name: shown[name] for name in ("own", "costake", "cooling", "cooling_costake")}
    hidden = (*parts, "share_bps")
    return {name: value for name, value in shown.items() if name not in hidden} | {
        "share": format_share(shown["share_bps"]),
        "amount": format_amount(shown["amount"]),
        "taken of": ", ".join(
            f"{name.replace('_', ' ')} {format_amount(value)}"
            for name, value in parts.items()
            if value
        ),
        "opened at": now.moment(shown["opened_at"]),
        "deadline": _until(shown, now) or "none",
    }


def _until(shown: dict[str, Any], now: Now) -> str | None:
    """What happens when the time has passed."""
    words = {"open": "appeal by", "appealed": "decision by"}
    lapsed = {"open": "burned", "appealed": "given back"}
    if shown["state"] not in words:
        return None
    if now.at >= shown["deadline"]:
        return f"over: `iog slash close` has it {lapsed[shown['state']]}"
    return f"{words[shown['state']]} {now.moment(shown['deadline'])}"


def _ended(result: dict[str, Any]) -> str:
    fate = "are burned" if result["state"] == "upheld" else "went back"
    return f"case {result['case']} is {result['state']}: {format_amount(result['amount'])} {fate}"


async def _after(here: session.Session, address: Pubkey, sent: Sent) -> tuple[dict[str, Any], Now]:
    """What the case is now, with the signature; and the time."""
    _, case = await slashes.get(here.rpc, address)
    described = _described(address, case, await slashes.device(here.rpc, case))
    return {**described, "signature": str(sent.signature)}, await Now.read(here.rpc)
