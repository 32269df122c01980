"""`iog job fetch`: the outputs of a job, or of all jobs of a gang."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from iog_client.cli import job_flow, job_gang, output, session
from iog_client.cli.options import JsonOption, MemberOption, OrchestratorOption, WalletOption
from iog_client.errors import NotFound, Refused, UsageError
from iog_client.jobspec import relative_path
from iog_client.requests import body_hash

app = typer.Typer(add_completion=False)

JobArgument = Annotated[str, typer.Argument(help="The job's address, or your job's number.")]


@app.command(epilog="Example: iog job fetch 3 --out results")
def fetch(
    job: JobArgument,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Default: ./job-NUMBER.")
    ] = None,
    member: MemberOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Download a job's outputs, each checked against its hash. Other files are left alone.

    Of a gang those of all members, each in a folder of its rank; with --member of that one alone.
    """
    result = output.run(_fetch(job, out, member, orchestrator, wallet))
    files = result["files"]
    lines = [f"{file['path']}  {file['size']} bytes" for file in files]
    lines.append(f"{len(files)} file{'s' * (len(files) > 1)} in {result['folder']}")
    output.emit(result, as_json, "\n".join(lines))


async def _fetch(
    job: str, out: Path | None, member: int | None, orchestrator: str | None, wallet: Path | None
) -> dict[str, Any]:
    async with session.opened(None, orchestrator, wallet) as here:
        name = await job_flow.find(here, job)
        view = await here.api.job(name)
        folder = out or Path(f"job-{view.number}")
        if len(view.members) < 2 or member is not None:
            name = await job_gang.pick(here, name, member)
            kept = await _fetch_one(here, name, folder)
            if not kept:
                raise NotFound(f"job {view.number} has no outputs ({view.state}, {view.reason})")
            return {"folder": str(folder), "files": kept}
        kept = []
        for one in view.members:
            for file in await _fetch_one(here, one.address, folder / str(one.rank)):
                kept.append({**file, "path": f"{one.rank}/{file['path']}"})
        if not kept:
            raise NotFound(f"no job of the gang has outputs ({view.state}, {view.reason})")
        return {"folder": str(folder), "files": kept}


async def _fetch_one(here: session.Session, name: str, folder: Path) -> list[dict[str, Any]]:
    files = await here.api.outputs(name)
    for file in files:
        try:
            target = folder / relative_path(file.path)
        except ValueError as error:
            raise Refused(f"the output `{file.path[:60]}` is {error}") from error
        if not _is_there(target, file.sha256):
            await here.api.get_blob(file.sha256, target)
    return [file.model_dump(mode="json") for file in files]


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
