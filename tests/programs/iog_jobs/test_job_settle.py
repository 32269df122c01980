import json
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobSettled
from jobs_world import GRACE, JOB_REASON, STATES, Jobs
from jobs_world import jobs as bring_up
from registry_world import NOBODY, NODE_ASK, NODE_PAYEE, copy, refused
from stages import network
from world import ROOT, World, set_owner, swap, transfer_tokens, unsigned

REASONS = json.loads((ROOT / "tests/vectors/end_reasons.json").read_text())
FUNDED = 200_500_000  # 1,000,000 * 2 GPUs * 100 s and a quarter percent
FEE = Fraction(25, 10_000)


def balances(jobs: Jobs) -> tuple[int, int, int]:
    """(payee, fee vault, client)"""
    wallets = (jobs.registry.payee, jobs.wallet.pubkey())
    payee, client = (jobs.world.balance(addresses.tokens(wallet)) for wallet in wallets)
    return payee, jobs.world.balance(addresses.fee_vault()), client


def changes(jobs: Jobs, *, payee: bool = True) -> tuple[int, int, int]:
    """What settling changes of `balances`; asserts that the funding went nowhere else."""
    before = balances(jobs)
    jobs.settle(payee=payee)
    to_payee, to_fees, to_client = (
        after - was for after, was in zip(balances(jobs), before, strict=True)
    )
    job = jobs.read()
    assert job.state == STATES["settled"]
    assert (job.paid, job.fees, job.refunded) == (to_payee, to_fees, to_client)
    assert job.paid + job.fees + job.refunded == job.funded
    assert not jobs.world.exists(jobs.vault)
    return to_payee, to_fees, to_client


def test_proven_seconds_are_paid_and_the_rest_goes_back(jobs: Jobs) -> None:
    jobs.running(30).finish()
    lamports = jobs.world.lamports(jobs.wallet.pubkey())
    rent = jobs.world.lamports(jobs.vault)
    result = jobs.world.send(jobs.job_settle(), signers=[jobs.wallet])
    # 60,000,000 gross; a quarter percent is 150,000 on each side
    assert balances(jobs)[:2] == (59_850_000, 300_000)
    assert jobs.world.lamports(jobs.wallet.pubkey()) == lamports + rent
    assert not jobs.world.exists(jobs.vault)
    assert jobs.world.events(result) == [
        JobSettled(
            job=jobs.job,
            client=jobs.wallet.pubkey(),
            node=jobs.registry.node,
            payee=jobs.registry.payee,
            settler=jobs.wallet.pubkey(),
            run=1,
            reason=1,
            proven_seconds=30,
            paid=59_850_000,
            node_fee=150_000,
            client_fee=150_000,
            refunded=FUNDED - 60_150_000,
            donated=0,
        )
    ]


@pytest.mark.parametrize(
    ("price", "gpus", "proven", "expected"),
    [
        # gross 400: a quarter percent is 1 exactly; 401: 2, rounded up; 1: the whole of it
        (4, 1, 100, (399, 2)),
        (401, 1, 1, (399, 4)),
        (1, 1, 1, (0, 2)),
        (1, 1, 0, (0, 0)),
        (200, 2, 1, (399, 2)),
    ],
)
def test_fees_are_rounded_up(
    jobs: Jobs, price: int, gpus: int, proven: int, expected: tuple[int, int]
) -> None:
    jobs.world.write(jobs.registry.node, NODE_ASK, price.to_bytes(8, "little"))
    jobs.running(proven, gpus=gpus).finish()
    assert changes(jobs)[:2] == expected


def test_the_whole_funding_can_be_used_up(jobs: Jobs) -> None:
    jobs.running(100).finish()
    assert changes(jobs) == (200_000_000 - 500_000, 1_000_000, 0)


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason["name"])
def test_only_a_reason_that_pays_pays(jobs: Jobs, reason: dict[str, object]) -> None:
    jobs.running(30).finish()
    code = int(str(reason["code"]))
    if code == 0:  # no job that has ended lacks a reason
        return
    jobs.world.write(jobs.job, JOB_REASON, bytes([code]))
    paid = (59_850_000, 300_000, FUNDED - 60_150_000)
    assert changes(jobs) == (paid if reason["pays"] else (0, 0, FUNDED))


def test_a_node_at_fault_is_paid_nothing_though_seconds_are_proven(jobs: Jobs) -> None:
    jobs.running(30).finish(20)
    assert changes(jobs, payee=False) == (0, 0, FUNDED)


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_a_job_that_never_started_is_refunded_whole_without_a_payee(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    assert jobs.read().payee == NOBODY
    assert changes(jobs, payee=False) == (0, 0, FUNDED)


@pytest.mark.parametrize("end", ["cancel", "expire"])
def test_a_running_job_that_is_ended_pays_what_is_proven(jobs: Jobs, end: str) -> None:
    jobs.running(50)
    getattr(jobs, end)()
    jobs.world.now += GRACE
    assert changes(jobs) == (99_750_000, 500_000, FUNDED - 100_250_000)


def test_what_others_put_into_the_vault_goes_to_the_client(jobs: Jobs) -> None:
    jobs.running(30).finish()
    owner = jobs.registry.owner
    source = addresses.tokens(owner.pubkey())
    gift = transfer_tokens(owner.pubkey(), source, jobs.vault, 77)
    jobs.world.send(gift, signers=[owner])
    before = balances(jobs)
    result = jobs.world.send(jobs.job_settle(), signers=[jobs.wallet])
    assert balances(jobs)[2] - before[2] == FUNDED - 60_150_000 + 77
    (event,) = jobs.world.events(result)
    assert (event.refunded, event.donated) == (FUNDED - 60_150_000, 77)


def test_a_client_may_run_jobs_on_a_node_of_its_own(jobs: Jobs) -> None:
    jobs.registry.payee = jobs.wallet.pubkey()
    jobs.world.write(jobs.registry.node, NODE_PAYEE, bytes(jobs.wallet.pubkey()))
    jobs.running(30).finish()
    before = balances(jobs)
    jobs.settle()
    after = balances(jobs)
    assert (after[0] - before[0], after[1]) == (FUNDED - 300_000, 300_000)


# --- who, and when --------------------------------------------------------------------------------


def test_within_the_window_only_the_client_settles(jobs: Jobs) -> None:
    jobs.running(30).finish()
    anyone = jobs.world.keypair()
    jobs.world.now += 49
    for other in (anyone, jobs.device, jobs.matcher):
        with refused("WindowOpen"):
            jobs.world.send(jobs.job_settle(other.pubkey()), signers=[other])
    jobs.world.now += 1
    jobs.world.send(jobs.job_settle(anyone.pubkey()), signers=[anyone])
    assert jobs.read().state == STATES["settled"]


def test_without_a_window_anyone_settles_at_once(jobs: Jobs) -> None:
    jobs.running(30, window=0).finish()
    jobs.world.send(jobs.job_settle(jobs.device.pubkey()), signers=[jobs.device])
    assert jobs.read().state == STATES["settled"]


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_anyone_settles_what_was_cancelled_or_expired(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    anyone = jobs.world.keypair()
    call = jobs.job_settle(anyone.pubkey(), payee=False)
    jobs.world.send(call, signers=[anyone])
    assert jobs.read().refunded == FUNDED


def test_before_the_time_for_its_last_statement_ends_only_the_matcher_settles_a_cancelled_run(
    jobs: Jobs,
) -> None:
    jobs.running(30).cancel()
    anyone = jobs.world.keypair()
    jobs.world.now += GRACE - 1
    for other in (anyone, jobs.device, jobs.wallet):
        with refused("StatementDue"):
            jobs.world.send(jobs.job_settle(other.pubkey()), signers=[other])
    jobs.world.now += 1
    jobs.world.send(jobs.job_settle(anyone.pubkey()), signers=[anyone])
    assert jobs.read().state == STATES["settled"]


def test_the_matcher_settles_a_cancelled_run_at_once_with_its_last_seconds(jobs: Jobs) -> None:
    jobs.running(30)
    jobs.world.now += 20
    jobs.cancel().prove(2, 51)
    before = balances(jobs)
    jobs.world.send(jobs.job_settle(jobs.matcher.pubkey()), signers=[jobs.matcher])
    # 102,000,000 gross; a quarter percent is 255,000 on each side
    assert balances(jobs)[:2] == (101_745_000, 510_000)
    assert balances(jobs)[2] - before[2] == FUNDED - 102_255_000


def test_a_client_that_cancels_before_anything_is_proven_still_pays_for_it(jobs: Jobs) -> None:
    jobs.running()
    jobs.world.now += 90
    jobs.cancel()
    with refused("StatementDue"):
        jobs.settle()
    jobs.prove(1, 90)
    jobs.world.now += GRACE
    assert changes(jobs) == (179_550_000, 900_000, FUNDED - 180_450_000)


@pytest.mark.parametrize("state", ["open", "assigned"])
def test_a_job_cancelled_before_its_start_is_settled_in_the_same_transaction(
    jobs: Jobs, state: str
) -> None:
    jobs.reach(state)
    calls = (jobs.job_cancel(node=False), jobs.job_settle(payee=False))
    jobs.world.send(*calls, signers=[jobs.wallet])
    assert jobs.read().refunded == FUNDED


def test_a_client_that_gave_its_token_account_away_does_not_keep_the_node_s_pay(
    jobs: Jobs,
) -> None:
    jobs.running(30, window=0).finish()
    thief = jobs.world.keypair().pubkey()
    tokens = addresses.tokens(jobs.wallet.pubkey())
    given = set_owner(jobs.wallet.pubkey(), tokens, thief)
    jobs.world.send(given, signers=[jobs.wallet])
    jobs.world.send(jobs.job_settle(jobs.device.pubkey()), signers=[jobs.device])
    assert balances(jobs)[:2] == (59_850_000, 300_000)


@pytest.mark.parametrize("state", ["open", "assigned", "running", "joined"])
def test_other_states_are_refused(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    with refused("WrongState"):
        jobs.settle()


@pytest.mark.accident("escrow emptied twice")
def test_a_second_time_is_refused(jobs: Jobs) -> None:
    jobs.running(30).finish().settle()
    with refused("AccountDataTooSmall"):  # there is no vault any more
        jobs.settle()
    vault = copy(jobs.world, addresses.fee_vault())
    jobs.world.svm.set_account(jobs.vault, jobs.world.svm.get_account(vault))
    with refused("WrongState"):
        jobs.settle()


def test_the_settler_must_sign(jobs: Jobs) -> None:
    jobs.running(30).finish()
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.job_settle(), jobs.wallet.pubkey()))


# --- where it goes --------------------------------------------------------------------------------


def test_a_payee_that_is_due_cannot_be_left_out(jobs: Jobs) -> None:
    jobs.running(30).finish()
    with refused("PayeeTokensMissing"):
        jobs.settle(payee=False)


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world = jobs.running(30).finish().world
    payee, client = (
        addresses.tokens(wallet) for wallet in (jobs.registry.payee, jobs.wallet.pubkey())
    )
    tokens = world.tokens(Keypair().pubkey())
    config = addresses.jobs_config()
    # `payer` and `settler` are one key here, so the payer alone is replaced with another settler
    wrong = [
        (payee, tokens, "PayeeTokensMismatch"),
        (payee, copy(world, payee), "PayeeTokensMismatch"),
        (payee, client, "PayeeTokensMismatch"),
        (client, tokens, "ClientTokensMismatch"),
        (client, payee, "ClientTokensMismatch"),
        (addresses.fee_vault(), tokens, "VaultMismatch"),
        (jobs.vault, copy(world, jobs.vault), "InvalidSeeds"),
        (jobs.job, copy(world, jobs.job, owner=addresses.STAKING), "IllegalOwner"),
        (jobs.job, copy(world, jobs.job), "InvalidSeeds"),
        (config, copy(world, config, owner=addresses.STAKING), "IllegalOwner"),
        (addresses.SPL_TOKEN, addresses.SYSTEM, "IncorrectProgramId"),
    ]
    for right, other, name in wrong:
        with refused(name):
            world.send(swap(jobs.job_settle(), right, other), signers=[jobs.wallet])


def test_the_rent_goes_to_nobody_but_who_paid_it(jobs: Jobs) -> None:
    jobs.running(30, window=0).finish()
    other = jobs.world.keypair()
    call = jobs.job_settle(jobs.device.pubkey())
    with refused("PayerMismatch"):
        jobs.world.send(swap(call, jobs.wallet.pubkey(), other.pubkey()), signers=[jobs.device])


@pytest.mark.accident("escrow emptied twice")
def test_the_vault_of_another_job_is_refused(jobs: Jobs) -> None:
    jobs.open()
    other = jobs.vault
    jobs.number = 1
    jobs.running(30).finish()
    with refused("InvalidSeeds"):
        jobs.world.send(swap(jobs.job_settle(), jobs.vault, other), signers=[jobs.wallet])


# --- conservation ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared() -> Jobs:
    """One network for all examples: each opens the client's next job."""
    return bring_up(network(World()))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    price=st.integers(1, 10**9),
    above=st.integers(0, 10**6),
    gpus=st.integers(1, 8),
    maximum=st.integers(1, 3_600),
    part=st.fractions(0, 1),
    reason=st.sampled_from([r for r in REASONS if r["device"]]),
)
def test_every_unit_of_the_funding_is_paid_taken_as_fee_or_returned(
    shared: Jobs,
    price: int,
    above: int,
    gpus: int,
    maximum: int,
    part: Fraction,
    reason: dict[str, object],
) -> None:
    proven = floor(part * maximum)
    shared.world.write(shared.registry.node, NODE_ASK, price.to_bytes(8, "little"))
    limits = {"max_price": price + above, "gpus": gpus, "max_seconds": maximum}
    shared.running(proven, **limits).finish(int(str(reason["code"])))

    most = (price + above) * gpus * maximum
    assert shared.read().funded == ceil(most * (1 + FEE))
    gross = price * gpus * proven if reason["pays"] else 0
    fee = ceil(gross * FEE)
    assert changes(shared) == (gross - fee, 2 * fee, shared.read().funded - gross - fee)
    shared.number += 1
