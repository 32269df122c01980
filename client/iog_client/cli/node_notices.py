"""`iog node drain` and `iog node maintenance`: say before that a node will not be there."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from iog_client import amounts
from iog_client.cli import node_mine, output, session
from iog_client.cli.options import JsonOption, OrchestratorOption, WalletOption
from iog_client.errors import UsageError
from iog_client.node_models import MAX_AHEAD, NoticeRequest

app = typer.Typer(add_completion=False)

NodeOption = Annotated[
    str | None,
    typer.Argument(metavar="[NODE]", help="Its device key; default: your wallet's only node."),
]
ReasonOption = Annotated[
    str, typer.Option(metavar="TEXT", help="What clients read, at most 200 letters.")
]
CancelOption = Annotated[
    bool, typer.Option("--cancel", help="Take back what was announced.", show_default=False)
]
MAX_REASON = 200


@app.command(epilog="Example: iog node drain --by 2h --reason 'new driver'")
def drain(
    node: NodeOption = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="End the runs it still holds then; default: let them."),
    ] = None,
    reason: ReasonOption = "",
    cancel: CancelOption = False,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a node no new jobs, from now until `--cancel`. Its hours are paid as before.

    What still runs at --by ends as node_stopped: it is not paid, and goes to another node.
    """
    if cancel:
        _cancel(node, orchestrator, wallet, as_json)
        return
    request = _request("drain", None if by is None else seconds(by, time.time()), None, reason)
    _announce(node, request, orchestrator, wallet, as_json)


@app.command(epilog="Example: iog node maintenance --from 2h --to 4h --reason 'more memory'")
def maintenance(
    node: NodeOption = None,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="When the node goes away.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="When it is there again.")
    ] = None,
    reason: ReasonOption = "",
    cancel: CancelOption = False,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Announce that a node is away for a while: TIME is `2h` from now, or `2026-12-06T10:00Z`.

    Until then it gets no job that would last longer; what still runs at --from ends as
    node_stopped.
    """
    if cancel:
        _cancel(node, orchestrator, wallet, as_json)
        return
    if begin is None or end is None:
        raise UsageError("maintenance needs --from and --to, or --cancel")
    now = time.time()
    begins, ends = seconds(begin, now), seconds(end, now)
    if ends <= begins:
        raise UsageError(f"--to {end} is not after --from {begin}")
    request = _request("maintenance", begins, ends, reason)
    _announce(node, request, orchestrator, wallet, as_json)


def seconds(text: str, now: float) -> int:
    """`2h`, or a date and time with its zone, to seconds from `now` (unix). Raises
    `UsageError`."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        found = amounts.parse_duration(text)
    else:
        if at.tzinfo is None:
            raise UsageError(f"`{text}` names no zone; `{text}Z` would be UTC")
        found = int(at.astimezone(UTC).timestamp() - now)
        if found < 0:
            raise UsageError(f"`{text}` is over")
    if found > MAX_AHEAD:
        raise UsageError(f"`{text}` is more than {MAX_AHEAD // 86_400} days ahead")
    return found


def _request(
    kind: Literal["drain", "maintenance"], begins: int | None, ends: int | None, reason: str
) -> NoticeRequest:
    if len(reason) > MAX_REASON or not reason.isprintable():
        raise UsageError(f"--reason is one line of at most {MAX_REASON} letters")
    return NoticeRequest(kind=kind, begins_in=begins, ends_in=ends, reason=reason)


def _announce(
    node: str | None,
    request: NoticeRequest,
    orchestrator: str | None,
    wallet: Path | None,
    as_json: bool,
) -> None:
    async def announced() -> tuple[str, Any]:
        async with session.opened(None, orchestrator, wallet) as here:
            device = await node_mine.one(here, node)
            return device, await here.api.announce(device, request)

    device, notice = output.run(announced())
    result = {"device": device, **notice.model_dump(mode="json")}
    output.emit(result, as_json, f"{device}: {notice.text}")


def _cancel(node: str | None, orchestrator: str | None, wallet: Path | None, as_json: bool) -> None:
    async def cancelled() -> str:
        async with session.opened(None, orchestrator, wallet) as here:
            device = await node_mine.one(here, node)
            await here.api.withdraw_notice(device)
            return device

    device = output.run(cancelled())
    output.emit({"device": device, "notice": None}, as_json, f"{device}: nothing is announced")
