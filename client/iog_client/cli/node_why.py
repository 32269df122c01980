"""`iog node why`: how a node's share of an hour came about."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from iog_client import schedule, times, wallets
from iog_client.amounts import format_amount
from iog_client.api import OrchestratorApi
from iog_client.api_models import NetworkView
from iog_client.cli import hour_files, options, output
from iog_client.cli.options import JsonOption, OrchestratorOption, WalletOption
from iog_client.cli.reward import FromOption
from iog_client.errors import IogError, NotFound
from iog_client.hours_why import Why, why
from iog_client.node_models import NodeStatus

app = typer.Typer(add_completion=False)

MONEY = ("share", "carry", "released", "granted", "published", "part", "cumulative")
BIG = ("score", "pool_score")


@app.command(
    "why", epilog="Example: iog node why DEVICE --hour 12  or  iog node why --hour 12 --from FOLDER"
)
def command(
    hour: Annotated[int, typer.Option(min=1, max=175_200, help="Which hour.")],
    node: Annotated[
        str | None,
        typer.Argument(metavar="[NODE]", help="Its device key; default: all nodes you own."),
    ] = None,
    source: FromOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a node's share of an hour came about, from the published hour alone.

    Each rule with its numbers, the score and the pool's, what was released and granted, who is
    paid which part of it, and the wallet's leaf: all it has earned by then. Of the hour that is
    running: when it ends and what counts so far.
    """
    settings = options.settings(orchestrator=orchestrator, wallet=wallet)
    device = str(options.device(node)) if node else None
    owner = None if device else str(_owner(settings.wallet))
    found = output.run(_why(hour, device, owner, source or settings.orchestrator_url))
    if as_json:
        output.emit([_plain(output.to_plain(one)) for one in found], True)
        return
    output.emit({}, False, "\n\n".join(_text(one) for one in found))


def _owner(path: Path) -> object:
    return wallets.load(path).pubkey()


async def _why(hour: int, device: str | None, owner: str | None, source: str) -> list[Why]:
    async with (
        hour_files.opened(source) as files,
        output.progress(f"reading the files of hour {hour}"),
    ):
        try:
            file = await hour_files.opened_hour(files, hour)
        except NotFound as error:
            if (text := await _not_closed(hour, device, owner, source)) is not None:
                raise NotFound(text) from error
            raise
        return await asyncio.to_thread(why, file, device, owner)


async def _not_closed(hour: int, device: str | None, owner: str | None, source: str) -> str | None:
    """What the orchestrator says of an hour that has no file; None where that is not what is asked,
    or the hour is long over."""
    if not source.startswith(("http://", "https://")):
        return None
    try:
        async with OrchestratorApi(source) as api:
            network = await api.network()
            if hour != network.hour:
                return ahead(hour, network)
            mine = [one.device for one in await api.nodes() if one.owner == owner]
            devices = [device] if device else mine
            return running(network, [await api.node_status(one) for one in devices])
    except IogError:
        return None


def ahead(hour: int, network: NetworkView) -> str | None:
    """That an hour which is not running has no file yet; None for one that should have."""
    if not network.start:
        return "emission has not started, so there is no hour yet"
    ends = schedule.hour_end(network.start, network.hour_length, hour)
    if hour > network.hour:
        begins = times.date(ends - network.hour_length)
        return f"hour {hour} has not begun: it begins at {begins}"
    if hour == network.hour - 1:
        return f"hour {hour} ended at {times.date(ends)} and is not closed yet: try again soon"
    return None


def running(network: NetworkView, found: list[NodeStatus]) -> str:
    """When the running hour ends, and what counts of it so far."""
    ends = schedule.hour_end(network.start, network.hour_length, network.hour)
    seen = [one for one in found if one.hour == network.hour]
    when = times.date(ends)
    if seen:
        when = times.moment(ends, ends - network.hour_length + seen[0].elapsed)
    text = f"hour {network.hour} is not closed yet: it ends at {when} and is closed soon after"
    if len(seen) > 1:
        return f"{text}; `iog node status` says what counts so far"
    for one in seen:
        text += (
            f"; so far {one.device} has proven {one.seconds} s of {one.elapsed} s, and "
            f"{one.needed} s are needed"
        )
        if one.no_pay:
            text += f"; as it stands it earns nothing: {'; '.join(why.text for why in one.no_pay)}"
    return text


def _plain(value: Any) -> Any:
    """Amounts and scores as text: they may have more digits than JSON's readers keep."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = (*MONEY, *BIG)
    return {k: str(v) if k in named and v is not None else _plain(v) for k, v in value.items()}


def _text(found: Why) -> str:
    kind = f"{found.gpus} x {found.gpu_class}{' (simulated)' if found.simulated else ''}"
    lines = [f"node {found.device} in hour {found.hour}: {kind}, pool {found.pool}"]
    lines += [f"  {'yes' if one.passed else 'NO '} {one.rule}: {one.text}" for one in found.rules]
    if found.score:
        factors = f"{found.multiplier} x {found.gpus} GPUs x {found.seconds} s"
        lines += [
            f"  score {found.score} = {factors}, of {found.pool_score} "
            f"in the pool ({found.pool_nodes} node{'s' * (found.pool_nodes != 1)})",
        ]
    lines += [
        f"  pool: {format_amount(found.released)} handed out = {format_amount(found.share)} of the "
        f"hour + {format_amount(found.released - found.share)} of {format_amount(found.carry)} "
        "carried",
        f"  granted {format_amount(found.granted)}",
    ]
    if found.published != found.granted:
        lines.append(f"  but the file says {format_amount(found.published)}: check it")
    if found.costaker:
        share = f"{found.costake_share_bps / 100:g}%"
        lines.append(_paid(f"co-staker ({share})", found.costaker))
    return "\n".join([*lines, _paid("payee", found.payee)])


def _paid(who: str, paid: Any) -> str:
    return (
        f"  {who} {paid.wallet}: {format_amount(paid.part)}; "
        f"its leaf: {format_amount(paid.cumulative)} in all"
    )
