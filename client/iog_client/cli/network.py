"""`iog network`: create a network from one file, start its emission, show what a chain has."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from iog_client import networkfile, networks, onchain, times, wallets
from iog_client.amounts import format_amount, format_duration, format_share
from iog_client.cli.options import JsonOption, NetworkOption, RpcOption, connection
from iog_client.cli.output import emit, note, progress, run, table
from iog_client.errors import UsageError
from iog_client.networks import NetworkRecord

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Create a network from one file, start its emission.",
    epilog="Example: iog network init networks/local.yaml && iog network start",
)

AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="Start of emission: now, unix seconds or ISO 8601."),
]


@app.command(epilog="Example: iog network init networks/local.yaml")
def init(
    file: Annotated[Path, typer.Argument(help="The file that describes the network.")],
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="What key paths are relative to [FILE's]."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to write network.json [the folder]."),
    ] = None,
    program_keys: Annotated[
        Path | None,
        typer.Option("--program-keys", metavar="DIR", help="The id keys of the programs."),
    ] = None,
    at: AtOption = None,
    rpc: RpcOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create the network: every step that the chain does not have yet. Safe to run again."""
    wanted = networkfile.load(file)
    when = _when(at)
    base = folder or file.parent
    target = out or base / "network.json"
    networks.require_writable(target)

    async def go() -> NetworkRecord:
        async with connection(rpc) as node, progress("creating the network"):
            record = await networks.create(
                node, wanted, base, program_keys=program_keys, report=note
            )
            networks.write_record(target, record)
            if at is not None:
                started = await networks.start(node, networks.load_authority(record), when)
                note(f"emission starts at {times.date(started)}")
            return record

    record = run(go())
    emit(record, as_json, f"network {record.name} is on chain; see {target}")


@app.command(epilog="Example: iog network start")
def start(
    at: AtOption = "now",
    network: NetworkOption = None,
    authority: Annotated[
        Path | None,
        typer.Option("--authority", metavar="FILE", help="Its key [the one in network.json]."),
    ] = None,
    rpc: RpcOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start emission and vesting, once and for good."""
    when = _when(at)
    record = networks.read_record(networks.find_record(network))
    key = wallets.load(authority or record.keys.authority, "authority key")

    async def go() -> int:
        async with connection(rpc) as node, progress("starting emission"):
            await onchain.require_chain(node, record.genesis_hash)
            await onchain.program_hashes(node)
            return await networks.start(node, key, when)

    started = run(go())
    emit(
        {"start": started, "hour_length": record.hour_length},
        as_json,
        f"emission starts at {times.date(started)}",
    )


@app.command(epilog="Example: iog network show --json")
def show(rpc: RpcOption = None, as_json: JsonOption = False) -> None:
    """What the chain has of a network: programs, configurations, classes."""

    async def go() -> onchain.OnChain:
        async with connection(rpc) as node, progress("reading the chain"):
            return await onchain.read_chain(node)

    found = run(go())
    if as_json:
        emit(found, as_json)
        return
    emit(facts(found), False)
    programs = [[one.name, one.id, one.sha256, one.shipped] for one in found.programs]
    table(programs, ["program", "id", "sha256", "as shipped"])
    pools = {number: name for name, number in networkfile.POOLS.items()}
    table(
        [
            [one.slug, f"{one.multiplier / 1000:g}", pools[one.pool], one.enabled]
            for one in found.classes
        ],
        ["class", "multiplier", "pool", "enabled"],
    )


def facts(found: onchain.OnChain) -> dict[str, object]:
    """What is said of a network apart from its programs and classes, with units."""
    return {
        "genesis hash": found.genesis_hash,
        "mint": found.mint,
        "authority": found.authority,
        "guardian": found.guardian,
        "an hour lasts": format_duration(found.hour_length),
        "pool": f"{format_share(found.pool_bps)} of the emission",
        "fee": f"{format_share(found.fee_bps)} of what a node earns, from each side",
        "sealed": found.sealed,
        "emission": f"from {times.date(found.start)}" if found.start else "not started",
        "hours ended": found.hours_ended,
        "staked": format_amount(int(found.total_staked)),
        "oracles": found.oracles,
        "threshold": f"{found.threshold} of {len(found.oracles)} oracles",
    }


def _when(text: str | None) -> int | None:
    """A start as unix seconds; None for now. Raises `UsageError`."""
    if text is None or text == "now":
        return None
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"`{text[:60]}` is not a time: one is `now`, unix seconds or `2030-01-31T12:00:00Z`"
        ) from None
    if moment.tzinfo is None:
        raise UsageError(f"`{text[:60]}` names no time zone; `{text[:60]}Z` is UTC")
    return int(moment.timestamp())
