"""`iog node proof`: how GPU proofs ended, and another look at one that failed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from iog_client.api import OrchestratorApi
from iog_client.cli import options, output
from iog_client.cli.options import JsonOption, NodeArgument, OrchestratorOption
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.gpuproof.evidence import MAX_BYTES, Evidence
from iog_client.node_models import NodeProofs
from iog_client.times import date

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="See how GPU proofs ended, and check one that failed.",
    epilog="Example: iog node proof show DEVICE --save failure.json",
)


@app.command(epilog="Example: iog node proof show DEVICE")
def show(
    node: NodeArgument,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the evidence of the newest failure there."),
    ] = None,
    orchestrator: OrchestratorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a node's GPU proofs ended, newest first."""
    device = str(options.device(node))
    found, document = output.run(_show(device, save is not None, orchestrator))
    if save is not None and document is not None:
        _write(save, document)
    if as_json:
        output.emit(found.model_dump(mode="json"), True)
        return
    output.note(_summary(found))
    if found.proofs:
        output.emit([_row(one) for one in found.model_dump(mode="json")["proofs"]], False)


async def _show(
    device: str, evidence: bool, orchestrator: str | None
) -> tuple[NodeProofs, bytes | None]:
    url = options.settings(orchestrator=orchestrator).orchestrator_url
    async with OrchestratorApi(url) as api:
        found = await api.proofs(device)
        if not evidence:
            return found, None
        sha256 = next((one.evidence for one in found.proofs if one.evidence), None)
        if sha256 is None:
            raise NotFound(f"no failed GPU proof of {device} is on record")
        return found, await api.proof_evidence(sha256)


def _summary(found: NodeProofs) -> str:
    if not found.max_age:
        return "this network asks for no GPU proofs"
    return (
        f"a passed proof counts for {found.max_age} s; in that time proofs took {found.spent:g} s "
        f"of {found.budget:g} s allowed{'; one is under way' if found.proving else ''}"
    )


def _row(proof: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": date(proof["at"]),
        "result": proof["code"],
        "gpus": proof["gpus"],
        "seconds": f"{proof['seconds']:g}",
        "found": proof["detail"],
        "evidence": proof["evidence"] or "",
    }


@app.command(epilog="Example: iog node proof verify failure.json")
def verify(
    file: Annotated[Path, typer.Argument(help="What `iog node proof show --save` wrote.")],
    as_json: JsonOption = False,
) -> None:
    """Judge a failed GPU proof again, by its file alone; exit 1 if it did not fail as it says.

    Nothing is asked over the network. What only the orchestrator saw, such as an answer that never
    came, is named and cannot be judged.
    """
    evidence = Evidence.parse(_read(file))
    try:
        found = evidence.judged()
    except ImportError:
        raise UsageError("NumPy is missing; `pip install 'iog[worker]'` adds it") from None
    if found is not None and found.code != evidence.code:
        raise Refused(
            f"{file} says {evidence.code}, and its frames say {found.code}: {found.detail}"
        )
    result = {
        "sha256": evidence.sha256,
        "device": evidence.device,
        "gpu": evidence.challenge.gpu,
        "simulated": evidence.challenge.simulated,
        "at": evidence.at,
        "code": evidence.code,
        "detail": evidence.detail,
        "judged": found is not None,
    }
    text = f"{evidence.code}: {evidence.detail}\n"
    if found is None:
        text += "seen by the orchestrator alone: the frames cannot show it"
    else:
        text += f"found again in the frames that {evidence.device} signed"
    output.emit(result, as_json, text)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is longer than {MAX_BYTES} bytes")
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist") from None
    except OSError as error:
        raise NotAllowed(f"{path} cannot be read: {error.strerror}") from None


def _write(path: Path, document: bytes) -> None:
    try:
        path.write_bytes(document)
    except OSError as error:
        raise NotAllowed(f"{path} cannot be written: {error.strerror}") from None
