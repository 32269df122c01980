"""`iog token`: supply and emission."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from iog_client import addresses, amounts, schedule, splits, tokens
from iog_client._generated.iog_token.accounts import Bucket, Config
from iog_client.cli import session
from iog_client.cli.options import (
    JsonOption,
    RpcOption,
    SignerOption,
    WalletOption,
    YesOption,
    connection,
)
from iog_client.cli.output import confirm, emit, progress, run, signed, table
from iog_client.errors import UsageError
from iog_client.splits import Split
from iog_client.times import Now, date

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Supply and emission.",
    epilog="Example: iog token supply",
)
split_app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="The backers' pool's share of the emission.",
    epilog="Example: iog token split show",
)
app.add_typer(split_app, name="split")


@app.command(epilog="Example: iog token supply --at-hour 730 --json")
def supply(
    at_hour: Annotated[
        int | None,
        typer.Option(
            "--at-hour", metavar="N", help="What the schedule emits by the end of hour N."
        ),
    ] = None,
    rpc: RpcOption = None,
    as_json: JsonOption = False,
) -> None:
    """Supply by now, read from the chain; or, with --at-hour and without one, by the schedule."""
    if at_hour is not None:
        if not 0 <= at_hour <= schedule.HOURS:
            raise UsageError(f"there is no hour {at_hour}: hours are 0 to {schedule.HOURS}")
        emitted = schedule.emitted(at_hour)
        emit(
            {"hour": at_hour, "emitted": emitted},
            as_json,
            f"emitted by the end of hour {at_hour}: {amounts.format_amount(emitted)}",
        )
        return
    _print_supply(run(_supply(rpc)), as_json)


async def _supply(rpc: str | None) -> tokens.Supply:
    async with connection(rpc) as node:
        return await tokens.supply(node)


def _print_supply(now: tokens.Supply, as_json: bool) -> None:
    emitted = schedule.emitted(now.hour)
    ended = now.hour >= schedule.HOURS
    running = 0 if ended or not now.start else schedule.emitted(now.hour + 1) - emitted
    sums = {
        "supply": now.supply,
        "genesis": tokens.GENESIS_SUPPLY if now.supply else 0,
        "emitted": emitted,
        "minted": now.minted,
        "to_rewards": now.to_rewards,
        "to_pool": now.to_pool,
        "this_hour": running,
    }
    next_hour = now.start + (now.hour + 1) * now.hour_length if now.start and not ended else None
    if as_json:
        emit({"hour": now.hour, **sums, "start": now.start, "next_hour_at": next_hour}, as_json)
        return
    rows = [[name.replace("_", " "), amounts.format_amount(sum_)] for name, sum_ in sums.items()]
    state = f"{now.hour} ended" if now.start else "emission has not started"
    table([["hours", state], *rows, ["next hour at", _time(next_hour)]])


@app.command(epilog="Example: iog token show")
def show(rpc: RpcOption = None, as_json: JsonOption = False) -> None:
    """The token's configuration and its genesis buckets, with what is due of each."""
    facts, buckets = run(_read(rpc))
    if as_json:
        emit({**facts, "buckets": buckets}, as_json)
        return
    emit({**facts, "start": _time(facts["start"] or None)}, as_json=False)
    if buckets:
        emit([_readable(row) for row in buckets], as_json=False)


async def _read(rpc: str | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The configuration, and a row for each bucket."""
    async with connection(rpc) as node:
        settings = await tokens.config(node)
        buckets = await tokens.buckets(node)
        now = await node.chain_time()
    return _facts(settings), [_row(one, tokens.due(one, settings, now)) for one in buckets]


def _facts(settings: Config) -> dict[str, Any]:
    return {
        "mint": str(settings.mint),
        "program": str(addresses.TOKEN),
        "authority": str(settings.authority),
        "guardian": str(settings.guardian),
        "hour_length": settings.hour_length,
        "pool_bps": settings.pool_bps,
        "sealed": bool(settings.sealed),
        "start": settings.start,
        "advanced_hour": settings.advanced_hour,
    }


def _row(bucket: Bucket, due: int) -> dict[str, Any]:
    return {
        "index": bucket.index,
        "beneficiary": str(bucket.beneficiary),
        "amount": bucket.amount,
        "claimed": bucket.claimed,
        "due": due,
        "launch_bps": bucket.launch_bps,
        "cliff_months": bucket.cliff_months,
        "linear_months": bucket.linear_months,
    }


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    money = ("amount", "claimed", "due")
    return {k: amounts.format_amount(v) if k in money else v for k, v in row.items()}


def _time(at: int | None) -> str:
    return "-" if at is None else date(at)


@split_app.command("show", epilog="Example: iog token split show --json")
def split_show(rpc: RpcOption = None, as_json: JsonOption = False) -> None:
    """The pool's share of the emission, and the one that is announced."""

    async def go() -> Now:
        async with connection(rpc) as node:
            return await Now.read(node)

    now = run(go())
    found = splits.of(now.token, now)
    emit(found, as_json, _split_text(found, now))


@split_app.command("set", epilog="Example: iog token split set 12.5% --from-hour 48")
def split_set(
    share: Annotated[str, typer.Argument(help="What the pool gets, like 12.5%; 0% for nothing.")],
    from_hour: Annotated[
        int | None,
        typer.Option(
            "--from-hour", metavar="N", help="The first hour at that share; default: the next."
        ),
    ] = None,
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Announce another share for the hours to come, in place of one announced before.

    The authority of iog_token signs. Hours that have begun keep their share.
    """
    bps = 0 if share.strip() == "0%" else amounts.parse_share(share)
    since = f"hour {from_hour}" if from_hour is not None else "the next hour"
    confirm(f"Give the pool {amounts.format_share(bps)} from {since} on?", yes or as_json)
    _print_split(run(_split_set(bps, from_hour, signer, rpc, wallet)), as_json)


async def _split_set(
    bps: int, first: int | None, signer: Path | None, rpc: str | None, wallet: Path | None
) -> tuple[Now, str]:
    async with session.opened(rpc, wallet=wallet) as here:
        async with progress("announcing the share"):
            sent = await splits.announce(await here.sender(), here.signer(signer), bps, first)
        return await Now.read(here.rpc), str(sent.signature)


@split_app.command("cancel", epilog="Example: iog token split cancel --signer keys/guardian.json")
def split_cancel(
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back a share that was announced, before its first hour begins.

    The guardian or the authority of iog_token signs.
    """
    confirm("Cancel the announced share?", yes or as_json)

    async def go() -> tuple[Now, str]:
        async with session.opened(rpc, wallet=wallet) as here:
            sent = await splits.cancel(await here.sender(), here.signer(signer))
            return await Now.read(here.rpc), str(sent.signature)

    _print_split(run(go()), as_json)


def _print_split(done: tuple[Now, str], as_json: bool) -> None:
    now, signature = done
    found = splits.of(now.token, now)
    result = {
        "pool_bps": found.pool_bps,
        "next_pool_bps": found.next_pool_bps,
        "next_hour": found.next_hour,
        "signature": signature,
    }
    emit(result, as_json, signed(_split_text(found, now), result))


def _split_text(found: Split, now: Now) -> str:
    text = f"the pool gets {amounts.format_share(found.pool_bps)} of the emission"
    if found.next_pool_bps is None or found.next_hour is None:
        return f"{text}; no other share is announced"
    announced = amounts.format_share(found.next_pool_bps)
    return f"{text}; {announced} from {now.hour_text(found.next_hour)}"
