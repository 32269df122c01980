"""What changes a job that is on chain: more time, another run, a dispute and its decision."""

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, delegates, funds, jobs, schedule
from iog_client._generated.iog_jobs.accounts import Job
from iog_client._generated.iog_jobs.instructions.job_dispute import job_dispute
from iog_client._generated.iog_jobs.instructions.job_extend import job_extend
from iog_client._generated.iog_jobs.instructions.job_release import job_release
from iog_client._generated.iog_jobs.instructions.job_resolve import job_resolve
from iog_client.amounts import format_duration
from iog_client.errors import NotAllowed, Refused, UsageError
from iog_client.jobs import NONE, STATES
from iog_client.reasons import EndReason
from iog_client.rpc import Rpc
from iog_client.times import moment
from iog_client.transactions import Sender, Sent

MOST_SECONDS = 30 * 86_400
EXTENDABLE = ("open", "assigned", "running")
BY_DEVICE = (EndReason.NODE_FAILED, EndReason.NODE_STOPPED, EndReason.PLATFORM_FAILED)
"""Reasons for which a device may give up its run."""


def extend_instruction(
    job: Job, address: Pubkey, seconds: int, delegate: Pubkey | None = None
) -> Instruction:
    """Allows a job so many seconds more and funds them; signed by its wallet or a delegate."""
    return job_extend(
        {"seconds": seconds},
        {
            "signer": delegate or job.client,
            "config": addresses.jobs_config(),
            "client": addresses.client(job.client),
            "delegate": addresses.delegate(job.client, delegate) if delegate else None,
            "job": address,
            "vault": addresses.job_vault(address),
            "wallet_tokens": addresses.tokens(job.client),
        },
    )


def release_instruction(
    job: Job, address: Pubkey, signer: Pubkey, reason: EndReason
) -> Instruction:
    """Gives a run up and opens the job for another one; nothing is paid for it."""
    return job_release(
        {"reason": reason},
        {
            "signer": signer,
            "job": address,
            "node": job.node,
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        },
    )


def dispute_instruction(job: Job, address: Pubkey) -> Instruction:
    """Objects to what the device said of a run."""
    return job_dispute({"signer": job.client, "job": address, "config": addresses.jobs_config()})


def resolve_instruction(address: Pubkey, arbiter: Pubkey, seconds: int) -> Instruction:
    """Decides a dispute: so many of the proven seconds are paid."""
    return job_resolve(
        {"seconds": seconds},
        {"signer": arbiter, "job": address, "config": addresses.jobs_config()},
    )


async def extra(rpc: Rpc, job: Job, seconds: int) -> int:
    """What so many seconds more put into a job's escrow, in base units.

    Raises:
        Refused: the network is paused, or the job takes no more time: it has ended, its deadline
            has passed, or it would be longer than 30 days.
        UsageError: there are no seconds.
    """
    settings = await jobs.require_open(rpc)
    if seconds < 1:
        raise UsageError("an extension is at least a second")
    state = STATES[job.state]
    if state not in EXTENDABLE:
        raise Refused(f"the job is {state} and cannot be extended")
    if (now := await rpc.chain_time()) >= job.deadline:
        raise Refused(f"the job is {state} and its deadline was {moment(job.deadline, now)}")
    whole = job.max_seconds + seconds
    if whole > MOST_SECONDS:
        left = format_duration(MOST_SECONDS - job.max_seconds)
        raise Refused(
            f"the job may last {format_duration(job.max_seconds)}, and {left} more at most"
        )
    quote = jobs.quote(job.max_price, job.gpus, whole, settings.fee_bps)
    return int(quote.funded - job.funded)


async def extend(sender: Sender, signer: Keypair, address: Pubkey, seconds: int) -> Sent:
    """Let a job run longer, paid by its client's wallet; a delegate of it may sign.

    Raises:
        NotFound: there is no such job.
        NotAllowed: the key is neither its client nor a delegate of it.
        Refused: it takes no more time, or wallet or delegate cannot pay it.
    """
    job, key = await jobs.get(sender.rpc, address), signer.pubkey()
    by_delegate = key if key != job.client else None
    if by_delegate:
        await delegates.get(sender.rpc, job.client, key)
    added = await extra(sender.rpc, job, seconds)
    if by_delegate:
        await delegates.require(sender.rpc, job.client, key, added, job.funded + added)
    else:
        await funds.require(sender.rpc, key, added, "the longer job")
    wanted = extend_instruction(job, address, seconds, by_delegate)
    return await sender.send([wanted], signers=[signer])


async def release(
    sender: Sender, signer: Keypair, address: Pubkey, reason: EndReason | None = None
) -> Sent:
    """Give up a run that goes on, so that the job is placed once more.

    Its device may at any time, for a reason of node or platform; its matcher once it has not heard
    of the run for ten minutes (scaled). Without a reason it is the usual one of who signs.

    Raises:
        NotFound: there is no such job.
        NotAllowed: the key is neither its device nor its matcher.
        Refused: it does not run, it is the last run, or too early or late for that.
    """
    job, key = await jobs.get(sender.rpc, address), signer.pubkey()
    if STATES[job.state] != "running":
        raise Refused(f"the job is {STATES[job.state]}: only a run that goes on is released")
    if key not in (job.device, job.matcher):
        raise NotAllowed(
            f"the run is given up by its device {job.device} or its matcher {job.matcher}, "
            f"not by {key}"
        )
    usual = EndReason.NODE_STOPPED if key == job.device else EndReason.NODE_LOST
    named = usual if reason is None else reason
    allowed = BY_DEVICE if key == job.device else (EndReason.NODE_LOST,)
    if named not in allowed:
        listed = ", ".join(one.label for one in allowed)
        raise Refused(f"{key} cannot release a run as {named.label}; accepted: {listed}")
    await _require_another(sender.rpc, job, early=key != job.device)
    wanted = release_instruction(job, address, key, named)
    return await sender.send([wanted], signers=[signer])


async def dispute(sender: Sender, wallet: Keypair, address: Pubkey) -> Sent:
    """Object to a run's end, within the window: the arbiter then decides.

    Raises:
        NotFound: there is no such job.
        NotAllowed: it is another client's.
        Refused: it is not finished, or its window is over.
    """
    job = await jobs.get(sender.rpc, address)
    if job.client != wallet.pubkey():
        raise NotAllowed(f"the job belongs to {job.client}, the wallet is {wallet.pubkey()}")
    if STATES[job.state] != "finished":
        raise Refused(f"the job is {STATES[job.state]}: only a finished one is disputed")
    if (now := await sender.rpc.chain_time()) >= job.deadline:
        raise Refused(
            f"the window of the job ended at {moment(job.deadline, now)}; "
            "`iog job submit --window 1h` leaves more time"
        )
    return await sender.send([dispute_instruction(job, address)], signers=[wallet])


async def resolve(sender: Sender, arbiter: Keypair, address: Pubkey, seconds: int) -> Sent:
    """Decide a dispute: pay so many of the proven seconds.

    Raises:
        NotFound: there is no such job.
        NotAllowed: another key is the arbiter.
        Refused: it is not disputed, the time for it is over, or fewer seconds were proven.
    """
    job, key = await jobs.get(sender.rpc, address), arbiter.pubkey()
    settings = await jobs.config(sender.rpc)
    if settings.arbiter != key:
        who = "nobody" if settings.arbiter == NONE else settings.arbiter
        raise NotAllowed(f"the arbiter of jobs is {who}, not {key}")
    if STATES[job.state] != "disputed":
        raise Refused(f"the job is {STATES[job.state]}: there is no dispute to decide")
    if (now := await sender.rpc.chain_time()) >= job.deadline:
        raise Refused(
            f"the dispute had to be decided by {moment(job.deadline, now)}; "
            f"the {job.proven_seconds} s proven are paid"
        )
    if not 0 <= seconds <= job.proven_seconds:
        raise Refused(f"{seconds} s cannot be paid: {job.proven_seconds} s are proven")
    wanted = resolve_instruction(address, key, seconds)
    return await sender.send([wanted], signers=[arbiter])


async def _require_another(rpc: Rpc, job: Job, *, early: bool) -> None:
    """See that another run may follow. `early`: who signs has to have waited.

    Raises `Refused`.
    """
    if job.gang != NONE:
        raise Refused("the job is a member of a gang: its run is not given up for another one")
    if job.run >= job.max_runs:
        raise Refused(f"run {job.run} of {job.max_runs} is the last one")
    now = await rpc.chain_time()
    if now > job.deadline or now >= job.place_by:
        passed = min(job.deadline, job.place_by)
        raise Refused(f"the job can be placed no more since {moment(passed, now)}")
    heard = max(job.started_at, job.proven_at)
    due = heard + schedule.grace((await jobs.config(rpc)).hour_length)
    if early and now < due:
        raise Refused(
            f"the run was heard of at {moment(heard, now)}; it is lost {moment(due, now)}"
        )
