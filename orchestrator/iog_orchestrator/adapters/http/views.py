"""The core's values as the API's answers; those about nodes are in `node_views`."""

from dataclasses import dataclass
from typing import Any

from iog_client import job_models as api
from iog_client.api_models import HourView
from iog_client.protocol import OutputFile
from iog_client.reasons import EndReason
from iog_orchestrator.adapters.http import node_views
from iog_orchestrator.adapters.http.plans import notice, rejected, waiting
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, JobRequest, JobRow, JobState, Run
from iog_orchestrator.domain.network import Distributor, HourReport


def refused_job(request: JobRequest) -> api.JobView:
    """A job that was never opened, because nothing fitted it."""
    return api.JobView(
        id=request.address,
        address=None,
        number=None,
        client=request.client,
        name=request.name,
        state="refused",
        reason=EndReason.NOT_PLACED.label,
        fault=EndReason.NOT_PLACED.fault,
        detail="no node fitted; nothing was opened and nothing paid",
        gpus=request.gpus,
        gpu_class=request.gpu_class,
        max_price=request.max_price,
        max_seconds=request.max_seconds,
        spec_hash=request.spec_hash,
        created_at=request.acknowledged_at,
        waiting=rejected(request.refused or {}),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view of a job is made of. `private` adds what only its client sees."""

    row: JobRow
    request: JobRequest | None
    run: Run | None
    log_bytes: int
    private: bool


async def job(core: Core, shown: Shown) -> api.JobView:
    """A job on chain."""
    found = shown.row.job
    reason = EndReason(found.reason)
    node_class = core.context.known.classes.get(found.job_class)
    device = _key(found.device)
    return api.JobView(
        id=found.address,
        address=found.address,
        number=found.number,
        client=found.client,
        state=found.state.label,
        reason=reason.label,
        fault=reason.fault,
        node=_key(found.node),
        device=device,
        simulated=await node_views.simulated(core, device, met=shown.run is not None)
        if device
        else None,
        run=found.run,
        max_runs=found.max_runs,
        phase=_phase(core, found),
        gpus=found.gpus,
        gpu_class=node_class.slug if node_class else None,
        spec_hash=found.spec_hash,
        result_hash=found.result_hash if found.ended_at else None,
        waiting=waiting(core, found),
        notice=notice(core, device) if device and not found.state.has_ended else None,
        gang=_key(found.gang),
        **_money(found),
        **_times(shown),
        **(_private(shown) if shown.private else {"name": ""}),
    )


def _phase(core: Core, found: ChainJob) -> api.RunPhase | None:
    """What the worker says of the run; of one that was given up while the job is open, nothing."""
    if found.state.has_ended:
        return None
    waits = found.state is JobState.OPEN
    return core.mail.phase_of(found.address, found.run + 1 if waits else found.run)


def member(rank: int, found: ChainJob) -> api.MemberView:
    """A job of a gang."""
    return api.MemberView(
        rank=rank,
        address=found.address,
        number=found.number,
        state=found.state.label,
        reason=EndReason(found.reason).label,
        device=_key(found.device),
        proven_seconds=found.proven_seconds,
        funded=found.funded,
        node_paid=found.paid,
        fees=found.fees,
        refunded=found.refunded,
    )


def run(found: Run) -> api.RunView:
    """One attempt at a job. What was counted for its node has ended."""
    lost = EndReason.NODE_LOST if found.state == "released" else EndReason.NONE
    return api.RunView(
        run=found.run,
        device=found.device,
        state="ended" if found.state == "counted" else found.state,
        reason=found.end.reason if found.end else lost.label,
        seconds=found.end.seconds if found.end else 0,
    )


def _money(found: ChainJob) -> dict[str, int]:
    return {
        "max_price": found.max_price,
        "price": found.price,
        "max_seconds": found.max_seconds,
        "funded": found.funded,
        "node_paid": found.paid,
        "fees": found.fees,
        "refunded": found.refunded,
        "proven_seconds": found.proven_seconds,
    }


def _times(shown: Shown) -> dict[str, Any]:
    row, found = shown.row, shown.row.job
    return {
        "created_at": shown.request.acknowledged_at if shown.request else None,
        "opened_at": found.opened_at,
        "assigned_at": row.assigned_at,
        "started_at": found.started_at or None,
        "ended_at": found.ended_at or None,
        "settled_at": row.settled_at,
        "deadline": found.deadline,
    }


def _private(shown: Shown) -> dict[str, Any]:
    # an open job has no run: the last one was given up
    run = None if shown.row.job.state is JobState.OPEN else shown.run
    return {
        "name": shown.request.name if shown.request else "",
        "detail": run.detail if run else "",
        "log_bytes": shown.log_bytes,
        **_result(run),
    }


def hour(report: HourReport, root: Distributor) -> dict[str, Any]:
    """A closed hour in short."""
    live = report.root != "" and report.root == root.root
    return {
        **HourView(
            hour=report.hour,
            data_hash=report.data_hash,
            root=report.root or None,
            total=report.total,
            to_rewards=report.to_rewards,
            granted=report.granted,
            carry=report.carry,
            nodes=report.nodes,
            eligible=report.eligible,
            wallets=report.wallets,
            state="live" if live else report.state,
        ).model_dump(),
        "emitted_total": report.emitted_total,
        "to_pool": report.to_pool,
    }


def _result(run: Run | None) -> dict[str, Any]:
    if run is None or run.end is None:
        return {}
    return {
        "exit_code": run.end.exit_code,
        "outputs": outputs(run),
        "metrics": run.end.metrics,
        "image": run.end.image,
    }


def outputs(run: Run | None) -> list[OutputFile]:
    """What a run has put out."""
    if run is None or run.end is None:
        return []
    return [OutputFile(path=one.path, sha256=one.sha256, size=one.size) for one in run.end.outputs]


def _key(text: str) -> str | None:
    return None if text == NONE_KEY else text
