"""Jobs on chain, from the client's side: opening, cancelling, expiring and settling them.

All money moves in `job_open`, which puts the most that a job can cost into its vault, and in
`job_settle`, which pays the node for proven seconds and gives the client the rest.
"""

from dataclasses import dataclass
from typing import get_args

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, funds, records, schedule, tokens
from iog_client._generated.iog_jobs.accounts import Client, Config, Gang, Job
from iog_client._generated.iog_jobs.instructions.client_open import client_open
from iog_client._generated.iog_jobs.instructions.job_cancel import JobCancelAccounts, job_cancel
from iog_client._generated.iog_jobs.instructions.job_expire import job_expire
from iog_client._generated.iog_jobs.instructions.job_open import job_open
from iog_client._generated.iog_jobs.instructions.job_settle import job_settle
from iog_client.amounts import BPS, U64_MAX
from iog_client.errors import NotAllowed, Refused
from iog_client.job_models import ChainState, JobView, Quote
from iog_client.jobspec import JobSpec
from iog_client.reasons import EndReason
from iog_client.rpc import SIGNATURE_FEE, Rpc
from iog_client.transactions import Sender, Sent

STATES: tuple[ChainState, ...] = get_args(ChainState)

MAX_MATCHERS = 4
WAIT_SECONDS = 600
MAX_WAIT = 2_592_000
"""The longest that iog_jobs lets a job wait to be placed."""
TOKEN_ACCOUNT_BYTES = 165
NONE = Pubkey.default()
GOING_ON = ("open", "assigned", "running", "joined")
_CLIENT_AT = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """What a job is opened with. `max_price` in base units per GPU-second; `gpu_class` None for
    any.

    `window` is how long after the end only the client settles, `wait` how long the job may wait to
    be placed, both in seconds; `matcher` is the orchestrator's key. Of `runs`, all but the last may
    be given up for another one when the node or the platform fails.
    """

    spec_hash: bytes
    gpu_class: str | None
    gpus: int
    max_price: int
    max_seconds: int
    window: int
    wait: int
    matcher: Pubkey
    runs: int = 1

    @classmethod
    def of(cls, spec: JobSpec, matcher: Pubkey, *, window: int, wait: int) -> "Terms":
        """The terms that a spec asks for."""
        return cls(
            spec_hash=spec.hash(),
            gpu_class=spec.resources.gpu_class,
            gpus=spec.resources.gpus,
            max_price=spec.price,
            max_seconds=spec.duration_seconds,
            window=window,
            wait=wait,
            matcher=matcher,
            runs=1 + spec.retries,
        )


def placing_time(spec: JobSpec, hour_length: int) -> int:
    """Seconds after its opening in which a job is placed, the first time and again: ten minutes,
    and for each retry as long as the run before it may last until it is known to be lost."""
    lost = spec.duration_seconds + schedule.grace(hour_length)
    return min(MAX_WAIT, WAIT_SECONDS + spec.retries * lost)


def quote(price: int, gpus: int, seconds: int, fee_bps: int) -> Quote:
    """The most that a job can cost its client: iog_jobs' `funding`, fee rounded up.

    Raises:
        Refused: it is more than 64 bits hold.
    """
    gross = price * gpus * seconds
    fee = fee_of(gross, fee_bps)
    if gross + fee > U64_MAX:
        raise Refused("the job could cost more than any wallet can hold")
    return Quote(
        price=price, gpus=gpus, max_seconds=seconds, gross=gross, fee=fee, funded=gross + fee
    )


def fee_of(gross: int, fee_bps: int) -> int:
    """One side's fee on `gross` base units, rounded up."""
    return -(-gross * fee_bps // BPS)


def client_open_instruction(wallet: Pubkey, matchers: list[Pubkey]) -> Instruction:
    """Lets `matchers` place the wallet's jobs; replaces the list there was."""
    return client_open(
        {"matchers": matchers}, {"wallet": wallet, "client": addresses.client(wallet)}
    )


def open_instruction(
    wallet: Pubkey,
    number: int,
    terms: Terms,
    *,
    delegate: Pubkey | None = None,
    gang: Pubkey | None = None,
) -> Instruction:
    """Opens the wallet's job `number` and funds it in full; signed by the wallet, or a delegate
    of it. `gang` is the address of the one it is a member of."""
    job = addresses.job(wallet, number)
    wanted = addresses.class_address(terms.gpu_class) if terms.gpu_class else NONE
    return job_open(
        {
            "spec_hash": terms.spec_hash,
            "class_": wanted,
            "min_multiplier": 0,
            "gpus": terms.gpus,
            "max_price": terms.max_price,
            "max_seconds": terms.max_seconds,
            "runs": terms.runs,
            "window": terms.window,
            "wait": terms.wait,
            "matcher": terms.matcher,
        },
        {
            "signer": delegate or wallet,
            "config": addresses.jobs_config(),
            "client": addresses.client(wallet),
            "delegate": addresses.delegate(wallet, delegate) if delegate else None,
            "gang": gang,
            "job": job,
            "vault": addresses.job_vault(job),
            "mint": addresses.mint(),
            "wallet_tokens": addresses.tokens(wallet),
        },
    )


def cancel_instruction(job: Job, address: Pubkey) -> Instruction:
    """Ends a job by its client's wish."""
    return job_cancel(_end_accounts(job, address, job.client))


def expire_instruction(job: Job, address: Pubkey, sender: Pubkey) -> Instruction:
    """Ends a job whose deadline and grace have passed; anyone may send it."""
    return job_expire(_end_accounts(job, address, sender))


async def settle_instructions(
    rpc: Rpc, settler: Pubkey, job: Job, address: Pubkey
) -> list[Instruction]:
    """Pays out an ended job, making token accounts where they are missing."""
    started = job.payee != NONE
    paid = [job.client, job.payee] if started else [job.client]
    created = await tokens.create_missing(rpc, settler, paid)
    settle = job_settle(
        {
            "settler": settler,
            "job": address,
            "config": addresses.jobs_config(),
            "vault": addresses.job_vault(address),
            "fee_vault": addresses.fee_vault(),
            "payee_tokens": addresses.tokens(job.payee) if started else None,
            "client_tokens": addresses.tokens(job.client),
            "payer": job.payer,
        }
    )
    return [*created, settle]


async def config(rpc: Rpc) -> Config:
    """The program's configuration.

    Raises:
        NotFound: there is no network on this chain.
    """
    return await records.get(
        rpc,
        Config,
        addresses.jobs_config(),
        "there is no escrow of jobs on this chain; `iog network init` makes one",
    )


async def next_number(rpc: Rpc, wallet: Pubkey) -> int:
    """The number that the wallet's next job gets."""
    client = await records.find(rpc, Client, addresses.client(wallet))
    return int(client.next_job) if client else 0


async def get(rpc: Rpc, address: Pubkey) -> Job:
    """One job.

    Raises:
        NotFound: there is none at that address.
    """
    return await records.get(rpc, Job, address, f"there is no job {address} on chain")


async def search(rpc: Rpc, client: Pubkey | None = None) -> list[tuple[Pubkey, Job]]:
    """All jobs, or those of one client, the newest first."""
    where = [(_CLIENT_AT, bytes(client))] if client else []
    found = await records.search(rpc, addresses.JOBS, Job, where)
    return sorted(found, key=lambda pair: (pair[1].opened_at, pair[1].number), reverse=True)


async def opening_cost(rpc: Rpc, wallet: Pubkey) -> int:
    """Lamports that opening the wallet's next job takes: the fee, and rent of what it creates."""
    rent = await funds.rent_rate(rpc)
    known = await records.find(rpc, Client, addresses.client(wallet))
    sizes = [Job.size, TOKEN_ACCOUNT_BYTES, *([] if known else [Client.size])]
    return SIGNATURE_FEE + sum(map(rent, sizes))


async def open_job(
    sender: Sender, wallet: Keypair, number: int, terms: Terms, gang: Pubkey | None = None
) -> Sent:
    """Open and fund the wallet's next job, allowing its matcher in the same transaction if needed.

    Raises:
        Refused: the network is paused, or the wallet holds too little.
    """
    rpc, key = sender.rpc, wallet.pubkey()
    settings = await require_open(rpc)
    most = quote(terms.max_price, terms.gpus, terms.max_seconds, settings.fee_bps)
    await funds.require(rpc, key, most.funded, "the job's escrow")
    allowed = await allow_instructions(rpc, key, terms.matcher)
    opened = open_instruction(key, number, terms, gang=gang)
    return await sender.send([*allowed, opened], signers=[wallet])


async def require_open(rpc: Rpc) -> Config:
    """The program's configuration. Raises `Refused` while the network's jobs are paused."""
    settings = await config(rpc)
    if settings.paused:
        raise Refused("the network is paused: no job is opened or extended")
    return settings


async def matchers(rpc: Rpc, wallet: Pubkey) -> list[Pubkey]:
    """Who may place the wallet's jobs."""
    client = await records.find(rpc, Client, addresses.client(wallet))
    return list(client.matchers[: client.matcher_count]) if client else []


async def allow_instructions(rpc: Rpc, wallet: Pubkey, matcher: Pubkey) -> list[Instruction]:
    """Lets a matcher place the wallet's jobs; nothing when it may. The one named first is dropped
    where the list is full."""
    known = await matchers(rpc, wallet)
    if matcher in known:
        return []
    return [client_open_instruction(wallet, [*known, matcher][-MAX_MATCHERS:])]


async def cancellable(rpc: Rpc, wallet: Pubkey, address: Pubkey) -> Job:
    """The job, if `cancel` by that wallet would do something to it now.

    Raises:
        NotFound: there is no such job.
        NotAllowed: it is another client's.
        Refused: it has ended already.
    """
    job = await get(rpc, address)
    if job.client != wallet:
        raise NotAllowed(f"the job belongs to {job.client}, the wallet is {wallet}")
    if STATES[job.state] not in (*GOING_ON, "cancelled"):
        raise Refused(f"the job is {STATES[job.state]} and cannot be cancelled")
    return job


async def cancel(sender: Sender, wallet: Keypair, address: Pubkey) -> Sent:
    """Cancel a job that has not ended; settle it too, where that is the client's to do.

    Before a run has started it is, in the same transaction. A run that is going on leaves its node
    ten minutes (scaled) to prove the last seconds: until then only the matcher settles, and from
    then on calling this again does.

    Raises what `cancellable` does.
    """
    job = await cancellable(sender.rpc, wallet.pubkey(), address)
    state = STATES[job.state]
    if state == "cancelled":
        return await settle(sender, address)
    wanted = [cancel_instruction(job, address)]
    if state != "running":
        wanted += await settle_instructions(sender.rpc, sender.payer.pubkey(), job, address)
    return await sender.send(wanted, signers=[wallet])


async def expire(sender: Sender, address: Pubkey) -> Sent:
    """End a job that is past its deadline and grace, and settle it: anyone may.

    Raises:
        NotFound: there is no such job.
        Refused: it has ended, or its time has not passed yet.
    """
    job = await get(sender.rpc, address)
    if STATES[job.state] not in GOING_ON:
        raise Refused(f"the job is {STATES[job.state]} and cannot expire")
    due = await _due(sender.rpc, job)
    if (now := await sender.rpc.chain_time()) < due:
        raise Refused(f"the job can expire in {due - now} s")
    payer = sender.payer.pubkey()
    settled = await settle_instructions(sender.rpc, payer, job, address)
    return await sender.send([expire_instruction(job, address, payer), *settled])


async def settle(sender: Sender, address: Pubkey) -> Sent:
    """Pay out an ended job: its client at once, anyone after the window.

    A run that its client cancelled: its matcher at once, anyone after the time for its last
    statement. A disputed one: anyone, once the arbiter has decided or its time has passed.

    Raises:
        NotFound: there is no such job.
        Refused: it has not ended, or is settled.
        NotAllowed: only the client, or the matcher, may for now.
    """
    job = await get(sender.rpc, address)
    state = STATES[job.state]
    if state not in ("finished", "cancelled", "expired", "disputed", "resolved"):
        raise Refused(f"the job is {state} and cannot be settled")
    payer = sender.payer.pubkey()
    alone = {"finished": job.client, "cancelled": job.matcher}.get(state, payer)
    left = job.deadline - await sender.rpc.chain_time()
    if left > 0 and state == "disputed":
        raise Refused(f"the arbiter has another {left} s to decide the dispute")
    if left > 0 and payer != alone:
        who = "client" if state == "finished" else "matcher"
        raise NotAllowed(f"for another {left} s only the {who} {alone} may settle the job")
    return await sender.send(await settle_instructions(sender.rpc, payer, job, address))


def view(job: Job, address: Pubkey, name: str = "", gpu_class: str | None = None) -> JobView:
    """A job as the chain alone shows it; name and class's slug come from elsewhere.

    What the chain does not know is not among the view's `model_fields_set`.
    """
    reason = EndReason(job.reason)
    ended = any(job.result_hash)
    return JobView(
        id=str(address),
        address=str(address),
        number=job.number,
        client=str(job.client),
        **({"name": name} if name else {}),
        state=STATES[job.state],
        reason=reason.label,
        fault=reason.fault,
        node=None if job.node == NONE else str(job.node),
        device=None if job.device == NONE else str(job.device),
        run=job.run,
        max_runs=job.max_runs,
        gpus=job.gpus,
        gpu_class=gpu_class,
        max_price=job.max_price,
        price=job.price,
        max_seconds=job.max_seconds,
        funded=job.funded,
        node_paid=job.paid,
        fees=job.fees,
        refunded=job.refunded,
        proven_seconds=job.proven_seconds,
        spec_hash=bytes(job.spec_hash).hex(),
        result_hash=bytes(job.result_hash).hex() if ended else None,
        opened_at=job.opened_at,
        started_at=job.started_at or None,
        ended_at=job.ended_at or None,
        deadline=job.deadline,
        gang=None if job.gang == NONE else str(job.gang),
    )


def _end_accounts(job: Job, address: Pubkey, signer: Pubkey) -> JobCancelAccounts:
    held = STATES[job.state] in ("running", "joined")
    return {
        "signer": signer,
        "job": address,
        "node": job.node if held else None,
        "gang": None if job.gang == NONE else job.gang,
        "config": addresses.jobs_config(),
        "staking_program": addresses.STAKING,
    }


async def _due(rpc: Rpc, job: Job) -> int:
    """When anyone may expire it: a member of a gang that has not started, with the gang."""
    if job.gang != NONE:
        gang = await records.get(rpc, Gang, job.gang, f"there is no gang {job.gang} on chain")
        if not gang.started_at:
            return int(gang.deadline)
    return int(job.deadline) + schedule.grace((await config(rpc)).hour_length)
