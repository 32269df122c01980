import pytest
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobExtended
from jobs_world import GRACE, STATES, Jobs
from registry_world import ASK, FUNDS, copy, refused
from world import START, swap, unsigned

FUNDED = 200_500_000  # 1,000,000 * 2 GPUs * 100 s and a quarter percent
MOST = 2_592_000


@pytest.mark.parametrize("state", ["open", "assigned", "running"])
def test_exactly_the_difference_is_added(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    deadline, before = jobs.read().deadline, jobs.world.balance(jobs.vault)
    result = jobs.world.send(jobs.job_extend(50), signers=[jobs.wallet])
    job = jobs.read()
    assert (job.max_seconds, job.funded) == (150, FUNDED + FUNDED // 2)
    assert job.deadline == deadline + (50 if state == "running" else 0)
    assert jobs.world.balance(jobs.vault) - before == FUNDED // 2
    assert jobs.world.events(result) == [
        JobExtended(
            job=jobs.job,
            run=job.run,
            signer=jobs.wallet.pubkey(),
            max_seconds=150,
            funded=job.funded,
            added=FUNDED // 2,
            deadline=job.deadline,
        )
    ]


def test_a_fee_that_was_rounded_up_before_is_not_taken_twice(jobs: Jobs) -> None:
    jobs.open(max_price=1, gpus=1, max_seconds=1)
    for seconds, funded in ((1, 3), (398, 401), (1, 403)):
        assert jobs.extend(seconds).read().funded == funded
    assert jobs.world.balance(jobs.vault) == 403


def test_the_added_seconds_can_be_proven_and_are_paid(jobs: Jobs) -> None:
    jobs.running().extend(50)
    jobs.world.now += 150
    jobs.prove(1, 150).finish().settle()
    assert (jobs.read().paid, jobs.read().refunded) == (300_000_000 - 750_000, 0)


def test_30_days_in_all_are_the_most(jobs: Jobs) -> None:
    jobs.open(max_price=1)
    with refused("DurationOutOfRange"):
        jobs.extend(MOST - 99)
    assert jobs.extend(MOST - 100).read().max_seconds == MOST
    for seconds in (0, 1, 2**32 - 1):
        with refused("DurationOutOfRange"):
            jobs.extend(seconds)


def test_more_than_64_bits_or_than_the_wallet_has_is_refused(jobs: Jobs) -> None:
    jobs.open(max_price=FUNDS // 4, gpus=1, max_seconds=1)
    with refused("1"):  # the token program's InsufficientFunds
        jobs.extend(10)
    with refused("AmountOverflow"):
        jobs.extend(MOST - 1)
    assert jobs.read().max_seconds == 1


@pytest.mark.parametrize(
    ("state", "deadline"), [("open", 1_000), ("assigned", GRACE), ("running", 100 + GRACE)]
)
def test_from_its_deadline_on_it_is_refused(jobs: Jobs, state: str, deadline: int) -> None:
    jobs.reach(state)
    jobs.world.now = START + deadline
    with refused("DeadlinePassed"):
        jobs.extend(1)
    jobs.world.now -= 1
    jobs.extend(1)


@pytest.mark.parametrize("state", [s for s in STATES if s not in ("open", "assigned", "running")])
def test_other_states_are_refused(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    with refused("WrongState"):
        jobs.extend(1)


def test_only_the_client_extends(jobs: Jobs) -> None:
    jobs.open()
    for other in (jobs.matcher, jobs.device, jobs.registry.net.authority):
        with refused("NotSpender"):
            jobs.world.send(
                swap(jobs.job_extend(1), jobs.wallet.pubkey(), other.pubkey()), signers=[other]
            )
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.job_extend(1), jobs.wallet.pubkey()))


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world, first = jobs.open().world, jobs.vault
    other = Jobs(jobs.registry, world.keypair(), jobs.matcher)
    world.send(other.client_open(), signers=[other.wallet])
    jobs.registry.net.fund(other.wallet.pubkey(), FUNDS)
    other.open(max_price=ASK)
    jobs.number = 1
    jobs.open()
    client = addresses.client(jobs.wallet.pubkey())
    tokens = jobs.registry.net.fund(Keypair().pubkey(), FUNDS)
    wrong = [
        (jobs.vault, first, "InvalidSeeds"),
        (jobs.job, other.job, "NotClient"),
        (client, addresses.client(other.wallet.pubkey()), "NotClient"),
        (client, copy(world, client, owner=addresses.STAKING), "IllegalOwner"),
        (jobs.job, copy(world, jobs.job, owner=addresses.STAKING), "IllegalOwner"),
        (addresses.tokens(jobs.wallet.pubkey()), tokens, "4"),  # the token program's OwnerMismatch
        (addresses.SPL_TOKEN, addresses.SYSTEM, "IncorrectProgramId"),
    ]
    for right, replaced, name in wrong:
        with refused(name):
            world.send(swap(jobs.job_extend(1), right, replaced), signers=[jobs.wallet])
