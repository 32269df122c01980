"""`iog gang`: jobs that start together or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, gangs
from iog_client._generated.iog_jobs.accounts import Gang
from iog_client.amounts import parse_duration
from iog_client.cli import output, session
from iog_client.cli.delegate import matcher_of
from iog_client.cli.options import JsonOption, OrchestratorOption, RpcOption, WalletOption
from iog_client.times import moment

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Start several jobs together or not at all.",
    epilog="Example: iog gang open --members 4 && iog job submit job.yaml --gang 0",
)


@app.command("open", epilog="Example: iog gang open --members 4 --wait 10m")
def open_gang(
    members: Annotated[int, typer.Option("--members", min=2, max=64, help="How many jobs.")],
    wait: Annotated[
        str, typer.Option("--wait", metavar="TIME", help="How long they have to start together.")
    ] = "10m",
    matcher: Annotated[
        str | None,
        typer.Option("--matcher", metavar="ADDRESS", help="Who places; default: the orchestrator."),
    ] = None,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a gang: then submit its jobs with `iog job submit --gang NUMBER`.

    None of them runs before all have a node. If that does not come about in time, each can be
    expired by anyone and everything comes back. For jobs that are all alike, `resources.nodes` in
    the job file does both at once.
    """
    seconds = parse_duration(wait)
    named = addresses.parse(matcher) if matcher else None
    result = output.run(_open(members, seconds, named, rpc, orchestrator, wallet))
    number = result["number"]
    text = f"gang {number} of {members} jobs is open: iog job submit FILE --gang {number}"
    output.emit(result, as_json, output.signed(text, result))


async def _open(
    members: int,
    wait: int,
    matcher: Pubkey | None,
    rpc: str | None,
    orchestrator: str | None,
    wallet: Path | None,
) -> dict[str, Any]:
    async with session.opened(rpc, orchestrator, wallet) as here:
        placed = matcher or await matcher_of(here)
        sender = await here.sender()
        with output.if_interrupted("the gang is perhaps open; `iog gang show` lists your gangs"):
            number, sent = await gangs.open_gang(sender, here.wallet, members, wait, placed)
        gang = await gangs.get(here.rpc, here.key, number)
        shown = _described(gang, await here.rpc.chain_time())
        return {**shown, "signature": str(sent.signature)}


@app.command(epilog="Example: iog gang show 0")
def show(
    number: Annotated[
        int | None, typer.Argument(min=0, help="Your gang's number; default: all of them.")
    ] = None,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show your gangs: how many of their jobs are opened, how many have a node."""

    async def go() -> tuple[list[Gang], int]:
        async with session.opened(rpc, wallet=wallet) as here:
            now = await here.rpc.chain_time()
            if number is None:
                return await gangs.search(here.rpc, here.key), now
            return [await gangs.get(here.rpc, here.key, number)], now

    found, now = output.run(go())
    rows = [_described(one, now) for one in found]
    if as_json:
        output.emit(rows, True)
    elif rows:
        for row in rows:
            row["deadline"] = moment(row["deadline"], now)
            row["started_at"] = moment(row["started_at"], now) if row["started_at"] else None
        output.emit(rows, False)
    else:
        output.note("your wallet has opened no gang")


def _described(gang: Gang, now: int) -> dict[str, Any]:
    return {
        "number": gang.number,
        "address": str(addresses.gang(gang.client, gang.number)),
        "state": gangs.state(gang, now),
        "members": gang.members,
        "opened": gang.opened,
        "joined": gang.joined,
        "deadline": gang.deadline,
        "started_at": gang.started_at or None,
    }
