"""`iog wallet`: keys, balances and transfers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, amounts, networks, onchain, tokens, wallets
from iog_client.cli.options import (
    JsonOption,
    NetworkOption,
    RpcOption,
    WalletOption,
    connection,
    settings,
)
from iog_client.cli.output import emit, progress, run
from iog_client.errors import NotAllowed, UsageError
from iog_client.transactions import Sender

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Keys, balances and transfers.",
    epilog="Example: iog wallet new && iog wallet show",
)

AMOUNT = "`1.5 IO` or `0.5 SOL`"


@app.command(epilog="Example: iog wallet new")
def new(wallet: WalletOption = None, as_json: JsonOption = False) -> None:
    """Make a key file, readable by you alone. An existing one is never written over."""
    path = settings(wallet=wallet).wallet
    address = wallets.create(path).pubkey()
    emit({"address": address, "path": path}, as_json, f"{address}\nkept in {path}")


@app.command(epilog="Example: iog wallet address")
def address(wallet: WalletOption = None, as_json: JsonOption = False) -> None:
    """Print your wallet's address and nothing else; needs no network."""
    own = wallets.load(settings(wallet=wallet).wallet).pubkey()
    emit({"address": own}, as_json, str(own))


@app.command(epilog="Example: iog wallet show")
def show(
    address: Annotated[
        str | None, typer.Argument(help="Another wallet's address.", show_default=False)
    ] = None,
    wallet: WalletOption = None,
    rpc: RpcOption = None,
    as_json: JsonOption = False,
) -> None:
    """Address and balances of your wallet, or of another address."""
    whose = _address(address, wallet)
    held = run(_holding(rpc, whose))
    emit(
        {"address": str(whose), "io": held.io, "lamports": held.lamports},
        as_json,
        f"{whose}\n{amounts.format_amount(held.io)}\n{amounts.format_sol(held.lamports)}",
    )


async def _holding(rpc: str | None, wallet: Pubkey) -> tokens.Holding:
    async with connection(rpc) as node:
        return (await tokens.holdings(node, [wallet]))[0]


@app.command(epilog="Example: iog wallet send '1.5 IO' ADDRESS")
def send(
    amount: Annotated[str, typer.Argument(help=f"How much: {AMOUNT}.")],
    to: Annotated[str, typer.Argument(help="The receiver's address.")],
    wallet: WalletOption = None,
    rpc: RpcOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send IO or SOL to an address."""
    receiver = addresses.parse(to)
    unit, units = _amount(amount)
    key = wallets.load(settings(wallet=wallet).wallet)

    async def go() -> str:
        async with connection(rpc) as node, progress("sending"):
            sender = Sender(node, key)
            if unit == "SOL":
                return str((await tokens.send_sol(sender, receiver, units)).signature)
            await onchain.program_hashes(node)
            return str((await tokens.send_io(sender, key, receiver, units)).signature)

    _report("sent", unit, units, receiver, run(go()), as_json)


@app.command(epilog="Example: iog wallet airdrop 10")
def airdrop(
    amount: Annotated[str, typer.Argument(help="How much, such as `10`.")],
    io: Annotated[bool, typer.Option("--io", help="IO from the faucet instead of SOL.")] = False,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ADDRESS", help="Not to your own wallet.")
    ] = None,
    network: NetworkOption = None,
    wallet: WalletOption = None,
    rpc: RpcOption = None,
    as_json: JsonOption = False,
) -> None:
    """SOL, or IO from the faucet, out of nothing. Local chains only."""
    units = amounts.parse_amount(amount) if io else amounts.parse_sol(amount)
    receiver = _address(to, wallet)
    signature = None
    if io:
        signature = run(_airdrop_io(rpc, network, receiver, units))
    else:
        run(_airdrop_sol(rpc, receiver, units))
    _report("received", "IO" if io else "SOL", units, receiver, signature, as_json)


async def _airdrop_sol(rpc: str | None, to: Pubkey, lamports: int) -> None:
    async with connection(rpc) as node, progress("waiting for the faucet"):
        await tokens.airdrop_sol(node, to, lamports)


async def _airdrop_io(rpc: str | None, network: Path | None, to: Pubkey, amount: int) -> str:
    record = networks.read_record(networks.find_record(network))
    if record.keys.faucet is None:
        raise NotAllowed(f"network {record.name} has no faucet")
    faucet = wallets.load(record.keys.faucet, "faucet key")
    async with connection(rpc) as node, progress("waiting for the faucet"):
        await onchain.require_chain(node, record.genesis_hash)
        await onchain.program_hashes(node)
        return str((await tokens.faucet_io(node, faucet, to, amount)).signature)


def _amount(text: str) -> tuple[str, int]:
    """The unit and the base units of an amount that names its unit."""
    if text.strip().endswith("SOL"):
        return "SOL", amounts.parse_sol(text)
    if text.strip().endswith("IO"):
        return "IO", amounts.parse_amount(text)
    raise UsageError(f"`{text[:60]}` does not say of what: an amount to send looks like {AMOUNT}")


def _address(text: str | None, wallet: Path | None) -> Pubkey:
    if text is not None:
        return addresses.parse(text)
    return wallets.load(settings(wallet=wallet).wallet).pubkey()


def _report(
    verb: str, unit: str, units: int, to: Pubkey, signature: str | None, as_json: bool
) -> None:
    shown = amounts.format_sol(units) if unit == "SOL" else amounts.format_amount(units)
    facts = {"to": str(to), "unit": unit, "amount": units, "signature": signature}
    text = f"{to} {verb} {shown}" if verb == "received" else f"{verb} {shown} to {to}"
    emit(facts, as_json, text)
