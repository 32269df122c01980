"""How a node stands, as the API's answer."""

from iog_client import node_models as api
from iog_client.hours import Parameters
from iog_orchestrator.adapters.http import views
from iog_orchestrator.core.daemon import Core

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


async def status(core: Core, device: str) -> api.NodeStatus:
    """What an operator needs to know of a node that is known on chain."""
    found, session = core.context.known.nodes[device], core.agents.sessions.get(device)
    node_class = core.context.known.classes.get(found.node_class)
    seen = await views.node(core, device)
    clock = core.context.ports.clock
    here = None
    if session is not None:
        here = {
            "since": session.since,
            "heard_at": session.seen_at,
            "silent": round(clock.monotonic() - session.heard_at, 1),
            "interval": session.interval,
            "beats_lost": session.lost,
            "runs_held": [
                api.HeldRun(job=one.job, run=one.run, state=one.state)
                for one in session.runs.values()
            ],
        }
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
        **(here or {}),
    )


def _no_pay(core: Core, device: str, seconds: int) -> list[api.Obstacle]:
    """What would keep the node from the running hour's reward; no word on seconds that it can
    still come to."""
    hour = core.context.hour
    if not hour:
        wait = "wait for `iog network start`"
        return [api.Obstacle(code="not_started", text="no hour is running yet", action=wait)]
    left = core.context.network.hour_length - _elapsed(core, hour)
    reachable = seconds + left >= _needed(core)
    found = []
    for one in views.eligibility(core, device, hour, seconds):
        if one.code == "too_few_seconds" and reachable:
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
