"""The members of a gang, for commands that were given one of its jobs."""

from __future__ import annotations

import asyncio

from solders.pubkey import Pubkey

from iog_client import jobs
from iog_client.cli import job_flow, output
from iog_client.cli.session import Session
from iog_client.errors import IogError, NotFound, Refused
from iog_client.following import Patience
from iog_client.job_models import ENDED_STATES, JobView, MemberView


async def members(here: Session, job: str) -> list[MemberView]:
    """The jobs of the gang that a job is in, by rank; none for a job by itself."""
    if job.startswith("refused-"):
        return []
    try:
        return (await here.api.job(job)).members
    except IogError:
        return await on_chain(here, Pubkey.from_string(job))


async def pick(here: Session, job: str, rank: int | None) -> str:
    """The job, or the member of its gang with that rank.

    Raises:
        NotFound: the job is in no gang, or that has no such member.
    """
    if rank is None:
        return job
    found = await members(here, job)
    if not found:
        raise NotFound("the job is in no gang: it has no members")
    if rank >= len(found):
        raise NotFound(f"the gang has members 0 to {len(found) - 1}, none of rank {rank}")
    return str(found[rank].address)


async def cancel(here: Session, found: list[MemberView]) -> list[MemberView]:
    """Cancel every member that has not ended; the members as they are then.

    Raises:
        Refused: all of them have ended.
        NotAllowed: they are another client's.
    """
    left = [one for one in found if one.state not in ENDED_STATES or one.state == "cancelled"]
    if not left:
        raise Refused("all jobs of the gang have ended: there is nothing to cancel")
    for one in left:
        await jobs.cancellable(here.rpc, here.key, Pubkey.from_string(one.address))
    polls = job_flow.REFUND_POLLS
    for one in left:
        try:
            await here.api.cancel(one.address)
        except IogError as error:
            polls = 0
            output.note(f"cancelling on chain alone ({error.message})")
        await jobs.cancel(await here.sender(), here.wallet, Pubkey.from_string(one.address))
    for one in left:
        await job_flow.refunded(here, one.address, polls)
    return await on_chain(here, Pubkey.from_string(found[0].address))


async def until_over(here: Session, job: str) -> JobView:
    """Say the members' states as they come, until all of them have ended; the job as it is then."""
    said, polls, patience = "", 0, Patience(job_flow.waiting)
    while True:
        view = await job_flow.answered(here, job, patience)
        states = ", ".join(f"{one.number} {one.state}" for one in view.members)
        if states != said:
            output.note(f"gang: {states}")
            said = states
        if all(one.state in ENDED_STATES for one in view.members):
            polls += 1
            settled = all(one.state == "settled" for one in view.members)
            if settled or polls > job_flow.SETTLE_POLLS:
                return view
        await asyncio.sleep(job_flow.POLL_SECONDS)


async def on_chain(here: Session, job: Pubkey) -> list[MemberView]:
    """The same, as the chain alone shows them."""
    record = await jobs.get(here.rpc, job)
    if record.gang == jobs.NONE:
        return []
    own = await jobs.search(here.rpc, record.client)
    found = sorted(
        (jobs.view(one, address) for address, one in own if one.gang == record.gang),
        key=lambda view: view.number or 0,
    )
    return [
        MemberView(
            rank=rank,
            address=view.id,
            number=view.number or 0,
            state=view.state,
            reason=view.reason,
            device=view.device,
            proven_seconds=view.proven_seconds,
            funded=view.funded,
            node_paid=view.node_paid,
            fees=view.fees,
            refunded=view.refunded,
        )
        for rank, view in enumerate(found)
    ]
