import pytest

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobCancelled
from iog_client._generated.iog_staking.events import NodeReleased
from jobs_world import CONFIG_HOUR_LENGTH, GRACE, STATES, Jobs
from registry_world import copy, refused
from world import START, swap, unsigned

CANCELLED = 4
GOING_ON = ("open", "assigned", "running", "joined")


@pytest.mark.parametrize("state", ["open", "assigned"])
def test_before_the_start_no_node_is_needed(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    deadline = jobs.read().deadline
    jobs.world.now += 7
    result = jobs.world.send(jobs.job_cancel(node=False), signers=[jobs.wallet])
    job = jobs.read()
    assert (job.state, job.reason, job.ended_at) == (STATES["cancelled"], CANCELLED, START + 7)
    assert deadline > job.deadline == START + 7
    assert jobs.world.events(result) == [
        JobCancelled(
            job=jobs.job,
            run=job.run,
            reason=CANCELLED,
            proven_seconds=0,
            ended_at=START + 7,
            deadline=START + 7,
        )
    ]


def test_a_running_job_frees_the_node_and_keeps_what_is_proven(jobs: Jobs) -> None:
    jobs.running(20)
    result = jobs.world.send(jobs.job_cancel(), signers=[jobs.wallet])
    job = jobs.read()
    assert (job.state, job.reason, job.proven_seconds) == (STATES["cancelled"], CANCELLED, 20)
    assert (jobs.registry.read_node().busy, jobs.registry.read_node().running) == (0, 0)
    assert jobs.world.events(result) == [
        NodeReleased(node=jobs.registry.node, gpus=2, busy=0, running=0),
        JobCancelled(
            job=jobs.job,
            run=1,
            reason=CANCELLED,
            proven_seconds=20,
            ended_at=START + 20,
            deadline=START + 20 + GRACE,
        ),
    ]


def test_the_time_for_the_last_statement_is_scaled_to_the_hour(jobs: Jobs) -> None:
    jobs.running()
    jobs.world.write(addresses.jobs_config(), CONFIG_HOUR_LENGTH, (180).to_bytes(4, "little"))
    assert jobs.cancel().read().deadline == START + 30


def test_a_running_job_needs_its_node(jobs: Jobs) -> None:
    jobs.running()
    with refused("NodeMissing"):
        jobs.cancel(node=False)
    with refused("NodeMismatch"):
        other = copy(jobs.world, jobs.registry.node)
        jobs.world.send(swap(jobs.job_cancel(), jobs.registry.node, other), signers=[jobs.wallet])


@pytest.mark.parametrize("state", [s for s in STATES if s not in GOING_ON])
def test_other_states_are_refused(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    with refused("WrongState"):
        jobs.cancel(node=False)


def test_only_the_client_cancels(jobs: Jobs) -> None:
    jobs.open()
    for other in (jobs.matcher, jobs.device, jobs.registry.owner):
        with refused("NotClient"):
            jobs.world.send(
                swap(jobs.job_cancel(node=False), jobs.wallet.pubkey(), other.pubkey()),
                signers=[other],
            )
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.job_cancel(node=False), jobs.wallet.pubkey()))


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world = jobs.running().world
    wrong = [
        (jobs.job, copy(world, jobs.job, owner=addresses.STAKING), "IllegalOwner"),
        (
            addresses.jobs_config(),
            copy(world, addresses.jobs_config(), owner=addresses.STAKING),
            "IllegalOwner",
        ),
        (addresses.STAKING, addresses.TOKEN, "IncorrectProgramId"),
    ]
    for right, other, name in wrong:
        with refused(name):
            world.send(swap(jobs.job_cancel(), right, other), signers=[jobs.wallet])
