import pytest

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobReleased
from iog_client._generated.iog_staking.events import NodeReleased
from jobs_world import GRACE, STATES, Jobs
from registry_world import NOBODY, copy, refused, signed
from world import START, swap, unsigned

NODE_FAILED, NODE_LOST, NODE_STOPPED, PLATFORM_FAILED = 20, 21, 22, 40
FUNDED = 200_500_000


@pytest.mark.parametrize("reason", [NODE_FAILED, NODE_STOPPED, PLATFORM_FAILED])
def test_the_device_gives_its_run_up_and_the_job_is_open_again(jobs: Jobs, reason: int) -> None:
    jobs.running(20, runs=2)
    result = jobs.world.send(jobs.job_release(jobs.device.pubkey(), reason), signers=[jobs.device])
    job = jobs.read()
    assert (job.state, job.reason, job.run, job.deadline) == (0, 0, 1, START + 1_000)
    assert (job.node, job.device, job.payee) == (NOBODY, NOBODY, NOBODY)
    assert (job.price, job.proven_seconds, job.counter) == (0, 0, 0)
    assert (job.started_at, job.proven_at, job.ended_at) == (0, 0, 0)
    assert jobs.world.balance(jobs.vault) == job.funded == FUNDED
    assert jobs.world.events(result) == [
        NodeReleased(node=jobs.registry.node, gpus=2, busy=0, running=0),
        JobReleased(
            job=jobs.job,
            run=1,
            node=jobs.registry.node,
            device=jobs.device.pubkey(),
            by=jobs.device.pubkey(),
            reason=reason,
            proven_seconds=20,
            at=START + 20,
            deadline=START + 1_000,
        ),
    ]


def test_only_what_the_next_run_proves_is_paid(jobs: Jobs) -> None:
    jobs.running(20, runs=2).release(jobs.device, NODE_FAILED).assign().start()
    jobs.world.now += 10
    message = signed(jobs.statement(1, 10, run=2), jobs.device, jobs.matcher)
    jobs.world.send(message, jobs.job_prove(1, 10))
    jobs.finish().settle()
    assert (jobs.read().run, jobs.read().paid) == (2, 20_000_000 - 50_000)
    assert jobs.read().refunded == FUNDED - 20_050_000


def test_a_statement_of_the_older_run_is_never_posted_on_the_new_one(jobs: Jobs) -> None:
    jobs.running(20, runs=2).release(jobs.device, NODE_FAILED)
    old = signed(jobs.statement(9, 30, run=1), jobs.device, jobs.matcher)
    with refused("SignatureMessage"):
        jobs.world.send(old, jobs.job_prove(9, 30))
    jobs.assign().start()
    jobs.world.now += 60
    with refused("SignatureMessage"):
        jobs.world.send(old, jobs.job_prove(9, 30))


def test_the_matcher_gives_a_run_up_that_it_has_not_heard_of_for_the_grace(jobs: Jobs) -> None:
    jobs.running(runs=2, max_seconds=2_000, wait=3_000)
    jobs.world.now += GRACE - 1
    with refused("NodeHeard"):
        jobs.release(jobs.matcher, NODE_LOST)
    jobs.prove(1, 10)
    jobs.world.now += GRACE - 1
    with refused("NodeHeard"):
        jobs.release(jobs.matcher, NODE_LOST)
    jobs.world.now += 1
    assert jobs.release(jobs.matcher, NODE_LOST).read().state == STATES["open"]
    assert jobs.registry.read_node().busy == 0


@pytest.mark.parametrize("reason", [0, 1, 2, 3, 4, 5, 6, 7, 8, 21, 41, 42, 43, 44, 255])
def test_a_device_gives_no_other_reason(jobs: Jobs, reason: int) -> None:
    jobs.running(runs=2, max_seconds=2_000, wait=3_000)
    jobs.world.now += GRACE
    with refused("ReasonNotAllowed"):
        jobs.release(jobs.device, reason)


@pytest.mark.parametrize("reason", [1, NODE_FAILED, NODE_STOPPED, PLATFORM_FAILED, 43])
def test_the_matcher_gives_no_other_reason(jobs: Jobs, reason: int) -> None:
    jobs.running(runs=2, max_seconds=2_000, wait=3_000)
    jobs.world.now += GRACE
    with refused("ReasonNotAllowed"):
        jobs.release(jobs.matcher, reason)


def test_nobody_else_gives_a_run_up(jobs: Jobs) -> None:
    jobs.running(runs=2)
    for other in (jobs.wallet, jobs.registry.owner, jobs.registry.net.authority):
        with refused("NotDeviceNorMatcher"):
            jobs.release(other, NODE_FAILED)
    with refused("MissingRequiredSignature"):
        call = jobs.job_release(jobs.device.pubkey(), NODE_FAILED)
        jobs.world.send(unsigned(call, jobs.device.pubkey()))


def test_the_last_run_is_not_given_up(jobs: Jobs) -> None:
    jobs.running(runs=2).release(jobs.device, NODE_FAILED).assign().start()
    with refused("RunsUsedUp"):
        jobs.release(jobs.device, NODE_FAILED)
    assert jobs.finish(NODE_FAILED).settle(payee=False).read().refunded == FUNDED


def test_a_run_is_given_up_only_while_there_is_time_for_another(jobs: Jobs) -> None:
    jobs.running(runs=2, wait=100)
    jobs.world.now = START + 100
    with refused("DeadlinePassed"):
        jobs.release(jobs.device, NODE_FAILED)
    jobs.world.now = START + 99
    jobs.release(jobs.device, NODE_FAILED)


def test_after_its_deadline_a_run_only_expires(jobs: Jobs) -> None:
    jobs.running(runs=2, wait=10_000)
    jobs.world.now = START + 100 + GRACE + 1
    with refused("DeadlinePassed"):
        jobs.release(jobs.device, NODE_FAILED)
    with refused("DeadlinePassed"):
        jobs.release(jobs.matcher, NODE_LOST)


@pytest.mark.parametrize("state", [s for s in STATES if s != "running"])
def test_other_states_are_refused(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    name = "NodeMismatch" if jobs.read().node == NOBODY else "WrongState"
    with refused(name):
        jobs.release(jobs.device, NODE_FAILED)


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world = jobs.running(runs=2).world
    wrong = [
        (jobs.job, copy(world, jobs.job, owner=addresses.STAKING), "IllegalOwner"),
        (jobs.registry.node, copy(world, jobs.registry.node), "NodeMismatch"),
        (addresses.STAKING, addresses.TOKEN, "IncorrectProgramId"),
    ]
    for right, other, name in wrong:
        with refused(name):
            call = jobs.job_release(jobs.device.pubkey(), NODE_FAILED)
            world.send(swap(call, right, other), signers=[jobs.device])
