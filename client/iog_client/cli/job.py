"""`iog job`: run work on rented GPUs; what changes a job on chain is in
`iog_client.cli.job_changes`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, jobs
from iog_client.amounts import parse_duration
from iog_client.api_models import JobView, PlanResult
from iog_client.cli import job_changes, job_flow, job_text, output, session
from iog_client.cli.options import JsonOption, OrchestratorOption, RpcOption, WalletOption
from iog_client.errors import IogError, NotFound, Refused, Unreachable, UsageError
from iog_client.jobspec import relative_path
from iog_client.requests import body_hash

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
            help="A gang of yours; no orchestrator places one yet.",
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
    """
    seconds = None if window is None else 0 if window in ("0", "0s") else parse_duration(window)
    prepared = job_flow.Prepared.load(file)
    ask = not (yes or as_json) and sys.stdin.isatty()

    def confirm(found: PlanResult) -> None:
        if not as_json:
            output.note(job_text.quote_line(found.quote))
        if ask:
            typer.confirm("Open this job?", abort=True, err=True)

    how = job_flow.Opening(seconds, addresses.parse(owner) if owner else None, gang)
    view = output.run(_submit(prepared, confirm, wait, how, rpc, orchestrator, wallet, as_json))
    _print_submitted(view, wait, owner is not None, as_json)


def _print_submitted(view: JobView, wait: bool, by_delegate: bool, as_json: bool) -> None:
    if not wait:
        shown = f"job {view.number} is open: {view.address}"
        name = view.address if by_delegate else view.number
        output.emit(view, as_json, f"{shown}\nfollow it: iog job logs {name} -f")
        return
    text = "\n".join([job_text.ended_line(view), *job_text.money(view).values()])
    output.emit(view, as_json, text)
    if view.reason != "completed":
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
        if not wait:
            return view
        output.note(f"job {view.number} is open: {view.address}")
        # With --json stdout is for the result alone.
        stream = sys.stderr.buffer if as_json else sys.stdout.buffer
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
        output.emit(found if as_json else [job_text.row(each) for each in found], as_json)
    else:
        output.note("you have no jobs")


async def _list(rpc: str | None, orchestrator: str | None, wallet: Path | None) -> list[JobView]:
    async with session.opened(rpc, orchestrator, wallet) as here:
        try:
            return await here.api.jobs(str(here.key))
        except Unreachable as error:
            output.note(f"{error.message}; so this is what the chain knows")
            found = await jobs.search(here.rpc, here.key)
            return [jobs.view(record, address) for address, record in found]


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
    output.emit(view if as_json else job_text.details(view), as_json)


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
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
) -> None:
    """Print what a job has written, on stdout and byte for byte."""
    output.run(_logs(job, follow, offset, orchestrator, wallet))


async def _logs(
    job: str, follow: bool, offset: int, orchestrator: str | None, wallet: Path | None
) -> None:
    async with session.opened(None, orchestrator, wallet) as here:
        name = await job_flow.find(here, job)
        if follow:
            async for data in here.api.follow_logs(name, offset):
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
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a job now. Unstarted, all of its escrow comes back; running, less its proven seconds.

    A running one is settled by its orchestrator once the node's last statement is in. Where that is
    away, cancel it again after the time that is told: you then settle it yourself.
    """
    view = output.run(_cancel(job, rpc, orchestrator, wallet))
    output.emit(
        view, as_json, "\n".join([job_text.ended_line(view), *job_text.money(view).values()])
    )


async def _cancel(
    job: str, rpc: str | None, orchestrator: str | None, wallet: Path | None
) -> JobView:
    async with session.opened(rpc, orchestrator, wallet) as here:
        name = await job_flow.find(here, job)
        if name.startswith("refused-"):
            raise Refused("the job was refused: there is nothing to cancel")
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
        return await job_flow.refunded(here, name, job_flow.REFUND_POLLS if there else 0)


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
        view, as_json, "\n".join([job_text.ended_line(view), *job_text.money(view).values()])
    )


async def _expire(job: str, rpc: str | None, wallet: Path | None) -> JobView:
    async with session.opened(rpc, None, wallet) as here:
        name = await job_flow.find(here, job)
        if name.startswith("refused-"):
            raise Refused("the job was refused: it is not on chain")
        async with output.progress("ending the job"):
            await jobs.expire(await here.sender(), Pubkey.from_string(name))
        return await job_flow.from_chain(here, name)


@app.command(epilog="Example: iog job fetch 3 --out results")
def fetch(
    job: JobArgument,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Default: ./job-NUMBER.")
    ] = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Download a job's outputs, each checked against its hash. Other files are left alone."""
    result = output.run(_fetch(job, out, orchestrator, wallet))
    output.emit(
        result,
        as_json,
        "\n".join(f"{file['path']}  {file['size']} bytes" for file in result["files"])
        + f"\n{len(result['files'])} files in {result['folder']}",
    )


async def _fetch(
    job: str, out: Path | None, orchestrator: str | None, wallet: Path | None
) -> dict[str, Any]:
    async with session.opened(None, orchestrator, wallet) as here:
        name = await job_flow.find(here, job)
        view = await here.api.job(name)
        files = await here.api.outputs(name)
        if not files:
            raise NotFound(f"job {view.number} has no outputs ({view.state}, {view.reason})")
        folder = out or Path(f"job-{view.number}")
        for file in files:
            try:
                target = folder / relative_path(file.path)
            except ValueError as error:
                raise Refused(f"the output `{file.path[:60]}` is {error}") from error
            if _is_there(target, file.sha256):
                continue
            await here.api.get_blob(file.sha256, target)
        kept = [file.model_dump(mode="json") for file in files]
        return {"folder": str(folder), "files": kept}


def _is_there(target: Path, sha256: str) -> bool:
    """Whether the file lies there already; its folder is made where it is missing.

    Raises:
        Refused: another file lies there.
        UsageError: the folder cannot be made.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{target.parent} cannot be made: {error.strerror}") from error
    if not target.exists():
        return False
    if target.is_file() and body_hash(target.read_bytes()) == sha256:
        return True
    raise Refused(f"{target} exists and is something else; --out names another folder")


app.registered_commands.extend(job_changes.app.registered_commands)
