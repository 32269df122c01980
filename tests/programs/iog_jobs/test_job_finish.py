import json

import pytest

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobFinished
from iog_client._generated.iog_staking.events import NodeReleased
from jobs_world import GRACE, STATES, Jobs
from registry_world import NODE_STATES, copy, refused
from world import ROOT, START, swap, unsigned

REASONS = json.loads((ROOT / "tests/vectors/end_reasons.json").read_text())
FOR_DEVICES = [reason["code"] for reason in REASONS if reason["device"]]


def test_the_device_ends_the_run_and_the_node_is_free_again(jobs: Jobs) -> None:
    jobs.running(30)
    jobs.world.now += 5
    result = jobs.world.send(jobs.job_finish(2), signers=[jobs.device])
    job, node = jobs.read(), jobs.registry.read_node()
    assert (job.state, job.reason, job.result_hash) == (STATES["finished"], 2, bytes([9] * 32))
    assert (job.ended_at, job.deadline) == (START + 35, START + 35 + 50)
    assert (node.busy, node.running) == (0, 0)
    assert jobs.world.events(result) == [
        NodeReleased(node=jobs.registry.node, gpus=2, busy=0, running=0),
        JobFinished(
            job=jobs.job,
            run=1,
            node=jobs.registry.node,
            reason=2,
            result_hash=bytes([9] * 32),
            proven_seconds=30,
            ended_at=START + 35,
            deadline=START + 85,
        ),
    ]


def test_other_jobs_keep_their_gpus(jobs: Jobs) -> None:
    jobs.running(gpus=3)
    jobs.number = 1
    jobs.running(gpus=4)
    jobs.finish()
    assert (jobs.registry.read_node().busy, jobs.registry.read_node().running) == (3, 1)


def test_the_deadline_is_the_last_moment(jobs: Jobs) -> None:
    jobs.running()
    jobs.world.now += 100 + GRACE + 1
    with refused("DeadlinePassed"):
        jobs.finish()
    jobs.world.now -= 1
    assert jobs.finish().read().state == STATES["finished"]


@pytest.mark.parametrize("reason", FOR_DEVICES)
def test_a_device_gives_the_reasons_that_are_its_to_give(jobs: Jobs, reason: int) -> None:
    assert jobs.running().finish(reason).read().reason == reason


@pytest.mark.parametrize(
    "reason", [r["code"] for r in REASONS if not r["device"]] + [8, 19, 23, 39, 44, 255]
)
def test_every_other_reason_is_refused(jobs: Jobs, reason: int) -> None:
    jobs.running()
    with refused("ReasonNotAllowed"):
        jobs.finish(reason)


@pytest.mark.parametrize("state", [s for s in STATES if s != "running"])
def test_other_states_are_refused(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    with refused("WrongState" if jobs.read().run else "NotDevice"):
        jobs.finish()


@pytest.mark.parametrize("state", NODE_STATES)
def test_the_node_is_freed_in_every_state(jobs: Jobs, state: str) -> None:
    jobs.running().registry.set_node_state(NODE_STATES[state])
    jobs.finish()
    assert jobs.registry.read_node().busy == 0


def test_only_the_device_of_the_job_finishes_it(jobs: Jobs) -> None:
    jobs.running()
    for other in (jobs.wallet, jobs.matcher, jobs.registry.owner):
        with refused("NotDevice"):
            jobs.world.send(
                swap(jobs.job_finish(), jobs.device.pubkey(), other.pubkey()), signers=[other]
            )
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.job_finish(), jobs.device.pubkey()))


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world, node = jobs.running().world, jobs.registry.node
    wrong = [
        (node, copy(world, node), "NodeMismatch"),
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
            world.send(swap(jobs.job_finish(), right, other), signers=[jobs.device])
