"""What is known of nodes, as the API's answers."""

from typing import Any

from iog_client import node_models as api
from iog_client import schedule
from iog_client.hours_rule import STATES, HourEvidence, HourNode, Parameters, Period, reasons
from iog_client.hours_text import explain
from iog_orchestrator.adapters.http.plans import notice
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.core.sessions import Session
from iog_orchestrator.domain.proofs import ProofResult

HISTORY = 24
"""Hours of a node's history in an answer, the newest."""

PAY = {
    "not_active": "see what keeps it from jobs",
    "active_later": "wait for that hour",
    "stake_short": "iog stake add {device} --required",
    "own_stake_short": "iog stake add {device} AMOUNT, from its owner's wallet",
    "class_disabled": "wait for the network to enable it",
    "blocked": "see what keeps it from jobs",
    "no_statement": "on its machine: iog node run; its log says why nothing is signed",
    "too_few_seconds": "keep it connected: this hour cannot reach them any more",
}


async def node(core: Core, device: str) -> api.NodeView:
    """A node on chain, and what is seen of it."""
    known = core.context.known
    found = known.nodes[device]
    presence, session = known.presence.get(device), core.agents.sessions.get(device)
    node_class = known.classes.get(found.node_class)
    hour = core.context.hour
    seconds = core.statements.hour_seconds(device, hour)
    return api.NodeView(
        device=device,
        address=found.address,
        owner=found.owner,
        payee=found.payee,
        gpu_class=node_class.slug if node_class else "",
        multiplier=found.multiplier,
        gpus=found.gpus,
        busy=found.busy,
        ask=found.ask,
        stake=found.stake,
        requirement=found.requirement,
        costaker=found.costaker,
        costake=found.costake,
        costake_share_bps=found.costake_share_bps,
        costake_from_hour=found.costake_from_hour,
        costake_leave_at=found.costake_leave_at or None,
        cooling=found.cooling,
        cooling_costake=found.cooling_costake,
        case_open=found.case_open,
        state=found.state.label,
        active_from_hour=found.active_from_hour,
        connected=session is not None,
        last_seen=session.seen_at if session else None,
        simulated=await simulated(core, device, met=False),
        confinement=presence.confinement if presence else None,
        containers=presence.containers if presence else None,
        gpu_memory=presence.memory if presence else None,
        country=presence.country or None if presence else None,
        connectivity=presence.connectivity if presence else 0,
        hour=hour,
        seconds=seconds,
        runs=found.running,
        readiness=[
            api.Reason(code=one.code, text=one.text) for one in core.context.blockers(device)
        ],
        notice=notice(core, device),
        eligibility=eligibility(core, device, hour, seconds) if hour else [],
    )


def eligibility(core: Core, device: str, hour: int, seconds: int) -> list[api.Reason]:
    """What would keep a node from the running hour's reward if the hour ended as it stands."""
    found = core.context.known.nodes[device]
    node_class = core.context.known.classes.get(found.node_class)
    evidence = HourEvidence(0, seconds, "1" * 64) if seconds else None
    guard, length = core.context.known.guard, core.context.network.hour_length
    end = schedule.hour_end(core.context.known.emission.start, length, hour)
    view = HourNode(
        device=device,
        owner=found.owner,
        payee=found.payee_in(hour),
        gpu_class=node_class.slug if node_class else "",
        class_enabled=node_class is not None and node_class.enabled,
        pool="enterprise",
        multiplier=found.multiplier,
        gpus=found.gpus,
        stake=found.stake_in(hour),
        requirement=found.requirement,
        state=STATES[found.state],
        active_from_hour=found.active_from_hour,
        statement=evidence,
        costake=found.costake_in(hour),
        blocked=core.context.known.blocked_this_hour.get(device),
        proof=guard.proof_by(device, end),
    )
    rule, period = Parameters(proof_max_age=guard.proof_max_age), Period(hour, length, end)
    return [
        api.Reason(code=code, text=explain(code, view, period, rule))
        for code in reasons(view, period, rule)
    ]


async def simulated(core: Core, device: str, *, met: bool) -> bool | None:
    """Whether a device's GPUs are simulated; None of one that may never have been connected.

    `met`: it is known to have been, before this process too.
    """
    if await core.statements.presences.is_simulated(device):
        return True
    return False if met or device in core.context.known.presence else None


def proof(found: ProofResult) -> api.ProofView:
    """A result of a GPU proof."""
    return api.ProofView(
        at=found.at,
        passed=found.passed,
        code=found.code,
        detail=found.detail,
        gpus=found.gpus,
        seconds=found.seconds,
        evidence=found.evidence or None,
    )


async def status(core: Core, device: str) -> api.NodeStatus:
    """What an operator needs to know of a node that is known on chain."""
    found, session = core.context.known.nodes[device], core.agents.sessions.get(device)
    node_class = core.context.known.classes.get(found.node_class)
    seen = await node(core, device)
    now = core.context.ports.clock.monotonic()
    return api.NodeStatus(
        device=device,
        owner=found.owner,
        state=found.state.label,
        gpu_class=node_class.slug if node_class else "",
        gpus=found.gpus,
        busy=found.busy,
        simulated=seen.simulated,
        connected=session is not None,
        country=seen.country,
        connectivity=seen.connectivity,
        no_jobs=[
            api.Obstacle(code=one.code, text=one.text, action=one.action)
            for one in core.context.blockers(device)
        ],
        no_pay=_no_pay(core, device, seen.seconds),
        hour=seen.hour,
        seconds=seen.seconds,
        elapsed=_elapsed(core, seen.hour),
        needed=_needed(core),
        reliability=core.context.known.reliability.get(device, 1.0),
        history=await _history(core, device),
        notice=seen.notice,
        **(_presence(session, now) if session else {}),
    )


def _presence(session: Session, now: float) -> dict[str, Any]:
    """What there is to say of a node that is connected."""
    return {
        "since": session.since,
        "heard_at": session.seen_at,
        "silent": round(now - session.heard_at, 1),
        "interval": session.interval,
        "beats_lost": session.lost,
        "runs_held": [
            api.HeldRun(job=one.job, run=one.run, state=one.state) for one in session.runs.values()
        ],
    }


def _no_pay(core: Core, device: str, seconds: int) -> list[api.Obstacle]:
    """What would keep the node from the running hour's reward; no word on seconds that it can
    still come to."""
    hour = core.context.hour
    if not hour:
        wait = "wait for `iog network start`"
        return [api.Obstacle(code="not_started", text="no hour is running yet", action=wait)]
    left = core.context.network.hour_length - _elapsed(core, hour)
    idle = {"too_few_seconds"} if seconds + left >= _needed(core) else set()
    node = core.context.known.nodes[device]
    if node.active_from_hour > hour and node.stake + node.costake >= node.requirement:
        # it was staked in this hour, and counts from the next: there is nothing to add
        idle |= {"stake_short", "own_stake_short"}
    found = []
    for one in eligibility(core, device, hour, seconds):
        if one.code in idle:
            continue
        action = PAY.get(one.code, "").format(device=device)
        found.append(api.Obstacle(code=one.code, text=one.text, action=action))
    return found


def _elapsed(core: Core, hour: int) -> int:
    """Seconds of the running hour that are over."""
    if not hour:
        return 0
    start, length = core.context.known.emission.start, core.context.network.hour_length
    return int(core.context.ports.chain_clock.now()) - start - (hour - 1) * length


def _needed(core: Core) -> int:
    rule, length = Parameters(), core.context.network.hour_length
    return -(-rule.proven_numerator * length // rule.proven_denominator)


async def _history(core: Core, device: str) -> list[api.NodeHourView]:
    rows = await core.context.ports.store.node_history(device, HISTORY)
    return [
        api.NodeHourView(
            hour=row.hour,
            ended=row.ended,
            failed=row.failed,
            seconds=row.seconds,
            reliability=round(row.score(), 4),
        )
        for row in rows
    ]
