"""Jobs, plans and quotes in words."""

from __future__ import annotations

from typing import Any

from iog_client.amounts import format_amount, format_duration, format_price
from iog_client.job_models import Change, JobView, MemberView, PlanResult, Quote, Rejected, RunView

_GIVEN_UP = ("released", "missed")
_CONFINED = {"container": "in a container", "bubblewrap": "confined", "none": "not confined"}


def quote_line(quote: Quote) -> str:
    """What a job takes from the wallet, and what comes back."""
    gpus = f"{quote.gpus} GPU{'s' * (quote.gpus > 1)}"
    if (nodes := quote.gross // max(1, quote.price * quote.gpus * quote.max_seconds)) > 1:
        gpus = f"{nodes} jobs of {gpus}"
    return (
        f"at most {format_amount(quote.funded)}: {gpus} x {format_duration(quote.max_seconds)} at "
        f"{format_price(quote.price)}, and {format_amount(quote.fee)} fee; "
        "held in escrow, what is not used comes back"
    )


def plan_text(plan: PlanResult) -> str:
    """A plan: the quote, the offers, and why other nodes do not fit."""
    lines = [quote_line(plan.quote)]
    for offer in plan.offers:
        marks = [f"{offer.gpu_memory} MiB a GPU"] if offer.gpu_memory else []
        marks.append(_CONFINED[offer.confinement])
        marks += ["simulated"] if offer.simulated else []
        lines.append(
            f"  {offer.device}  {offer.gpu_class}  {offer.gpus_free} free  "
            f"{format_price(offer.ask)} a GPU, {format_amount(offer.total)} at most  "
            f"({', '.join(marks)})"
        )
        lines += [f"    {offer.notice.text}"] if offer.notice else []
    if not plan.fits:
        lines.append("no node fits now" if plan.nodes == 1 else "the gang has no room at once now")
    lines += [f"  {reason(item)}" for item in plan.rejected]
    if plan.placed:
        lines.append(f"all {plan.nodes} jobs have room at once: {', '.join(plan.placed)}")
    if plan.change:
        lines.append(f"it would fit {change(plan.change)}")
    lines += [f"or {change(other)}" for other in plan.changes[1:]]
    return "\n".join(lines)


def queued(plan: PlanResult) -> str:
    """In one line why a job that is opened all the same has to wait."""
    return f"no node fits now ({'; '.join(map(reason, plan.rejected))}): the job waits for one"


def misfit(plan: PlanResult) -> str:
    """In one line why no node takes the job, and what would change that."""
    why = "; ".join(map(reason, plan.rejected))
    hint = f"; it would fit {change(plan.change)}" if plan.change else ""
    return f"no node fits ({why}){hint}; nothing was opened, nothing paid"


def reason(item: Rejected) -> str:
    """`3 nodes asking more than the price`; what is said of no node in particular as it is."""
    if not item.nodes:
        return item.text
    nodes = f"{item.nodes} node{'s' * (item.nodes != 1)}"
    return f"{nodes} {item.text.removeprefix(f'{item.nodes} ')}"


def change(found: Change) -> str:
    """A change as the job file would say it."""
    value = found.value
    if not value:
        return f"without {found.key}"
    if value.isdigit() and found.key == "price":
        value = format_price(int(value))
    elif value.isdigit() and found.key == "resources.memory":
        value = f"{value}MiB"
    return f"with {found.key}: {value}"


def plain(job: JobView) -> dict[str, Any]:
    """A job for JSON: what is known of it; the chain alone knows less than the orchestrator."""
    return job.model_dump(mode="json", exclude_unset=True)


def row(job: JobView) -> dict[str, Any]:
    """One line of `iog job list`."""
    return {
        "number": "-" if job.number is None else job.number,
        "name": job.name or "-",
        "state": job.state,
        "reason": "-" if job.reason == "none" else job.reason,
        "gpus": f"{job.gpus} x {job.gpu_class or 'any'}",
        "seconds": job.proven_seconds,
        "paid": format_amount(job.node_paid + job.fees),
        "refunded": format_amount(job.refunded),
        "id": job.id,
    }


def details(job: JobView) -> dict[str, Any]:
    """`iog job show`: what is known, in reading order."""
    shown: dict[str, Any] = {
        "job": job.id,
        "number": job.number,
        "name": job.name or None,
        "state": f"{job.state} ({job.phase})" if job.phase else job.state,
        "reason": None if job.reason == "none" else f"{job.reason} (fault: {job.fault})",
        "detail": job.detail or None,
        "exit code": job.exit_code,
        "asked": _asked(job),
        "node": job.device and f"{job.device}{' (simulated)' * bool(job.simulated)}, run {job.run}",
        "notice": job.notice and job.notice.text,
        "given up": "; ".join(_given_up(run) for run in job.runs if run.state in _GIVEN_UP) or None,
        "price": format_price(job.price) if job.price else None,
        "proven": f"{job.proven_seconds} s",
        **money(job),
        "image": job.image,
        "outputs": ", ".join(f"{file.path} ({file.size} bytes)" for file in job.outputs) or None,
        "metrics": ", ".join(f"{name} {value}" for name, value in job.metrics.items()) or None,
        "waiting": "; ".join(map(reason, job.waiting)) or None,
        "gang": job.gang,
        **{f"member {one.rank}": _member(one) for one in job.members},
    }
    return {name: value for name, value in shown.items() if value is not None}


def _asked(job: JobView) -> str:
    """What a job asks for, as far as it is on record."""
    if not job.max_seconds:
        return f"{job.gpus} GPU{'s' * (job.gpus > 1)}"
    return (
        f"{job.gpus} x {job.gpu_class or 'any class'} for at most "
        f"{format_duration(job.max_seconds)} at up to {format_price(job.max_price)} a GPU"
    )


def rows(jobs: list[JobView]) -> list[dict[str, Any]]:
    """`iog job list`: a line a job, and one for all members of a gang."""
    shown: list[dict[str, Any]] = []
    gangs: dict[str, list[JobView]] = {}
    for job in jobs:
        if job.gang is None:
            shown.append(row(job))
            continue
        if job.gang not in gangs:
            shown.append({"gang": job.gang})
        gangs.setdefault(job.gang, []).append(job)
    return [_gang_row(gangs[one["gang"]]) if "gang" in one else one for one in shown]


def _gang_row(members: list[JobView]) -> dict[str, Any]:
    ordered = sorted(members, key=lambda job: job.number or 0)
    first, last = ordered[0], ordered[-1]
    states = dict.fromkeys(job.state for job in ordered)
    reasons = dict.fromkeys(job.reason for job in ordered if job.reason != "none")
    return {
        **row(first),
        "number": f"{first.number}-{last.number}" if first is not last else first.number,
        "state": ", ".join(states),
        "reason": ", ".join(reasons) or "-",
        "gpus": f"{len(ordered)} x {first.gpus} x {first.gpu_class or 'any'}",
        "seconds": sum(job.proven_seconds for job in ordered),
        "paid": format_amount(sum(job.node_paid + job.fees for job in ordered)),
        "refunded": format_amount(sum(job.refunded for job in ordered)),
    }


def _member(one: MemberView) -> str:
    where = f" on {one.device}" if one.device else ""
    reason = "" if one.reason == "none" else f", {one.reason}"
    return f"job {one.number}: {one.state}{reason}{where}, {one.proven_seconds} s proven"


def _given_up(run: RunView) -> str:
    """A run that another one followed, or is to."""
    return f"run {run.run} on {run.device}: {run.reason if run.reason != 'none' else run.state}"


def money(job: JobView) -> dict[str, str]:
    """Who paid and who got what."""
    if job.state == "refused":
        return {"money": "nothing was opened, nothing paid"}
    if job.state != "settled":
        return {"money": f"{format_amount(job.funded)} in escrow"}
    return {
        "money": f"of {format_amount(job.funded)} in escrow {format_amount(job.node_paid)} "
        f"to the node, "
        f"{format_amount(job.fees)} fees, {format_amount(job.refunded)} back to you"
    }


def refund_due(job: JobView, left: int) -> str:
    """When what is not used of a running job's escrow comes back after its cancel."""
    return (
        "the refund follows once the node's last statement is in; "
        f"after {left} s at most `iog job cancel {job.number}` settles the job"
    )


def ended_line(job: JobView) -> str:
    """How a job ended, in one line."""
    outcome = job.reason if job.reason != "none" else job.state
    code = f", exit code {job.exit_code}" if job.exit_code is not None else ""
    detail = f" ({job.detail})" if job.detail else ""
    return f"job {job.number}: {outcome}{code}{detail}; {job.proven_seconds} s proven"


def gang_ended(job: JobView) -> str:
    """How the jobs of a gang ended, a line each, and where the money of all went."""
    lines = [f"member {one.rank}, {_member(one)}" for one in job.members]
    funded, paid, fees, back = (
        sum(getattr(one, name) for one in job.members)
        for name in ("funded", "node_paid", "fees", "refunded")
    )
    lines.append(
        f"of {format_amount(funded)} in escrow {format_amount(paid)} to the nodes, "
        f"{format_amount(fees)} fees, {format_amount(back)} back to you"
    )
    return "\n".join(lines)
