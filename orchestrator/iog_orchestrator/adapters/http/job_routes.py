"""Routes about jobs: submission, news from the client, state, output."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from iog_client.api_models import LOG_END_HEADER, LOG_OFFSET_HEADER
from iog_client.job_models import JobAccepted, JobList, JobSubmission, JobView, Outputs, WhyView
from iog_client.protocol import Key
from iog_client.reasons import EndReason
from iog_orchestrator.adapters.http import plans, views
from iog_orchestrator.adapters.http.access import CoreOf, Signer, SignerIfAny, limited
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.core.intake import Submission
from iog_orchestrator.domain.errors import Forbidden, Unknown
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, JobRow, Listed, Run

LOG_BYTES = 1 << 20
MAX_WAIT = 10
PAGE = 50
MAX_PAGE = 200
routes = APIRouter(prefix="/v1/jobs", dependencies=[Depends(limited)])


@routes.post("")
async def submit(core: CoreOf, signer: Signer, body: JobSubmission) -> JobAccepted:
    """Acknowledge a job before it is opened on chain; or put a refused one on record."""
    client = body.wallet or signer
    number = body.number if body.fits else None
    if body.fits and number is None:
        raise Forbidden("a job that is to be opened needs its number")
    request, plan = await core.intake.submit(
        Submission(
            client,
            number,
            body.spec,
            tuple(body.inputs),
            delegate=None if client == signer else signer,
        )
    )
    return JobAccepted(
        id=request.address,
        address=None if number is None else request.address,
        matcher=core.context.ports.signer.address,
        spec_hash=request.spec_hash,
        plan=plans.plan(core, plan),
    )


@routes.get("")
async def jobs(
    core: CoreOf,
    caller: SignerIfAny,
    client: Annotated[Key | None, Query()] = None,
    before: Annotated[str | None, Query(max_length=44)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = PAGE,
) -> JobList:
    """Jobs of a client, newest first; refused ones only to itself.

    `before` is the id of the last job of the page before.
    """
    found = await core.context.ports.store.page(
        client, refused=caller is not None and caller == client, before=before, limit=limit
    )
    return JobList(jobs=[await _listed(core, one, caller) for one in found])


@routes.get("/{job}")
async def job(core: CoreOf, caller: SignerIfAny, job: str) -> JobView:
    """One job; its name, outputs and metrics only to its client."""
    request = await core.context.ports.store.request(job)
    if request is not None and request.refused is not None:
        if caller != request.client:
            raise Forbidden("only its client sees a refused job")
        return views.refused_job(request)
    return await _view(core, await _row(core, job), caller)


@routes.get("/{job}/why")
async def why(core: CoreOf, caller: Signer, job: Key) -> WhyView:
    """Why a job waits, and what would place it; or why it is on the node where it is."""
    return await plans.why(core, (await _private(core, caller, job)).job)


@routes.post("/{job}/notify", status_code=204)
async def notify(core: CoreOf, caller: Signer, job: Key) -> None:
    """The job was opened, or changed, on chain."""
    await core.intake.notify(job)


@routes.post("/{job}/cancel", status_code=204)
async def cancel(core: CoreOf, caller: Signer, job: Key) -> None:
    """Before the client cancels on chain: prove what was done so far, so that it is paid."""
    row = await _own(core, caller, job)
    await core.cancelling(row.job)


@routes.get("/{job}/outputs")
async def outputs(core: CoreOf, caller: Signer, job: Key) -> Outputs:
    """What the job has put out; each is a blob under its hash."""
    row = await _private(core, caller, job)
    return Outputs(outputs=views.outputs(await _run(core, row)))


@routes.get("/{job}/logs")
async def logs(
    core: CoreOf,
    caller: Signer,
    job: Key,
    offset: Annotated[int, Query(ge=0, lt=1 << 62)] = 0,
    wait: Annotated[int, Query(ge=0, le=MAX_WAIT)] = 0,
) -> Response:
    """Bytes of the job's output from an offset; held up to `wait` seconds until there are some."""
    end = asyncio.get_running_loop().time() + wait
    while True:
        data, over = await _log(core, await _private(core, caller, job), offset)
        left = end - asyncio.get_running_loop().time()
        if data or over or left <= 0:
            break
        await core.context.changed.wait(left)
    headers = {LOG_OFFSET_HEADER: str(offset)}
    if over:
        headers[LOG_END_HEADER] = "1"
    return Response(data, media_type="application/octet-stream", headers=headers)


async def _log(core: Core, row: JobRow, offset: int) -> tuple[bytes, bool]:
    """Bytes from an offset, and whether there will be none after them."""
    # whether it has ended before the bytes: what comes in between is then not missed
    run = await _run(core, row)
    ended = row.job.state.has_ended or (run is not None and _is_last(row.job, run))
    data, before = b"", 0
    # one log a job: what runs that were given up have put out stays before what follows them
    for number in range(1, row.job.run + 1):
        length = await core.context.ports.logs.length(row.job.address, number)
        if not data and offset < before + length:
            at = offset - before
            data = await core.context.ports.logs.read(row.job.address, number, at, LOG_BYTES)
        before += length
    return data, ended and offset + len(data) >= before


def _is_last(job: ChainJob, run: Run) -> bool:
    """Whether a run has ended, and not so that another one may follow."""
    if run.end is None:
        return False
    return EndReason.from_label(run.end.reason).pays or job.run >= job.max_runs


async def _row(core: Core, address: str) -> JobRow:
    row = await core.context.ports.store.job(address)
    if row is None:
        raise Unknown(f"there is no job {address[:50]} here")
    return row


async def _own(core: Core, caller: str, address: str) -> JobRow:
    row = await _private(core, caller, address)
    if row.job.client != caller:
        raise Forbidden("only the job's client may do that")
    return row


async def _private(core: Core, caller: str, address: str) -> JobRow:
    """A job for its client, or the delegate of it that opened the job."""
    row = await core.context.ports.store.job(address)
    if row is None:
        # acknowledged, and not seen on chain yet: its client may look already
        if await core.sync.job(address) is None:
            raise Unknown(f"there is no job {address} on chain that names this orchestrator")
        row = await _row(core, address)
    if caller not in (row.job.client, row.job.payer):
        raise Forbidden("only the job's client may do that")
    return row


async def _run(core: Core, row: JobRow) -> Run | None:
    return await core.context.ports.store.run(row.job.address, row.job.run)


async def _view(core: Core, row: JobRow, caller: str | None) -> JobView:
    store = core.context.ports.store
    request, runs = await store.request(row.job.address), await store.runs(row.job.address)
    view = await _listed(core, Listed(row, request, await _run(core, row)), caller)
    members = await store.members(row.job.gang) if row.job.gang != NONE_KEY else []
    return view.model_copy(
        update={
            "runs": [views.run(one) for one in runs],
            "members": [views.member(rank, one.job) for rank, one in enumerate(members)],
        }
    )


async def _listed(core: Core, found: Listed, caller: str | None) -> JobView:
    if found.row is None:
        if found.request is None:
            raise Unknown
        return views.refused_job(found.request)
    job = found.row.job
    private = caller is not None and caller in (job.client, job.payer)
    length = await _log_bytes(core, job) if private else 0
    shown = views.Shown(found.row, found.request, found.run, length, private)
    return await views.job(core, shown)


async def _log_bytes(core: Core, job: ChainJob) -> int:
    logs = core.context.ports.logs
    return sum([await logs.length(job.address, number) for number in range(1, job.run + 1)])
