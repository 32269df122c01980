"""What changes a job on chain: `iog job extend`, `release`, `dispute`, `resolve`, `settle`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import job_changes, jobs
from iog_client.amounts import format_amount, format_duration, parse_duration
from iog_client.cli import job_flow, job_text, output, session
from iog_client.cli.options import (
    JsonOption,
    RpcOption,
    SignerOption,
    WalletOption,
    YesOption,
)
from iog_client.errors import Refused, UsageError
from iog_client.job_models import JobView
from iog_client.reasons import EndReason
from iog_client.times import moment
from iog_client.transactions import Sent

app = typer.Typer(add_completion=False)

JobArgument = Annotated[str, typer.Argument(help="The job's address, or your job's number.")]

Change = Callable[[session.Session, Pubkey], Awaitable[Sent]]
"""What is done to a job."""


@app.command(epilog="Example: iog job extend 3 30m --yes")
def extend(
    job: JobArgument,
    time: Annotated[str, typer.Argument(metavar="TIME", help="How much more, like 30m.")],
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a job run longer: what it may cost more goes into its escrow.

    Its client signs, or a delegate of it: name the job by its address then.
    """
    seconds = parse_duration(time)
    result = output.run(_extend(job, seconds, yes or as_json, rpc, wallet))
    text = (
        f"the job may run {format_duration(result['max_seconds'])}; "
        f"{format_amount(result['added'])} more are in escrow, "
        f"{format_amount(result['funded'])} in all"
    )
    output.emit(result, as_json, output.signed(text, result))


async def _extend(
    job: str, seconds: int, sure: bool, rpc: str | None, wallet: Path | None
) -> dict[str, Any]:
    async with session.opened(rpc, wallet=wallet) as here:
        address = await address_of(here, job)
        before = await jobs.get(here.rpc, address)
        added = await job_changes.extra(here.rpc, before, seconds)
        more = format_duration(seconds)
        output.confirm(f"Put {format_amount(added)} into escrow for {more} more?", sure)
        async with output.progress("extending the job"):
            sent = await job_changes.extend(await here.sender(), here.wallet, address, seconds)
        after = await jobs.get(here.rpc, address)
        return {
            "job": str(address),
            "added": after.funded - before.funded,
            "funded": after.funded,
            "max_seconds": after.max_seconds,
            "deadline": after.deadline,
            "signature": str(sent.signature),
        }


@app.command(epilog="Example: iog job release JOB --signer node/device.json --reason node_stopped")
def release(
    job: JobArgument,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason",
            metavar="REASON",
            help="A device: node_failed, node_stopped, platform_failed; a matcher: node_lost.",
        ),
    ] = None,
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give up a run that goes on, so that the job is placed once more. Nothing is paid for it.

    Its node's device may, or its orchestrator once the node has been silent for ten minutes
    (scaled). The last run of a job is not given up: it finishes or expires.
    """
    why = None if reason is None else _reason(reason)
    output.confirm("Give up this run? Nothing is paid for it.", yes or as_json)

    async def change(here: session.Session, address: Pubkey) -> Sent:
        return await job_changes.release(await here.sender(), here.signer(signer), address, why)

    view, result = output.run(_change(job, change, rpc, wallet))
    _print(view, result, f"run {view.run} is given up; the job is {view.state}", as_json)


@app.command(epilog="Example: iog job dispute 3 --yes")
def dispute(
    job: JobArgument,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Object to how your job ended, within its window. The arbiter then decides.

    Without a decision within 14 days (scaled) the seconds proven are paid.
    """
    output.confirm("Dispute the end of this job?", yes or as_json)

    async def change(here: session.Session, address: Pubkey) -> Sent:
        return await job_changes.dispute(await here.sender(), here.wallet, address)

    view, result = output.run(_change(job, change, rpc, wallet))
    by = moment(view.deadline or 0, result["chain_time"])
    text = f"the job is {view.state} over {view.proven_seconds} s; the arbiter decides by {by}"
    _print(view, result, text, as_json)


@app.command(epilog="Example: iog job resolve JOB 120 --signer keys/arbiter.json --yes")
def resolve(
    job: JobArgument,
    seconds: Annotated[int, typer.Argument(min=0, help="How many seconds are to be paid.")],
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide a dispute: pay so many of the proven seconds. The arbiter signs, once."""
    output.confirm(f"Pay {seconds} s of the disputed job?", yes or as_json)

    async def change(here: session.Session, address: Pubkey) -> Sent:
        arbiter = here.signer(signer)
        return await job_changes.resolve(await here.sender(), arbiter, address, seconds)

    view, result = output.run(_change(job, change, rpc, wallet))
    _print(view, result, f"the job is {view.state}: {view.proven_seconds} s are paid", as_json)


@app.command(epilog="Example: iog job settle 3")
def settle(
    job: JobArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pay out a job that has ended: its client at once, anyone after its window.

    A disputed one anyone, once the arbiter has decided or the time for it has passed.
    """

    async def change(here: session.Session, address: Pubkey) -> Sent:
        return await jobs.settle(await here.sender(), address)

    view, result = output.run(_change(job, change, rpc, wallet))
    _print(view, result, "\n".join(job_text.money(view).values()), as_json)


async def _change(
    job: str, change: Change, rpc: str | None, wallet: Path | None
) -> tuple[JobView, dict[str, Any]]:
    """Changes a job; how it is then, and the signature."""
    async with session.opened(rpc, wallet=wallet) as here:
        address = await address_of(here, job)
        async with output.progress("sending"):
            sent = await change(here, address)
        view = await job_flow.from_chain(here, str(address))
        now = await here.rpc.chain_time()
        return view, {"signature": str(sent.signature), "chain_time": now}


def _print(view: JobView, result: dict[str, Any], text: str, as_json: bool) -> None:
    shown = {**job_text.plain(view), "signature": result["signature"]}
    output.emit(shown, as_json, output.signed(text, result))


async def address_of(here: session.Session, job: str) -> Pubkey:
    """The address of a job on chain. Raises `Refused` for one that was never opened."""
    name = await job_flow.find(here, job)
    if name.startswith("refused-"):
        raise Refused("the job was refused: it is not on chain")
    return Pubkey.from_string(name)


def _reason(text: str) -> EndReason:
    try:
        return EndReason.from_label(text)
    except KeyError:
        raise UsageError(f"`{text[:60]}` is no reason; one is node_stopped") from None
