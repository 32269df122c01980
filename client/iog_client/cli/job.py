"""`iog job`: run work on rented GPUs; what changes a job on chain is in
`iog_client.cli.job_changes`."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, jobs, nodes
from iog_client.amounts import parse_duration
from iog_client.cli import (
    job_changes,
    job_fetch,
    job_flow,
    job_gang,
    job_text,
    job_why,
    output,
    session,
)
from iog_client.cli.options import (
    JsonOption,
    MemberOption,
    OrchestratorOption,
    RpcOption,
    WalletOption,
)
from iog_client.errors import IogError, Refused, Unreachable
from iog_client.following import Patience
from iog_client.job_models import JobView, PlanResult

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Run work on rented GPUs.",
    epilog="Example: iog job plan job.yaml && iog job submit job.yaml --wait",
)

FileArgument = Annotated[Path, typer.Argument(help="The job file, YAML.")]
JobArgument = Annotated[str, typer.Argument(help="The job's address, or your job's number.")]


@app.command(epilog="Example: iog job plan examples/digits.yaml")
def plan(
    file: FileArgument,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a job would cost, who would take it and why others would not. Moves no money."""
    prepared = job_flow.Prepared.load(file)
    found = output.run(_plan(prepared, rpc, orchestrator, wallet))
    output.emit(found, as_json, None if as_json else job_text.plan_text(found))
    if not found.fits:
        raise typer.Exit(1)


async def _plan(
    job: job_flow.Prepared, rpc: str | None, orchestrator: str | None, wallet: Path | None
) -> PlanResult:
    async with session.opened(rpc, orchestrator, wallet) as here:
        return await job_flow.plan(here, job)


@app.command(epilog="Example: iog job submit examples/digits.yaml --wait --yes")
def submit(
    file: FileArgument,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show states and logs until the job is over.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before paying.")] = False,
    window: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How long after the end you alone settle, like 1h."),
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option("--for", metavar="WALLET", help="Whose job; yours is its delegate."),
    ] = None,
    gang: Annotated[
        int | None,
        typer.Option(
            "--gang",
            metavar="NUMBER",
            min=0,
            help="Open it as a member of a gang of yours (`iog gang open`).",
        ),
    ] = None,
    queue: Annotated[
        bool, typer.Option("--queue", help="Also if no node fits now: the job then waits for one.")
    ] = False,
    within: Annotated[
        str | None,
        typer.Option(
            "--place-within", metavar="TIME", help="How long it may wait for nodes, like 1h."
        ),
    ] = None,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a job: its most possible cost goes into escrow, what is not used comes back.

    If no node fits, nothing is paid and the exit code is 1. With --wait the exit code is 0 only if
    the job completed; Ctrl-C leaves it running. With --for the IO is that wallet's, which has made
    yours a delegate (`iog delegate`); yours pays fee and rent in SOL.

    With resources.nodes above 1 so many jobs are opened as a gang: all of them start together, or
    none does and everything comes back.
    """
    seconds = None if window is None else 0 if window in ("0", "0s") else parse_duration(window)
    prepared = job_flow.Prepared.load(file)

    def confirm(found: PlanResult) -> None:
        if not as_json:
            output.note(job_text.quote_line(found.quote))
        output.confirm("Open this job?", yes or as_json)

    how = job_flow.Opening(
        seconds,
        addresses.parse(owner) if owner else None,
        gang,
        within=parse_duration(within) if within else None,
        queue=queue,
    )
    view = output.run(_submit(prepared, confirm, wait, how, rpc, orchestrator, wallet, as_json))
    _print_submitted(view, wait, owner is not None, as_json)


def _print_submitted(view: JobView, wait: bool, by_delegate: bool, as_json: bool) -> None:
    if not wait:
        shown = f"job {view.number} is open: {view.address}"
        name = view.address if by_delegate else view.number
        if len(view.members) > 1 and view.members[0].number == view.number:
            shown = f"a gang of {len(view.members)} jobs is open, {view.number} to "
            shown += f"{view.members[-1].number}: {view.gang}"
            output.emit(job_text.plain(view), as_json, f"{shown}\nfollow it: iog job show {name}")
            return
        output.emit(job_text.plain(view), as_json, f"{shown}\nfollow it: iog job logs {name} -f")
        return
    text = "\n".join([job_text.ended_line(view), *job_text.money(view).values()])
    reasons = {view.reason}
    if len(view.members) > 1:
        text, reasons = job_text.gang_ended(view), {one.reason for one in view.members}
    output.emit(job_text.plain(view), as_json, text)
    if reasons != {"completed"}:
        raise typer.Exit(1)


async def _submit(
    job: job_flow.Prepared,
    confirm: Any,
    wait: bool,
    how: job_flow.Opening,
    rpc: str | None,
    orchestrator: str | None,
    wallet: Path | None,
    as_json: bool,
) -> JobView:
    async with session.opened(rpc, orchestrator, wallet) as here:
        view, window = await job_flow.submit(here, job, confirm, how)
        number = view.number
        if job.spec.resources.nodes > 1:
            with output.if_interrupted(
                f"the gang of job {number} goes on; `iog job show {number}` shows it, "
                f"`iog job cancel {number}` ends it"
            ):
                if wait:
                    return await job_gang.until_over(here, view.id)
                # the orchestrator may not have seen all of them yet
                members = await job_gang.on_chain(here, Pubkey.from_string(view.id))
                return view.model_copy(update={"members": members})
        if not wait:
            return view
        output.note(f"job {number} is open: {view.address}")
        # With --json stdout is for the result alone.
        stream = sys.stderr.buffer if as_json else sys.stdout.buffer
        name = view.address if how.wallet else number
        with output.if_interrupted(
            f"job {number} goes on; `iog job logs {name} -f` shows its output, "
            f"`iog job cancel {name}` ends it"
        ):
            return await job_flow.follow(
                here, view.id, lambda data: _write(stream, data), settled=window == 0
            )


def _write(stream: Any, data: bytes) -> None:
    stream.write(data)
    stream.flush()


@app.command("list", epilog="Example: iog job list")
def list_jobs(
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """List your jobs, the newest first; from the chain while the orchestrator is away."""
    found = output.run(_list(rpc, orchestrator, wallet))
    if as_json or found:
        shown = [job_text.plain(one) for one in found] if as_json else job_text.rows(found)
        output.emit(shown, as_json)
    else:
        output.note("you have no jobs")


async def _list(rpc: str | None, orchestrator: str | None, wallet: Path | None) -> list[JobView]:
    async with session.opened(rpc, orchestrator, wallet) as here:
        try:
            return await here.api.jobs(str(here.key))
        except Unreachable as error:
            output.note(f"{error.message}; so this is what the chain knows")
            found = await jobs.search(here.rpc, here.key)
            slugs = {key: nodes.slug(one) for key, one in (await nodes.classes(here.rpc)).items()}
            return [
                jobs.view(record, address, gpu_class=slugs.get(record.class_))
                for address, record in found
            ]


@app.command(epilog="Example: iog job show 3")
def show(
    job: JobArgument,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one job: state, node, seconds, money, outputs."""
    view = output.run(_show(job, rpc, orchestrator, wallet))
    output.emit(job_text.plain(view) if as_json else job_text.details(view), as_json)


async def _show(
    job: str, rpc: str | None, orchestrator: str | None, wallet: Path | None
) -> JobView:
    async with session.opened(rpc, orchestrator, wallet) as here:
        return await job_flow.look(here, await job_flow.find(here, job))


@app.command(epilog="Example: iog job logs 3 -f")
def logs(
    job: JobArgument,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the job has ended.")
    ] = False,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many bytes.")] = 0,
    member: MemberOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
) -> None:
    """Print what a job has written, on stdout and byte for byte."""
    output.run(_logs(job, follow, offset, member, orchestrator, wallet))


async def _logs(
    job: str,
    follow: bool,
    offset: int,
    member: int | None,
    orchestrator: str | None,
    wallet: Path | None,
) -> None:
    async with session.opened(None, orchestrator, wallet) as here:
        name = await job_gang.pick(here, await job_flow.find(here, job), member)
        if follow:
            async for data in here.api.follow_logs(name, offset, Patience(job_flow.waiting)):
                _write(sys.stdout.buffer, data)
            return
        ended = False
        while not ended:
            data, offset, ended = await here.api.logs(name, offset)
            if not data:
                return
            _write(sys.stdout.buffer, data)


@app.command(epilog="Example: iog job cancel 3")
def cancel(
    job: JobArgument,
    member: MemberOption = None,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a job now. Unstarted, all of its escrow comes back; running, less its proven seconds.

    A running one is settled by its orchestrator once the node's last statement is in. Where that is
    away, cancel it again after the time that is told: you then settle it yourself.
    Of a gang all jobs are cancelled; with --member that one alone, without which the others can no
    longer start.
    """
    view = output.run(_cancel(job, member, rpc, orchestrator, wallet))
    text = "\n".join([job_text.ended_line(view), *job_text.money(view).values()])
    if len(view.members) > 1 and member is None:
        text = job_text.gang_ended(view)
    output.emit(job_text.plain(view), as_json, text)


async def _cancel(
    job: str, member: int | None, rpc: str | None, orchestrator: str | None, wallet: Path | None
) -> JobView:
    async with session.opened(rpc, orchestrator, wallet) as here:
        name = await job_flow.find(here, job)
        if name.startswith("refused-"):
            raise Refused("the job was refused: there is nothing to cancel")
        if member is None and len(found := await job_gang.members(here, name)) > 1:
            async with output.progress("cancelling"):
                ended = await job_gang.cancel(here, found)
            view = await job_flow.whole(here, await job_flow.from_chain(here, name))
            return view.model_copy(update={"members": ended})
        name = await job_gang.pick(here, name, member)
        address = Pubkey.from_string(name)
        await jobs.cancellable(here.rpc, here.key, address)
        there = True
        try:
            # So that the node stops and its last statement is posted; the chain decides alone.
            await here.api.cancel(name)
        except IogError as error:
            there = False
            output.note(f"cancelling on chain alone ({error.message})")
        async with output.progress("cancelling"):
            await jobs.cancel(await here.sender(), here.wallet, address)
        if not there:
            return await job_flow.refunded(here, name, 0)
        with suppress(IogError):
            # else it is seen at the orchestrator's next look, a moment later
            await here.api.notify(name)
        view = await job_flow.refunded(here, name, job_flow.REFUND_POLLS)
        return await job_flow.whole(here, view)


@app.command(epilog="Example: iog job expire JOB")
def expire(
    job: JobArgument,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """End and settle a job that is past its deadline. Anyone may; no orchestrator is needed."""
    view = output.run(_expire(job, rpc, wallet))
    output.emit(
        job_text.plain(view),
        as_json,
        "\n".join([job_text.ended_line(view), *job_text.money(view).values()]),
    )


async def _expire(job: str, rpc: str | None, wallet: Path | None) -> JobView:
    async with session.opened(rpc, None, wallet) as here:
        name = await job_flow.find(here, job)
        if name.startswith("refused-"):
            raise Refused("the job was refused: it is not on chain")
        async with output.progress("ending the job"):
            await jobs.expire(await here.sender(), Pubkey.from_string(name))
        return await job_flow.from_chain(here, name)


app.registered_commands.extend(job_fetch.app.registered_commands)
app.registered_commands.extend(job_why.app.registered_commands)
app.registered_commands.extend(job_changes.app.registered_commands)
