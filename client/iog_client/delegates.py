"""Delegates: keys that open and extend a wallet's jobs within limits, with the wallet's own IO.

The wallet approves its Client account of iog_jobs as SPL delegate of its tokens, and iog_jobs
spends from them only within the limits that the wallet has set for the key that signs. What is not
used of a job goes back to the wallet, never to the delegate.
"""

import struct
from dataclasses import dataclass

from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, amounts, funds, jobs, records, tokens
from iog_client._generated.iog_jobs.accounts import Delegate
from iog_client._generated.iog_jobs.instructions.delegate_close import delegate_close
from iog_client._generated.iog_jobs.instructions.delegate_set import delegate_set
from iog_client.amounts import format_amount
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.jobs import Terms
from iog_client.rpc import Rpc
from iog_client.times import moment
from iog_client.transactions import Sender, Sent

HOURS = 25
ALLOWED_DAYS = 30
"""Days of spending that the wallet's tokens are approved for unless it says otherwise."""
_WALLET_AT = 8
_KEY_AT = 40
_APPROVE, _REVOKE = 4, 5
_DELEGATE_OFFSET, _DELEGATED_OFFSET = 72, 121


@dataclass(frozen=True, slots=True)
class Standing:
    """A delegate's limits, and what it has spent of them by now, in base units.

    `left` is what it may still spend today.
    """

    wallet: Pubkey
    key: Pubkey
    per_job: int
    per_day: int
    spent: int
    left: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a wallet lets its Client account take from its tokens in all, in base units.

    `other` is another SPL delegate that the tokens have instead.
    """

    amount: int
    other: Pubkey | None = None


def spent(record: Delegate, now: int) -> int:
    """What it has spent in the last 24 hours, the hour that runs included, as iog_jobs counts."""
    hour = max(now, 0) // amounts.HOUR
    kept = max(0, HOURS - max(0, hour - record.last_hour))
    return sum(record.spent[(record.last_hour - back) % HOURS] for back in range(kept))


def free_at(record: Delegate, amount: int, now: int) -> int | None:
    """When so much may be spent; None if never, by the limit of a day."""
    hour = max(now, 0) // amounts.HOUR
    for later in range(HOURS + 1):
        at = max(now, (hour + later) * amounts.HOUR)
        if spent(record, at) + amount <= record.per_day:
            return at
    return None


def standing(record: Delegate, now: int) -> Standing:
    """A delegate as it stands at a time."""
    used = spent(record, now)
    left = max(0, record.per_day - used)
    return Standing(record.wallet, record.key, record.per_job, record.per_day, used, left)


def set_instruction(wallet: Pubkey, key: Pubkey, per_job: int, per_day: int) -> Instruction:
    """Sets the limits of a delegate; what it has spent counts on."""
    return delegate_set(
        {"per_job": per_job, "per_day": per_day},
        {"wallet": wallet, "key": key, "delegate": addresses.delegate(wallet, key)},
    )


def close_instruction(wallet: Pubkey, key: Pubkey) -> Instruction:
    """Ends a delegate; the rent goes back to the wallet."""
    return delegate_close({"wallet": wallet, "delegate": addresses.delegate(wallet, key)})


def approve_instruction(wallet: Pubkey, amount: int) -> Instruction:
    """Lets the wallet's Client account take so much from its tokens; replaces what was let."""
    metas = [
        AccountMeta(addresses.tokens(wallet), is_signer=False, is_writable=True),
        AccountMeta(addresses.client(wallet), is_signer=False, is_writable=False),
        AccountMeta(wallet, is_signer=True, is_writable=False),
    ]
    return Instruction(addresses.SPL_TOKEN, struct.pack("<BQ", _APPROVE, amount), metas)


def revoke_instruction(wallet: Pubkey) -> Instruction:
    """Lets nobody take from the wallet's tokens any more."""
    metas = [
        AccountMeta(addresses.tokens(wallet), is_signer=False, is_writable=True),
        AccountMeta(wallet, is_signer=True, is_writable=False),
    ]
    return Instruction(addresses.SPL_TOKEN, bytes([_REVOKE]), metas)


async def allowance(rpc: Rpc, wallet: Pubkey) -> Allowance:
    """What the wallet's tokens are approved for."""
    account = await rpc.account(addresses.tokens(wallet))
    if account is None or not struct.unpack_from("<I", account.data, _DELEGATE_OFFSET)[0]:
        return Allowance(0)
    place = _DELEGATE_OFFSET + 4
    named = Pubkey.from_bytes(account.data[place : place + 32])
    if named != addresses.client(wallet):
        return Allowance(0, named)
    return Allowance(int(struct.unpack_from("<Q", account.data, _DELEGATED_OFFSET)[0]))


async def get(rpc: Rpc, wallet: Pubkey, key: Pubkey) -> Delegate:
    """A wallet's delegate. Raises `NotAllowed` when the key is none."""
    record = await records.find(rpc, Delegate, addresses.delegate(wallet, key))
    if record is None:
        raise NotAllowed(
            f"{key} is no delegate of {wallet}; its `iog delegate set {key}` makes it one"
        )
    return record


async def search(
    rpc: Rpc, wallet: Pubkey | None = None, key: Pubkey | None = None
) -> list[Delegate]:
    """The delegates of a wallet, or those that a key is."""
    where = [(at, bytes(one)) for at, one in ((_WALLET_AT, wallet), (_KEY_AT, key)) if one]
    found = await records.search(rpc, addresses.JOBS, Delegate, where)
    return sorted((record for _, record in found), key=lambda one: (str(one.wallet), str(one.key)))


async def set_limits(
    sender: Sender,
    wallet: Keypair,
    key: Pubkey,
    per_job: int,
    per_day: int,
    *,
    matcher: Pubkey | None = None,
    allowed: int | None = None,
) -> Sent:
    """Let a key open and extend the wallet's jobs, each for so much at most and so much a day.

    In the same transaction `matcher` may place the wallet's jobs, and the wallet's tokens are
    approved for `allowed` base units in all; None for thirty days of all its delegates.

    Raises:
        Refused: the tokens are approved for another program already, or no matcher is known.
        UsageError: the limits let nothing through, or the key is the wallet itself.
    """
    rpc, owner = sender.rpc, wallet.pubkey()
    _check(owner, key, per_job, per_day)
    held = await allowance(rpc, owner)
    if held.other:
        raise Refused(
            f"the tokens of {owner} are approved for {held.other} already; "
            "a token account has one such delegate, so take that back first"
        )
    wanted = await jobs.allow_instructions(rpc, owner, matcher) if matcher else []
    if not matcher and not await jobs.matchers(rpc, owner):
        raise Refused(f"{owner} lets no orchestrator place its jobs yet; --matcher names one")
    if allowed is None:
        others = [one.per_day for one in await search(rpc, owner) if one.key != key]
        allowed = min(ALLOWED_DAYS * (sum(others) + per_day), amounts.U64_MAX)
    payer = sender.payer.pubkey()
    created = await tokens.create_missing(rpc, payer, [owner])
    wanted = [*created, *wanted, set_instruction(owner, key, per_job, per_day)]
    return await sender.send([*wanted, approve_instruction(owner, allowed)], signers=[wallet])


async def close(sender: Sender, wallet: Keypair, key: Pubkey) -> Sent:
    """End a delegate. With the last one the approval of the wallet's tokens ends too.

    Raises:
        NotFound: the key is no delegate of the wallet.
    """
    rpc, owner = sender.rpc, wallet.pubkey()
    known = [one.key for one in await search(rpc, owner)]
    if key not in known:
        raise NotFound(f"{key} is no delegate of {owner}")
    wanted = [close_instruction(owner, key)]
    if known == [key] and (await allowance(rpc, owner)).amount:
        wanted.append(revoke_instruction(owner))
    return await sender.send(wanted, signers=[wallet])


async def require(rpc: Rpc, wallet: Pubkey, key: Pubkey, amount: int, funded: int) -> None:
    """See that a delegate may spend `amount` on a job that is then funded with `funded`.

    Raises:
        NotAllowed: the key is no delegate of the wallet.
        Refused: it is above a limit, or more than the wallet holds or has approved.
    """
    record = await get(rpc, wallet, key)
    if funded > record.per_job:
        raise Refused(
            f"the job takes {format_amount(funded)}, and the delegate may put "
            f"{format_amount(record.per_job)} into one"
        )
    now = await rpc.chain_time()
    used = spent(record, now)
    if used + amount > record.per_day:
        at = free_at(record, amount, now)
        when = f"; enough is free {moment(at, now)}" if at is not None else ""
        raise Refused(
            f"the delegate has spent {format_amount(used)} of {format_amount(record.per_day)} in "
            f"24 hours, and this takes {format_amount(amount)}{when}"
        )
    held = await allowance(rpc, wallet)
    if held.amount < amount:
        raise Refused(
            f"{wallet} has approved {format_amount(held.amount)} for its delegates, and this "
            f"takes {format_amount(amount)}; its `iog delegate set` approves more"
        )
    await funds.require(rpc, wallet, amount, "the job's escrow")


async def open_job(
    sender: Sender,
    delegate: Keypair,
    wallet: Pubkey,
    number: int,
    terms: Terms,
    gang: Pubkey | None = None,
) -> Sent:
    """Open a wallet's next job as its delegate, who pays fee and rent in SOL.

    Raises:
        NotAllowed: the key is no delegate of the wallet.
        Refused: the network is paused, the wallet does not let the matcher place its jobs, or
            `require`.
    """
    rpc, key = sender.rpc, delegate.pubkey()
    settings = await jobs.require_open(rpc)
    most = jobs.quote(terms.max_price, terms.gpus, terms.max_seconds, settings.fee_bps)
    await require(rpc, wallet, key, most.funded, most.funded)
    if terms.matcher not in await jobs.matchers(rpc, wallet):
        raise Refused(
            f"{wallet} does not let {terms.matcher} place its jobs; "
            f"its `iog delegate set {key}` at this orchestrator does"
        )
    wanted = jobs.open_instruction(wallet, number, terms, delegate=key, gang=gang)
    return await sender.send([wanted], signers=[delegate])


def _check(owner: Pubkey, key: Pubkey, per_job: int, per_day: int) -> None:
    if key == owner:
        raise UsageError(f"{key} is the wallet itself, which spends without limits")
    if per_job < 1 or per_day < per_job:
        raise UsageError(
            f"{format_amount(per_job)} a job and {format_amount(per_day)} a day are not accepted: "
            "more than 0 IO a job, and no less a day"
        )
