"""`iog token`: supply and emission."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from iog_client import addresses, amounts, schedule, tokens
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
            {"hour": at_hour, "emitted": str(emitted)},
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
        facts: dict[str, Any] = {name: str(amount) for name, amount in sums.items()}
        emit({"hour": now.hour, **facts, "start": now.start, "next_hour_at": next_hour}, as_json)
        return
    rows = [[name.replace("_", " "), amounts.format_amount(sum_)] for name, sum_ in sums.items()]
    state = f"{now.hour} ended" if now.start else "emission has not started"
    table([["hours", state], *rows, ["next hour at", _time(next_hour)]])


@app.command(epilog="Example: iog token show")
def show(rpc: RpcOption = None, as_json: JsonOption = False) -> None:
    """The token's configuration and its genesis buckets, with what is due of each."""
    run(_show(rpc, as_json))


async def _show(rpc: str | None, as_json: bool) -> None:
    async with connection(rpc) as node:
        settings = await tokens.config(node)
        buckets = await tokens.buckets(node)
        now = await node.chain_time()
    listed = [
        {
            "index": one.index,
            "beneficiary": str(one.beneficiary),
            "amount": str(one.amount),
            "claimed": str(one.claimed),
            "due": str(tokens.due(one, settings, now)),
            "launch_bps": one.launch_bps,
            "cliff_months": one.cliff_months,
            "linear_months": one.linear_months,
        }
        for one in buckets
    ]
    facts = {
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
    if as_json:
        emit({**facts, "buckets": listed}, as_json)
        return
    emit({**facts, "start": _time(settings.start or None)}, as_json=False)
    amounts_of = ("amount", "claimed", "due")
    table(
        [
            [
                amounts.format_amount(int(str(value))) if name in amounts_of else value
                for name, value in row.items()
            ]
            for row in listed
        ],
        [name.replace("_", " ") for name in (listed[0] if listed else {})],
    )


def _time(at: int | None) -> str:
    return "-" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
