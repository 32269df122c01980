"""`iog token`: supply and emission."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from iog_client import addresses, amounts, schedule, tokens
from iog_client._generated.iog_token.accounts import Bucket, Config
from iog_client.cli.options import JsonOption, RpcOption, connection
from iog_client.cli.output import emit, run, table
from iog_client.errors import UsageError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Supply and emission.",
    epilog="Example: iog token supply",
)


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
    return "-" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
