import pytest

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobStarted
from iog_client._generated.iog_staking.events import NodeHeld
from jobs_world import GRACE, STATES, Jobs
from registry_world import GPUS, NODE_BUSY, NODE_STATES, copy, refused
from world import START, swap, unsigned


def test_the_device_starts_the_job_and_the_node_holds_its_gpus(jobs: Jobs) -> None:
    jobs.open().assign()
    jobs.world.now += GRACE - 1
    result = jobs.world.send(jobs.job_start(), signers=[jobs.device])
    job, node = jobs.read(), jobs.registry.read_node()
    at = START + GRACE - 1
    assert (job.state, job.payee) == (STATES["running"], jobs.registry.payee)
    assert (job.started_at, job.deadline) == (at, at + 100 + GRACE)
    assert (node.busy, node.running) == (2, 1)
    assert jobs.world.events(result) == [
        NodeHeld(node=jobs.registry.node, gpus=2, busy=2, running=1),
        JobStarted(
            job=jobs.job,
            run=1,
            node=jobs.registry.node,
            device=jobs.device.pubkey(),
            payee=jobs.registry.payee,
            started_at=at,
            deadline=at + 100 + GRACE,
        ),
    ]


def test_jobs_fill_a_node_up_to_its_count_and_no_further(jobs: Jobs) -> None:
    for number in range(3):  # 8 GPUs; the third finds none, though there were when assigned
        jobs.number = number
        jobs.open(gpus=4).assign()
    for number in range(2):
        jobs.number = number
        jobs.start()
    jobs.number = 2
    with refused("GpusTaken"):
        jobs.start()
    assert (jobs.registry.read_node().busy, jobs.registry.read_node().running) == (GPUS, 2)
    assert jobs.read().state == STATES["assigned"]


@pytest.mark.parametrize(("busy", "fits"), [(GPUS - 2, True), (GPUS - 1, False)])
def test_the_last_free_gpu_decides(jobs: Jobs, busy: int, fits: bool) -> None:
    jobs.open(gpus=2).assign()
    jobs.world.write(jobs.registry.node, NODE_BUSY, busy.to_bytes(2, "little") + b"\1\0")
    if fits:
        jobs.start()
    else:
        with refused("GpusTaken"):
            jobs.start()


def test_from_the_deadline_on_it_is_refused(jobs: Jobs) -> None:
    jobs.open().assign()
    jobs.world.now += GRACE
    with refused("DeadlinePassed"):
        jobs.start()


@pytest.mark.parametrize("state", [s for s in STATES if s != "assigned"])
def test_other_states_are_refused(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    unassigned = state in ("open", "settled", "cancelled", "expired")
    with refused("NotDevice" if unassigned else "WrongState"):
        jobs.start()


@pytest.mark.parametrize("state", [s for s in NODE_STATES if s != "active"])
def test_a_node_that_is_no_longer_active_is_refused(jobs: Jobs, state: str) -> None:
    jobs.open().assign().registry.set_node_state(NODE_STATES[state])
    with refused("NodeNotActive"):
        jobs.start()


def test_only_the_device_of_the_job_starts_it(jobs: Jobs) -> None:
    jobs.open().assign()
    for other in (jobs.wallet, jobs.matcher, jobs.registry.owner):
        with refused("NotDevice"):
            jobs.world.send(
                swap(jobs.job_start(), jobs.device.pubkey(), other.pubkey()), signers=[other]
            )
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.job_start(), jobs.device.pubkey()))


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world, node = jobs.open().assign().world, jobs.registry.node
    wrong = [
        (node, copy(world, node), "NodeMismatch"),
        (node, copy(world, node, owner=addresses.JOBS), "IllegalOwner"),
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
            world.send(swap(jobs.job_start(), right, other), signers=[jobs.device])
