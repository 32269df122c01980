import pytest

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobExpired
from jobs_world import CONFIG_HOUR_LENGTH, GRACE, STATES, Jobs
from registry_world import copy, refused
from world import START, swap

# state before -> (deadline after START, end reason)
ENDS = {"open": (1_000, 41), "assigned": (GRACE, 42), "running": (100 + GRACE, 43)}


@pytest.mark.parametrize("state", ENDS)
def test_ten_minutes_after_the_deadline_anyone_ends_it(jobs: Jobs, state: str) -> None:
    deadline, reason = ENDS[state]
    jobs.reach(state)
    jobs.world.now = START + deadline + GRACE - 1
    call = jobs.job_expire(node=state == "running")
    with refused("DeadlineAhead"):
        jobs.world.send(call)
    jobs.world.now += 1
    result = jobs.world.send(call)
    job = jobs.read()
    at = START + deadline + GRACE
    assert (job.state, job.reason, job.ended_at) == (STATES["expired"], reason, at)
    assert jobs.registry.read_node().busy == 0
    assert jobs.world.events(result)[-1] == JobExpired(
        job=jobs.job, run=job.run, reason=reason, proven_seconds=0, ended_at=at
    )


def test_the_grace_is_scaled_to_the_hour(jobs: Jobs) -> None:
    jobs.open()
    jobs.world.write(addresses.jobs_config(), CONFIG_HOUR_LENGTH, (180).to_bytes(4, "little"))
    jobs.world.now = START + 1_029
    with refused("DeadlineAhead"):
        jobs.world.send(jobs.job_expire(node=False))
    jobs.world.now += 1
    jobs.world.send(jobs.job_expire(node=False))
    assert jobs.read().state == STATES["expired"]


def test_a_running_job_keeps_what_is_proven(jobs: Jobs) -> None:
    assert jobs.running(33).expire().read().proven_seconds == 33


def test_a_running_job_needs_its_node(jobs: Jobs) -> None:
    jobs.running()
    jobs.world.now += 10_000
    with refused("NodeMissing"):
        jobs.world.send(jobs.job_expire(node=False))
    with refused("NodeMismatch"):
        other = copy(jobs.world, jobs.registry.node)
        jobs.world.send(swap(jobs.job_expire(), jobs.registry.node, other))


@pytest.mark.parametrize("state", [s for s in STATES if s not in ENDS and s != "joined"])
def test_other_states_are_refused(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    jobs.world.now += 10_000
    with refused("WrongState"):
        jobs.world.send(jobs.job_expire(node=False))


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world = jobs.running().world
    world.now += 10_000
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
            world.send(swap(jobs.job_expire(), right, other))
