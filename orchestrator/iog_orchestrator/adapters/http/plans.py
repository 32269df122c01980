"""Plans, and why a job waits or got its node, as the API's answers."""

from iog_client import amounts, times
from iog_client import job_models as api
from iog_client.node_models import NoticeView
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.core.intake import Plan
from iog_orchestrator.core.matching import Why
from iog_orchestrator.core.placing import PREPARING
from iog_orchestrator.domain import placements, pricing
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, JobState
from iog_orchestrator.domain.matching import Change
from iog_orchestrator.domain.placements import Placement, Ranked

REJECTED = {
    "class": "of another class",
    "paused": "paused by the owner",
    "not_active": "not active on chain",
    "no_ask": "asking no price",
    "class_disabled": "of a class that is not enabled",
    "not_connected": "away: not connected",
    "silent": "away: no heartbeats come",
    "gpus_missing": "with fewer GPUs than registered",
    "other_class": "with other GPUs than registered",
    "other_memory": "with more GPU memory than the class has",
    "blocked": "blocked: another node reports the same GPUs",
    "draining": "being drained",
    "maintenance": "under maintenance",
    "unproven": "whose GPUs are not proven",
    "memory": "with less GPU memory",
    "gpus": "with fewer GPUs",
    "country": "in another country",
    "connectivity": "of a lower connectivity tier",
    "reliability": "less reliable",
    "unconfined": "without isolation of jobs",
    "no_containers": "that take no images",
    "no_network": "whose jobs have no network",
    "share": "with less main memory, disk or processors for each GPU",
    "allow": "that are not on the allow list",
    "deny": "on the deny list",
    "excluded": "that failed this job before",
    "busy": "whose GPUs are taken now",
    "held": "whose free GPUs are held for a job that waits longer",
    "leaving": "that go away before the job would end",
    "price": "asking more than the price",
}
_KEYS = {
    "max_price": "price",
    "duration": "duration",
    "priority": "priority",
    "containers": "image",
    "network": "network",
}


def rejected(counts: dict[str, int]) -> list[api.Rejected]:
    """Nodes by the filter that turned them down, in words."""
    return [
        api.Rejected(code=code, text=f"{nodes} {REJECTED.get(code, code)}", nodes=nodes)
        for code, nodes in counts.items()
    ]


def plan(core: Core, found: Plan) -> api.PlanResult:
    """A plan; `total` of an offer is what it costs when all the time is used, fee included."""
    asked = found.asked
    gpus, seconds, nodes = asked.resources.gpus, asked.duration_seconds, asked.resources.nodes
    gross = pricing.gross(asked.price, gpus, seconds)
    changes = [change(one) for one in found.changes]
    return api.PlanResult(
        offers=[
            offer
            for device in found.choice.devices
            if (offer := _offer(core, device, asked)) is not None
        ],
        rejected=_rejected(found),
        change=changes[0] if changes else None,
        changes=changes,
        nodes=nodes,
        placed=list(found.devices or ()) if nodes > 1 else [],
        quote=api.Quote(
            price=asked.price,
            gpus=gpus,
            max_seconds=seconds,
            gross=nodes * gross,
            fee=nodes * pricing.fee(gross),
            funded=nodes * (gross + pricing.fee(gross)),
        ),
    )


def change(found: Change) -> api.Change:
    """A change, as a key of the job file and its value."""
    key = _KEYS.get(found.field, f"resources.{found.field}")
    nodes = "1 node" if found.nodes == 1 else f"{found.nodes} nodes"
    shown = str(found.value)
    if found.field == "max_price":
        shown = amounts.format_price(int(found.value))
    elif found.field in ("memory", "ram", "disk"):
        shown = f"{found.value}MiB" if found.value else ""
    elif found.field == "reliability":
        shown = f"{int(found.value) / 1000:g}"
    elif found.field == "confined":
        shown = "false"
    elif found.field == "duration":
        shown = f"{found.value}s"
    if found.field == "priority":
        text = f"with {key} {shown} it would be served first"
    elif not shown:
        text = f"without {key}, {nodes} would fit"
    else:
        text = f"with {key} {shown}, {nodes} would fit"
    return api.Change(key=key, value=shown, text=text)


def waiting(core: Core, found: ChainJob) -> list[api.Rejected]:
    """Why an open job has no node yet."""
    if found.state not in (JobState.OPEN, JobState.ASSIGNED, JobState.JOINED):
        return []
    if (late := _too_late(core, found)) is not None:
        return [late]
    note = core.placing.notes.get(found.address)
    if note:
        return [api.Rejected(code="preparing" if note == PREPARING else "spec", text=note, nodes=0)]
    why = core.matching.why(queued_as(found))
    return reasons(why) if why else []


def _too_late(core: Core, job: ChainJob) -> api.Rejected | None:
    """That a job will not be placed any more, since when, and when it ends."""
    if not job.is_too_late(core.context.ports.chain_clock.now()):
        return None
    by = times.date(job.deadline)
    if job.state is JobState.OPEN:
        text = f"it was to be placed by {by}: no node gets it any more"
    elif job.run >= job.max_runs:
        text = f"its node did not start it by {by}, and it has no run left"
    else:
        text = f"its node did not start it by {by}, too late to place it again"
    if job.gang == NONE_KEY:
        ends = times.date(job.deadline + core.context.network.grace)
        text += f"; it ends at {ends}, and its escrow comes back"
    return api.Rejected(code="too_late", text=text, nodes=0)


def queued_as(job: ChainJob) -> str:
    """The address under which a job waits: its own, or its gang's."""
    return job.address if job.gang == NONE_KEY else job.gang


def reasons(why: Why) -> list[api.Rejected]:
    """Why a job, or a gang, waits."""
    found = rejected(why.rejected)
    if why.members > 1:
        text = f"{why.fitting} of the {why.members} jobs of the gang have room at once"
        found.insert(0, api.Rejected(code="gang", text=text, nodes=0))
    return found


async def why(core: Core, job: ChainJob) -> api.WhyView:
    """Why a job waits, or has the node that it has."""
    address = queued_as(job)
    late = job.is_too_late(core.context.ports.chain_clock.now())
    found = None if late else core.matching.why(address)
    request = await core.context.ports.store.request(job.address)
    view = api.WhyView(
        id=job.address,
        state=job.state.label,
        waiting=waiting(core, job),
        priority=request.priority if request else None,
        decision=await _decision(core, job),
    )
    if found is None:
        return view
    return view.model_copy(
        update={
            "place": found.place,
            "queue": found.queue,
            "members": found.members,
            "fitting": found.fitting,
            "holds": found.holds,
            "changes": [change(one) for one in core.matching.changes(address)],
        }
    )


async def _decision(core: Core, job: ChainJob) -> api.Decision | None:
    store = core.context.ports.store
    record = await store.placement(job.address)
    if record is None:
        return None
    leader = record if record.body else await store.placement(record.leader, record.leader_run)
    # the leader of a gang may have been placed again since, alone
    return None if leader is None or not leader.body else _read(record, leader)


def _read(record: Placement, leader: Placement) -> api.Decision | None:
    decision = placements.read(leader.body)
    if record.job not in decision.jobs:
        return None
    return api.Decision(
        run=record.run,
        device=record.device,
        at=record.at,
        waited=decision.waited,
        priority=decision.priority,
        nodes=decision.nodes,
        rejected=rejected(decision.rejected),
        ranked=[_scored(one, record.device) for one in decision.ranked(record.job)],
        replayed=decision.replay() == decision.chosen,
    )


def _scored(found: Ranked, chosen: str) -> api.Scored:
    return api.Scored(
        device=found.device,
        chosen=found.device == chosen,
        score=found.parts.total,
        by_price=found.parts.price,
        by_reliability=found.parts.reliability,
        by_locality=found.parts.locality,
        by_fit=found.parts.fit,
        ask=found.ask,
        gpus_free=found.free,
    )


def _rejected(found: Plan) -> list[api.Rejected]:
    turned_down = rejected(found.choice.rejected)
    if found.asked.resources.nodes > 1 and found.devices is None:
        nodes = found.asked.resources.nodes
        text = f"the {nodes} jobs of the gang have no room at once"
        turned_down.insert(0, api.Rejected(code="gang", text=text, nodes=0))
    return turned_down


def notice(core: Core, device: str) -> NoticeView | None:
    """What a node's operator has announced."""
    found = core.context.known.notices.get(device)
    now = core.context.ports.chain_clock.now()
    if found is None or found.is_over(now):
        return None
    return NoticeView(
        kind=found.kind,
        begin=found.begin or None,
        end=found.end or None,
        reason=found.reason,
        made_at=found.made_at,
        text=found.text(now),
    )


def _offer(core: Core, device: str, asked: api.PlanRequest) -> api.Offer | None:
    found = core.context.fleet.get(device)
    if found is None:
        return None
    return api.Offer(
        device=device,
        gpu_class=found.slug,
        gpus_free=core.context.fleet.free(device),
        ask=found.ask,
        total=pricing.funded(found.ask, asked.resources.gpus, asked.duration_seconds),
        gpu_memory=found.memory or None,
        simulated=found.simulated,
        confinement="container" if asked.image else "bubblewrap" if found.confined else "none",
        notice=notice(core, device),
    )
