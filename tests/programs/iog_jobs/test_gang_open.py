import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_jobs.accounts import Client, Gang
from iog_client._generated.iog_jobs.events import GangOpened, JobExpired, JobJoined, JobStarted
from jobs_calls import JOIN_WAIT
from jobs_world import GRACE, STATES, Jobs
from registry_world import copy, refused
from world import START, swap, unsigned

FUNDED = 100_250_000  # a member: one GPU, 100 s at 1,000,000
INCOMPLETE = 44


def gang_of(jobs: Jobs, number: int = 0) -> Pubkey:
    return addresses.gang(jobs.wallet.pubkey(), number)


def member(jobs: Jobs, number: int) -> Jobs:
    jobs.number = number
    return jobs


def joined(jobs: Jobs, members: int = 2) -> Jobs:
    """A gang whose last member joined 10 s after the others."""
    jobs.open_gang(members)
    for number in range(members):
        member(jobs, number).assign()
    for number in range(members - 1):
        member(jobs, number).join()
    jobs.world.now += 10
    return member(jobs, members - 1).join()


def test_gangs_are_numbered(jobs: Jobs) -> None:
    for number in range(2):
        call = jobs.gang_open(64, number=number)
        result = jobs.world.send(call, signers=[jobs.wallet])
        made = jobs.world.account(Gang, gang_of(jobs, number))
        assert made == Gang(
            client=jobs.wallet.pubkey(),
            number=number,
            started_at=0,
            deadline=START + JOIN_WAIT,
            members=64,
            opened=0,
            joined=0,
            bump=made.bump,
        )
        assert jobs.world.events(result) == [
            GangOpened(
                gang=gang_of(jobs, number),
                client=jobs.wallet.pubkey(),
                number=number,
                members=64,
                deadline=START + JOIN_WAIT,
            )
        ]
    assert jobs.world.account(Client, addresses.client(jobs.wallet.pubkey())).next_gang == 2


@pytest.mark.parametrize(
    ("members", "wait", "name"),
    [
        (1, 1, "MembersOutOfRange"),
        (65, 1, "MembersOutOfRange"),
        (2, 0, "WaitOutOfRange"),
        (2, 2_592_001, "WaitOutOfRange"),
    ],
)
def test_values_beyond_the_limits_are_refused(
    jobs: Jobs, members: int, wait: int, name: str
) -> None:
    with refused(name):
        jobs.world.send(jobs.gang_open(members, wait), signers=[jobs.wallet])


def test_only_the_wallet_opens_its_gangs(jobs: Jobs) -> None:
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.gang_open(), jobs.wallet.pubkey()))
    with refused("WalletMismatch"):
        call = swap(jobs.gang_open(), jobs.wallet.pubkey(), jobs.matcher.pubkey())
        jobs.world.send(call, signers=[jobs.matcher])


def test_members_are_counted_and_placed_before_the_gang_s_deadline(jobs: Jobs) -> None:
    jobs.open_gang()
    assert (jobs.read_gang().opened, jobs.read_gang().members) == (2, 2)
    assert (jobs.read().gang, jobs.read().place_by) == (gang_of(jobs), START + JOIN_WAIT)
    jobs.number = 2
    with refused("GangFull"):
        jobs.open(gang=gang_of(jobs))


def test_no_member_is_opened_after_the_deadline_or_by_another_client(jobs: Jobs) -> None:
    jobs.world.send(jobs.gang_open(), signers=[jobs.wallet])
    other = Jobs(jobs.registry, jobs.world.keypair(), jobs.matcher)
    jobs.world.send(other.client_open(), signers=[other.wallet])
    with refused("GangMismatch"):
        other.open(gang=gang_of(jobs))
    jobs.world.now += JOIN_WAIT
    with refused("DeadlinePassed"):
        jobs.open(gang=gang_of(jobs))


def test_no_member_is_assigned_before_all_are_opened(jobs: Jobs) -> None:
    jobs.world.send(jobs.gang_open(2), signers=[jobs.wallet])
    jobs.open(gang=gang_of(jobs), gpus=1)
    with refused("GangUnopened"):
        jobs.assign()
    member(jobs, 1).open(gang=gang_of(jobs), gpus=1)
    assert member(jobs, 0).assign().read().state == STATES["assigned"]


def test_a_member_joins_instead_of_starting(jobs: Jobs) -> None:
    jobs.open_gang().assign()
    with refused("GangMember"):
        jobs.start()
    result = jobs.world.send(jobs.job_join(), signers=[jobs.device])
    job = jobs.read()
    assert (job.state, job.deadline) == (STATES["joined"], START + JOIN_WAIT)
    assert job.payee == jobs.registry.payee
    assert jobs.registry.read_node().busy == 1
    assert jobs.world.events(result)[-1] == JobJoined(
        job=jobs.job,
        run=1,
        node=jobs.registry.node,
        device=jobs.device.pubkey(),
        payee=jobs.registry.payee,
        gang=gang_of(jobs),
        joined=1,
        members=2,
        started_at=0,
    )
    with refused("GangWaiting"):
        jobs.world.send(jobs.gang_start())
    with refused("WrongState"):
        jobs.join()


@pytest.mark.parametrize("members", [2, 3])
def test_the_last_member_to_join_starts_them_all_at_one_time(jobs: Jobs, members: int) -> None:
    joined(jobs, members)
    assert (jobs.read_gang().joined, jobs.read_gang().started_at) == (members, START + 10)
    jobs.world.now += 20
    for number in range(members):
        result = member(jobs, number).world.send(jobs.gang_start())  # anyone
        job = jobs.read()
        assert (job.state, job.started_at, job.proven_at) == (2, START + 10, START + 10)
        assert job.deadline == START + 10 + 100 + GRACE
        assert jobs.world.events(result) == [
            JobStarted(
                job=jobs.job,
                run=1,
                node=job.node,
                device=job.device,
                payee=job.payee,
                started_at=START + 10,
                deadline=job.deadline,
            )
        ]
    assert jobs.registry.read_node().busy == members
    jobs.prove(1, 20).finish().settle()
    assert jobs.read().paid == 20_000_000 - 50_000


def test_a_member_joins_until_the_gang_s_deadline(jobs: Jobs) -> None:
    jobs.open_gang()
    jobs.world.now += JOIN_WAIT - 1
    jobs.assign()
    member(jobs, 1).assign()
    jobs.world.now += 1
    with refused("DeadlinePassed"):
        jobs.join()


def test_from_the_deadline_on_each_member_of_an_incomplete_gang_ends_with_a_full_refund(
    jobs: Jobs,
) -> None:
    jobs.open_gang(3).assign().join()
    member(jobs, 1).assign()
    jobs.world.now += JOIN_WAIT - 1
    for number, held in ((0, True), (1, False), (2, False)):
        with refused("DeadlineAhead"):
            jobs.world.send(member(jobs, number).job_expire(node=held))
    jobs.world.now += 1
    for number, held in ((0, True), (1, False), (2, False)):
        result = jobs.world.send(member(jobs, number).job_expire(node=held))
        assert jobs.world.events(result)[-1] == JobExpired(
            job=jobs.job,
            run=jobs.read().run,
            reason=INCOMPLETE,
            proven_seconds=0,
            ended_at=START + JOIN_WAIT,
        )
        assert jobs.settle(payee=False).read().refunded == FUNDED
    assert (jobs.registry.read_node().busy, jobs.read_gang().joined) == (0, 0)


def test_a_gang_that_started_ends_member_by_member(jobs: Jobs) -> None:
    joined(jobs)
    jobs.world.now += 10_000
    with refused("WrongState"):
        jobs.world.send(jobs.job_expire())
    jobs.world.send(jobs.gang_start())
    jobs.expire().settle()
    assert (jobs.read().reason, jobs.read().refunded) == (43, FUNDED)


def test_a_member_that_its_client_cancels_leaves_before_the_start_only(jobs: Jobs) -> None:
    jobs.open_gang().assign().join().cancel()
    assert (jobs.read_gang().joined, jobs.registry.read_node().busy) == (0, 0)
    assert jobs.settle().read().refunded == FUNDED
    member(jobs, 1).assign().join()
    assert jobs.read_gang().started_at == 0


def test_after_the_start_a_member_is_started_before_it_is_cancelled(jobs: Jobs) -> None:
    joined(jobs)
    with refused("GangStarted"):
        jobs.cancel()
    jobs.world.now += 20
    jobs.world.send(jobs.gang_start())
    jobs.cancel().prove(1, 20)
    jobs.world.send(jobs.job_settle(jobs.matcher.pubkey()), signers=[jobs.matcher])
    assert jobs.read().paid == 20_000_000 - 50_000


def test_a_member_is_not_released(jobs: Jobs) -> None:
    jobs.open_gang(runs=2).assign().join()
    member(jobs, 1).assign().join()
    jobs.world.send(jobs.gang_start())
    with refused("GangMember"):
        jobs.release(jobs.device, 20)


def test_only_the_device_joins(jobs: Jobs) -> None:
    jobs.open_gang().assign()
    call = jobs.job_join()
    for other in (jobs.wallet, jobs.matcher, jobs.registry.owner):
        with refused("NotDevice"):
            jobs.world.send(swap(call, jobs.device.pubkey(), other.pubkey()), signers=[other])
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(call, jobs.device.pubkey()))


@pytest.mark.parametrize("state", ["assigned", "running", "finished"])
def test_a_job_without_a_gang_does_not_join_one(jobs: Jobs, state: str) -> None:
    jobs.world.send(jobs.gang_open(), signers=[jobs.wallet])
    jobs.reach(state)
    call = swap(jobs.job_join(), jobs.read().gang, gang_of(jobs))
    with refused("GangMismatch"):
        jobs.world.send(call, signers=[jobs.device])


def test_foreign_gangs_are_refused(jobs: Jobs) -> None:
    world = jobs.open_gang().assign().world
    world.send(jobs.gang_open(number=1), signers=[jobs.wallet])
    gang, other = gang_of(jobs), gang_of(jobs, 1)
    fake = copy(world, gang, owner=addresses.STAKING)
    for wrong, name in ((other, "GangMismatch"), (fake, "IllegalOwner")):
        with refused(name):
            world.send(swap(jobs.job_join(), gang, wrong), signers=[jobs.device])
        with refused(name):
            world.send(swap(jobs.job_cancel(node=False), gang, wrong), signers=[jobs.wallet])
    jobs.join()
    with refused("GangMismatch"):
        world.send(swap(jobs.gang_start(), gang, other))
    member(jobs, 1)
    with refused("GangMismatch"):
        world.send(swap(jobs.job_assign(), gang, other), signers=[jobs.matcher])
    none = swap(jobs.job_assign(), gang, addresses.JOBS)
    with refused("GangMissing"):
        world.send(none, signers=[jobs.matcher])
    with refused("GangMissing"):
        world.send(swap(jobs.job_cancel(node=False), gang, addresses.JOBS), signers=[jobs.wallet])
