import pytest

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobDisputed, JobResolved
from jobs_world import CONFIG_HOUR_LENGTH, DISPUTE, STATES, Jobs
from registry_world import copy, refused
from world import START, swap, unsigned

FUNDED = 200_500_000


def disputed(jobs: Jobs, seconds: int = 30) -> Jobs:
    return jobs.running(seconds).finish().dispute()


def test_a_client_objects_within_its_window(jobs: Jobs) -> None:
    jobs.running(30).finish()
    jobs.world.now += 49
    result = jobs.world.send(jobs.job_dispute(), signers=[jobs.wallet])
    job, at = jobs.read(), START + 79
    assert (job.state, job.deadline, job.proven_seconds) == (7, at + DISPUTE, 30)
    assert jobs.world.events(result) == [
        JobDisputed(job=jobs.job, run=1, reason=1, proven_seconds=30, at=at, deadline=at + DISPUTE)
    ]


def test_after_its_window_it_cannot(jobs: Jobs) -> None:
    jobs.running(30).finish()
    jobs.world.now += 50
    with refused("DeadlinePassed"):
        jobs.dispute()


def test_the_time_of_the_arbiter_is_scaled_to_the_hour(jobs: Jobs) -> None:
    jobs.running(30).finish()
    jobs.world.write(addresses.jobs_config(), CONFIG_HOUR_LENGTH, (36).to_bytes(4, "little"))
    assert jobs.dispute().read().deadline == START + 30 + DISPUTE // 100


@pytest.mark.parametrize("seconds", [0, 1, 29, 30])
def test_the_arbiter_leaves_what_is_proven_or_less(jobs: Jobs, seconds: int) -> None:
    disputed(jobs)
    result = jobs.world.send(jobs.job_resolve(seconds), signers=[jobs.registry.net.arbiter])
    assert jobs.world.events(result) == [
        JobResolved(job=jobs.job, run=1, reason=1, proven_seconds=seconds, at=START + 30)
    ]
    anyone = jobs.world.keypair()
    jobs.world.send(jobs.job_settle(anyone.pubkey()), signers=[anyone])
    gross = seconds * 2_000_000
    job = jobs.read()
    assert (job.state, job.paid, job.fees) == (4, gross - gross // 400, gross // 200)
    assert job.refunded == FUNDED - gross - gross // 400


def test_it_never_leaves_more(jobs: Jobs) -> None:
    disputed(jobs)
    with refused("SecondsMore"):
        jobs.resolve(31)


def test_before_it_is_decided_nobody_settles_and_silence_is_the_statement(jobs: Jobs) -> None:
    disputed(jobs)
    anyone = jobs.world.keypair()
    jobs.world.now = START + 30 + DISPUTE - 1
    for key in (jobs.wallet, jobs.device, jobs.matcher, jobs.registry.net.arbiter, anyone):
        with refused("DisputeOpen"):
            jobs.world.send(jobs.job_settle(key.pubkey()), signers=[key])
    jobs.world.now += 1
    with refused("DeadlinePassed"):
        jobs.resolve(0)
    jobs.world.send(jobs.job_settle(anyone.pubkey()), signers=[anyone])
    assert jobs.read().paid == 59_850_000


def test_a_dispute_is_decided_once(jobs: Jobs) -> None:
    disputed(jobs).resolve(10)
    with refused("WrongState"):
        jobs.resolve(5)
    with refused("WrongState"):
        jobs.dispute()


def test_only_the_client_objects_and_only_the_arbiter_decides(jobs: Jobs) -> None:
    jobs.running(30).finish()
    net = jobs.registry.net
    for other in (jobs.matcher, jobs.device, net.arbiter, net.authority):
        with refused("NotClient"):
            jobs.world.send(jobs.job_dispute(other.pubkey()), signers=[other])
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.job_dispute(), jobs.wallet.pubkey()))
    jobs.dispute()
    for other in (jobs.wallet, jobs.matcher, jobs.device, net.authority, net.guardian):
        with refused("WrongArbiter"):
            jobs.world.send(jobs.job_resolve(0, other.pubkey()), signers=[other])
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.job_resolve(0), net.arbiter.pubkey()))


@pytest.mark.parametrize("state", [s for s in STATES if s != "finished"])
def test_other_states_are_not_disputed(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    with refused("WrongState"):
        jobs.dispute()


@pytest.mark.parametrize("state", [s for s in STATES if s != "disputed"])
def test_other_states_are_not_resolved(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    with refused("WrongState"):
        jobs.resolve(0)


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world = jobs.running(30).finish().world
    for right in (jobs.job, addresses.jobs_config()):
        with refused("IllegalOwner"):
            other = copy(world, right, owner=addresses.STAKING)
            world.send(swap(jobs.job_dispute(), right, other), signers=[jobs.wallet])
