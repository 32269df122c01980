"""`iog pool`: the backers' pool, in which anybody stakes IO for a part of the emission."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, pool, tokens, wallets
from iog_client.amounts import format_amount, parse_amount
from iog_client.cli import options, output, session
from iog_client.cli.options import JsonOption, RpcOption, WalletOption, YesOption
from iog_client.errors import NotFound
from iog_client.pool import Pool, Standing
from iog_client.times import Now

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Stake in the backers' pool, claim its rewards.",
    epilog="Example: iog pool show && iog pool stake '1000 IO'",
)

AmountArgument = Annotated[str, typer.Argument(help="How much, like '1000 IO'.")]
ForOption = Annotated[
    str | None,
    typer.Option("--for", metavar="ADDRESS", help="For this wallet; yours only pays the fee."),
]


@app.command(epilog="Example: iog pool show  or  iog pool show --for ADDRESS --json")
def show(
    owner: Annotated[
        str | None,
        typer.Option("--for", metavar="ADDRESS", help="Whose part; default: your wallet's."),
    ] = None,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the pool, what it is about to release, and a wallet's part of it."""
    settings = options.settings(rpc=rpc, wallet=wallet)
    key = addresses.parse(owner) if owner else None
    if key is None and settings.wallet.exists():
        key = wallets.load(settings.wallet).pubkey()
    whole, part, now = output.run(_show(key, rpc))
    if as_json:
        output.emit({"pool": output.to_plain(whole), "backer": _part(part)}, True)
        return
    output.emit(_whole_lines(whole, now), False)
    if part:
        output.emit(_part_lines(part, now), False)


async def _show(key: Pubkey | None, rpc: str | None) -> tuple[Pool, Standing | None, Now]:
    async with options.connection(rpc) as node:
        whole, now = await pool.read(node), await Now.read(node)
        try:
            part = await pool.get(node, key) if key else None
        except NotFound as error:
            output.note(error.message)
            part = None
    return whole, part, now


@app.command(epilog="Example: iog pool stake '1000 IO' --yes")
def stake(
    amount: AmountArgument,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stake IO in the pool. It earns from the next hour on, and takes 14 days to leave.

    Days follow the length of the network's hour.
    """
    units = parse_amount(amount)
    result, _ = output.run(_stake(units, yes or as_json, rpc, wallet))
    text = f"staked {format_amount(units)}: {format_amount(result['staked'])} are in the pool"
    output.emit(result, as_json, output.signed(text, result))


async def _stake(
    amount: int, sure: bool, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        sender = await here.sender()
        now = await Now.read(here.rpc)
        least = now.moment(now.after(pool.UNBONDING))
        output.confirm(
            f"{format_amount(amount)} go into the pool, to be back {least} at the earliest. Stake?",
            sure,
        )
        async with output.progress("staking"):
            sent = await pool.stake(sender, here.wallet, amount)
        return await _after(here, here.key, str(sent.signature), amount)


@app.command(epilog="Example: iog pool unstake '500 IO' --yes")
def unstake(
    amount: Annotated[
        str | None, typer.Argument(help="How much, like '500 IO'; default: all.")
    ] = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send stake on its way out of the pool: it earns nothing from now on and leaves in 14 days.

    What unbonds already waits with it. Then: `iog pool withdraw`.
    """
    units = None if amount is None else parse_amount(amount)
    result, now = output.run(_unstake(units, yes or as_json, rpc, wallet))
    text = (
        f"{format_amount(result['unbonding'])} unbond until "
        f"{now.moment(result['unbonding_until'])}, {format_amount(result['staked'])} stay staked"
    )
    output.emit(result, as_json, output.signed(text, result))


async def _unstake(
    amount: int | None, sure: bool, rpc: str | None, wallet: Path | None
) -> tuple[dict[str, Any], Now]:
    async with session.opened(rpc, wallet=wallet) as here:
        sender = await here.sender()
        leaving = await pool.unstakable(here.rpc, here.key, amount)
        unbonding = (await pool.get(here.rpc, here.key)).unbonding
        now = await Now.read(here.rpc)
        until = now.moment(now.after(pool.UNBONDING))
        output.confirm(f"{format_amount(leaving + unbonding)} unbond until {until}. Unstake?", sure)
        async with output.progress("unstaking"):
            sent = await pool.unstake(sender, here.wallet, leaving)
        return await _after(here, here.key, str(sent.signature), leaving)


@app.command(epilog="Example: iog pool withdraw  or  iog pool withdraw --for ADDRESS")
def withdraw(
    owner: ForOption = None,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pay a backer what has unbonded. Anyone may; it goes to that wallet and no other."""
    key = addresses.parse(owner) if owner else None
    result = output.run(_pay("withdrawing", key, rpc, wallet))
    text = f"{format_amount(result['amount'])} went to {result['wallet']}"
    output.emit(result, as_json, output.signed(text, result))


@app.command(epilog="Example: iog pool claim  or  iog pool claim --for ADDRESS")
def claim(
    owner: ForOption = None,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pay a backer all that it has earned. Anyone may; it goes to that wallet and no other."""
    key = addresses.parse(owner) if owner else None
    result = output.run(_pay("claiming", key, rpc, wallet))
    text = f"claimed {format_amount(result['amount'])} for {result['wallet']}"
    output.emit(result, as_json, output.signed(text, result))


async def _pay(
    what: str, owner: Pubkey | None, rpc: str | None, wallet: Path | None
) -> dict[str, Any]:
    async with session.opened(rpc, wallet=wallet) as here:
        key = owner or here.key
        before = await tokens.balance(here.rpc, key)
        verb = pool.claim if what == "claiming" else pool.withdraw
        async with output.progress(what):
            sent = await verb(await here.sender(), key)
        paid = await tokens.balance(here.rpc, key) - before
        result, _ = await _after(here, key, str(sent.signature), paid)
    return result


@app.command(epilog="Example: iog pool advance")
def advance(
    rpc: RpcOption = None, wallet: WalletOption = None, as_json: JsonOption = False
) -> None:
    """Release what the emission has brought to the pool by the last hour. Anyone may.

    Every stake, unstake and claim does it too.
    """
    result = output.run(_advance(rpc, wallet))
    text = (
        f"released {format_amount(result['amount'])} to the backers, "
        f"{format_amount(result['waiting'])} wait; the pool is at hour {result['hour']}"
    )
    output.emit(result, as_json, output.signed(text, result))


async def _advance(rpc: str | None, wallet: Path | None) -> dict[str, Any]:
    async with session.opened(rpc, wallet=wallet) as here:
        before = await pool.read(here.rpc)
        async with output.progress("advancing"):
            sent = await pool.advance(await here.sender())
        after = await pool.read(here.rpc)
    done = {"amount": after.released - before.released, "signature": str(sent.signature)}
    return {**output.to_plain(after), **done}


async def _after(
    here: session.Session, wallet: Pubkey, signature: str, amount: int
) -> tuple[dict[str, Any], Now]:
    """A backer's part now, with what was moved; and the time."""
    part = _part(await pool.get(here.rpc, wallet))
    assert part is not None  # `get` found it
    return {**part, "amount": amount, "signature": signature}, await Now.read(here.rpc)


def _part(part: Standing | None) -> dict[str, Any] | None:
    plain: dict[str, Any] | None = output.to_plain(part)
    return plain


def _whole_lines(whole: Pool, now: Now) -> dict[str, Any]:
    waiting = format_amount(whole.waiting)
    if whole.pool_total < pool.LEAST:
        waiting += f", until {format_amount(pool.LEAST)} are staked"
    else:
        waiting += f", {format_amount(whole.due)} of it are due now"
    return {
        "in the pool": f"{format_amount(whole.pool_total)} of {whole.backers} backers",
        "unbonding": format_amount(whole.pool_unbonding),
        "released": f"{format_amount(whole.released)} by hour {whole.hour}",
        "waiting": waiting,
        "pool's share of the emission": f"{now.token.pool_bps / 100:g}%",
    }


def _part_lines(part: Standing, now: Now) -> dict[str, Any]:
    lines = {
        "wallet": str(part.wallet),
        "staked": format_amount(part.staked),
        "claimable": format_amount(part.claimable),
    }
    if part.unbonding:
        end = now.moment(part.unbonding_until)
        lines["unbonding"] = f"{format_amount(part.unbonding)} until {end}"
    return lines
