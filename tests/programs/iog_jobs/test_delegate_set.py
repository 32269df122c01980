from dataclasses import dataclass

import pytest
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_jobs.accounts import Delegate
from iog_client._generated.iog_jobs.events import DelegateClosed, DelegateSet
from jobs_world import Jobs
from registry_world import FUNDS, copy, refused
from world import START, swap, unsigned

FUNDED = 200_500_000  # a job as `job_open` opens it
HOUR = 3_600


def approve(jobs: Jobs, amount: int) -> Instruction:
    """SPL Approve of the wallet's Client."""
    wallet = jobs.wallet.pubkey()
    metas = [
        AccountMeta(addresses.tokens(wallet), False, True),
        AccountMeta(addresses.client(wallet), False, False),
        AccountMeta(wallet, True, False),
    ]
    return Instruction(addresses.SPL_TOKEN, b"\x04" + amount.to_bytes(8, "little"), metas)


@dataclass
class Delegated:
    """A key that may spend a wallet's money."""

    jobs: Jobs
    key: Keypair

    def limit(self, per_job: int, per_day: int) -> "Delegated":
        call = self.jobs.delegate_set(self.key.pubkey(), per_job, per_day)
        self.jobs.world.send(call, signers=[self.jobs.wallet])
        return self

    def open(self, **changes: int) -> "Delegated":
        call = self.jobs.job_open(by=self.key.pubkey(), **changes)
        self.jobs.world.send(call, signers=[self.key])
        return self

    def extend(self, seconds: int) -> "Delegated":
        call = self.jobs.job_extend(seconds, by=self.key.pubkey())
        self.jobs.world.send(call, signers=[self.key])
        return self

    def read(self) -> Delegate:
        address = addresses.delegate(self.jobs.wallet.pubkey(), self.key.pubkey())
        return self.jobs.world.account(Delegate, address)


@pytest.fixture
def delegated(jobs: Jobs) -> Delegated:
    """May put up to one job's funding into a job and twice that a day."""
    jobs.world.send(approve(jobs, FUNDS), signers=[jobs.wallet])
    return Delegated(jobs, jobs.world.keypair()).limit(FUNDED, 2 * FUNDED)


def test_a_wallet_sets_the_limits_of_a_key(jobs: Jobs) -> None:
    key, wallet = Keypair().pubkey(), jobs.wallet.pubkey()
    result = jobs.world.send(jobs.delegate_set(key, 5, 9), signers=[jobs.wallet])
    address = addresses.delegate(wallet, key)
    made = jobs.world.account(Delegate, address)
    assert made == Delegate(
        wallet=wallet,
        key=key,
        per_job=5,
        per_day=9,
        spent=[0] * 25,
        last_hour=0,
        bump=made.bump,
    )
    assert jobs.world.events(result) == [
        DelegateSet(delegate=address, wallet=wallet, key=key, per_job=5, per_day=9)
    ]


def test_a_delegate_opens_a_job_from_the_wallet_s_tokens(delegated: Delegated) -> None:
    jobs, key = delegated.jobs, delegated.key.pubkey()
    lamports = jobs.world.lamports(jobs.wallet.pubkey())
    delegated.open()
    job = jobs.read()
    assert (job.client, job.payer, job.funded) == (jobs.wallet.pubkey(), key, FUNDED)
    assert jobs.world.balance(jobs.vault) == FUNDED
    assert jobs.world.balance(addresses.tokens(jobs.wallet.pubkey())) == FUNDS - FUNDED
    assert jobs.world.lamports(jobs.wallet.pubkey()) == lamports
    hour = START // HOUR
    assert (delegated.read().last_hour, delegated.read().spent[hour % 25]) == (hour, FUNDED)


def test_the_rent_goes_back_to_the_delegate_and_the_refund_to_the_wallet(
    delegated: Delegated,
) -> None:
    jobs = delegated.open().jobs
    rent = jobs.world.lamports(jobs.vault)
    before = jobs.world.lamports(delegated.key.pubkey())
    jobs.cancel(node=False)
    call = jobs.job_settle(payee=False)
    metas = list(call.accounts)
    metas[7] = AccountMeta(delegated.key.pubkey(), False, True)
    call = Instruction(call.program_id, call.data, metas)
    jobs.world.send(call, signers=[jobs.wallet])
    assert jobs.world.lamports(delegated.key.pubkey()) == before + rent
    assert jobs.world.balance(addresses.tokens(jobs.wallet.pubkey())) == FUNDS


def test_a_job_above_the_limit_is_refused(delegated: Delegated) -> None:
    with refused("JobLimit"):
        delegated.open(max_seconds=101)
    delegated.limit(FUNDED - 1, 2 * FUNDED)
    with refused("JobLimit"):
        delegated.open()


def test_extensions_count_towards_the_job_s_limit(delegated: Delegated) -> None:
    delegated.open(max_seconds=50)
    with refused("JobLimit"):
        delegated.extend(51)
    delegated.extend(50)
    with refused("JobLimit"):
        delegated.extend(1)
    assert delegated.jobs.read().funded == sum(delegated.read().spent) == FUNDED


def test_what_the_wallet_put_into_a_job_counts_towards_its_limit_too(delegated: Delegated) -> None:
    delegated.jobs.open()
    with refused("JobLimit"):
        delegated.extend(1)


def test_a_day_is_any_24_hours(delegated: Delegated) -> None:
    jobs = delegated.open().jobs
    jobs.number = 1
    delegated.open()
    jobs.number = 2
    begin = START // HOUR * HOUR
    for at in (START, begin + 24 * HOUR, begin + 25 * HOUR - 1):
        jobs.world.now = at
        with refused("DayLimit"):
            delegated.open(max_price=1, gpus=1, max_seconds=1)
    jobs.world.now = begin + 25 * HOUR
    delegated.open()
    jobs.number = 3
    delegated.open()
    jobs.number = 4
    with refused("DayLimit"):
        delegated.open(max_price=1, gpus=1, max_seconds=1)


def test_new_limits_do_not_forget_what_was_spent(delegated: Delegated) -> None:
    jobs = delegated.open().limit(FUNDED, FUNDED).jobs
    jobs.number = 1
    with refused("DayLimit"):
        delegated.open()
    assert sum(delegated.limit(FUNDED, 2 * FUNDED).open().read().spent) == 2 * FUNDED


def test_limits_of_zero_end_it(delegated: Delegated) -> None:
    delegated.limit(0, 0)
    with refused("JobLimit"):
        delegated.open(max_price=1, gpus=1, max_seconds=1)


def test_more_than_the_wallet_approved_is_refused(delegated: Delegated) -> None:
    jobs = delegated.jobs
    jobs.world.send(approve(jobs, FUNDED - 1), signers=[jobs.wallet])
    with refused("1"):  # the token program's InsufficientFunds
        delegated.open()
    jobs.world.send(approve(jobs, FUNDED), signers=[jobs.wallet])
    delegated.open()


def test_without_an_approval_it_is_refused(jobs: Jobs) -> None:
    delegated = Delegated(jobs, jobs.world.keypair()).limit(FUNDED, FUNDED)
    with refused("4"):  # the token program's OwnerMismatch
        delegated.open()


def test_a_delegate_cannot_spend_from_other_tokens(delegated: Delegated) -> None:
    jobs, world = delegated.jobs, delegated.jobs.world
    tokens = addresses.tokens(jobs.wallet.pubkey())
    call = jobs.job_open(by=delegated.key.pubkey())
    with refused("WalletTokensMismatch"):
        world.send(swap(call, tokens, copy(world, tokens)), signers=[delegated.key])


def test_a_delegate_cannot_use_another_s_limits_or_another_wallet(delegated: Delegated) -> None:
    jobs, world = delegated.jobs, delegated.jobs.world
    other = Delegated(jobs, world.keypair())
    own, others = (
        addresses.delegate(jobs.wallet.pubkey(), one.key.pubkey()) for one in (delegated, other)
    )
    call = swap(jobs.job_open(by=other.key.pubkey()), others, own)
    with refused("NotSpender"):
        world.send(call, signers=[other.key])
    stranger = Jobs(jobs.registry, world.keypair(), jobs.matcher)
    world.send(stranger.client_open(), signers=[stranger.wallet])
    theirs = addresses.delegate(stranger.wallet.pubkey(), delegated.key.pubkey())
    call = swap(stranger.job_open(by=delegated.key.pubkey()), theirs, own)
    with refused("NotSpender"):
        world.send(call, signers=[delegated.key])


def test_a_delegate_neither_cancels_nor_disputes_nor_settles_early(delegated: Delegated) -> None:
    jobs, key = delegated.open().jobs, delegated.key
    with refused("NotClient"):
        call = swap(jobs.job_cancel(node=False), jobs.wallet.pubkey(), key.pubkey())
        jobs.world.send(call, signers=[key])
    jobs.assign().start().finish()
    with refused("NotClient"):
        jobs.world.send(jobs.job_dispute(key.pubkey()), signers=[key])
    with refused("WindowOpen"):
        call = jobs.job_settle(key.pubkey())
        metas = list(call.accounts)
        metas[7] = AccountMeta(key.pubkey(), False, True)
        jobs.world.send(Instruction(call.program_id, call.data, metas), signers=[key])


def test_only_the_wallet_sets_and_closes(delegated: Delegated) -> None:
    jobs, key = delegated.jobs, delegated.key
    wallet = jobs.wallet.pubkey()
    other = jobs.world.keypair()
    with refused("InvalidSeeds"):
        call = swap(jobs.delegate_set(key.pubkey(), 2**64 - 1, 2**64 - 1), wallet, other.pubkey())
        jobs.world.send(call, signers=[other])
    with refused("WalletMismatch"):
        call = swap(jobs.delegate_close(key.pubkey()), wallet, key.pubkey())
        jobs.world.send(call, signers=[key])
    for call in (jobs.delegate_set(key.pubkey(), 1, 1), jobs.delegate_close(key.pubkey())):
        with refused("MissingRequiredSignature"):
            jobs.world.send(unsigned(call, wallet))


def test_closing_ends_it_and_gives_the_rent_back(delegated: Delegated) -> None:
    jobs, key = delegated.jobs, delegated.key.pubkey()
    address = addresses.delegate(jobs.wallet.pubkey(), key)
    rent, before = (jobs.world.lamports(one) for one in (address, jobs.wallet.pubkey()))
    result = jobs.world.send(jobs.delegate_close(key), signers=[jobs.wallet])
    assert not jobs.world.exists(address)
    assert jobs.world.lamports(jobs.wallet.pubkey()) == before + rent
    assert jobs.world.events(result) == [
        DelegateClosed(delegate=address, wallet=jobs.wallet.pubkey(), key=key)
    ]
    with refused("UninitializedAccount"):
        delegated.open()
    with refused("AccountDataTooSmall"):
        jobs.world.send(jobs.delegate_close(key), signers=[jobs.wallet])
