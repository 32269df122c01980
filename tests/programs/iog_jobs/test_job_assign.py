import pytest

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobAssigned
from iog_client._generated.iog_token.accounts import Config
from jobs_world import CONFIG_HOUR_LENGTH, GRACE, STATES, Jobs
from registry_world import (
    ASK,
    GPUS,
    MULTIPLIER,
    NODE_ASK,
    NODE_BUSY,
    NODE_STATES,
    SLUG,
    copy,
    refused,
)
from stages import HOUR
from world import START, swap, unsigned

NOTICE = 168
"""Hours until a class's change counts, as announced in the first hour."""
CLASS = addresses.class_address(SLUG)


def test_a_job_takes_the_node_at_its_ask(jobs: Jobs) -> None:
    jobs.open(max_price=ASK + 1, class_=CLASS, min_multiplier=MULTIPLIER, gpus=GPUS)
    jobs.world.now += 999
    result = jobs.world.send(jobs.job_assign(), signers=[jobs.matcher])
    job = jobs.read()
    assert (job.state, job.run, job.price) == (STATES["assigned"], 1, ASK)
    assert (job.node, job.device) == (jobs.registry.node, jobs.device.pubkey())
    assert job.deadline == START + 999 + GRACE
    assert jobs.registry.read_node().busy == 0
    assert jobs.world.events(result) == [
        JobAssigned(
            job=jobs.job,
            run=1,
            node=job.node,
            device=job.device,
            price=ASK,
            at=START + 999,
            deadline=job.deadline,
        )
    ]


@pytest.mark.parametrize(("hour_length", "grace"), [(1_800, 300), (126, 21), (120, 20), (10, 20)])
def test_the_time_to_start_is_scaled_to_the_hour_down_to_20_s(
    jobs: Jobs, hour_length: int, grace: int
) -> None:
    jobs.open()
    length = hour_length.to_bytes(4, "little")
    jobs.world.write(addresses.jobs_config(), CONFIG_HOUR_LENGTH, length)
    jobs.assign()
    assert jobs.read().deadline == START + grace


def test_from_its_deadline_on_an_open_job_is_not_assigned(jobs: Jobs) -> None:
    jobs.open()
    jobs.world.now += 1_000
    with refused("DeadlinePassed"):
        jobs.assign()


def test_a_missed_start_lets_the_job_be_assigned_again(jobs: Jobs) -> None:
    jobs.open().assign()
    jobs.world.now += GRACE - 1
    with refused("DeadlineAhead"):
        jobs.assign()
    jobs.world.now += 1
    jobs.assign()
    assert (jobs.read().run, jobs.read().deadline) == (2, START + 2 * GRACE)


def test_a_missed_start_is_no_reason_to_place_it_after_its_time(jobs: Jobs) -> None:
    jobs.open(wait=GRACE + 1).assign()
    jobs.world.now += GRACE
    jobs.assign()
    assert (jobs.read().run, jobs.read().place_by) == (2, START + GRACE + 1)
    jobs.world.now += GRACE
    with refused("DeadlinePassed"):
        jobs.assign()
    assert (jobs.expire(node=False).read().state, jobs.read().run) == (STATES["expired"], 2)


def test_a_start_that_is_missed_when_the_time_to_be_placed_ends_is_the_last(jobs: Jobs) -> None:
    jobs.open(wait=GRACE).assign()
    jobs.world.now += GRACE
    with refused("DeadlinePassed"):
        jobs.assign()


def test_an_announced_multiplier_counts_from_its_hour_on(jobs: Jobs) -> None:
    change = jobs.registry.class_set(multiplier=MULTIPLIER + 1)
    jobs.world.send(change, signers=[jobs.registry.net.authority])
    begins = jobs.world.account(Config, addresses.token_config()).start + NOTICE * HOUR
    jobs.world.now = begins - 1
    jobs.open(min_multiplier=MULTIPLIER + 1)
    with refused("MultiplierTooLow"):
        jobs.assign()
    jobs.world.now = begins
    assert jobs.assign().read().state == STATES["assigned"]


@pytest.mark.parametrize("state", [s for s in STATES if s not in ("open", "assigned")])
def test_other_states_are_refused(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    with refused("WrongState"):
        jobs.assign()


@pytest.mark.parametrize("state", [s for s in NODE_STATES if s != "active"])
def test_a_node_that_is_not_active_is_refused(jobs: Jobs, state: str) -> None:
    jobs.open().registry.set_node_state(NODE_STATES[state])
    with refused("NodeNotActive"):
        jobs.assign()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"class_": addresses.class_address("other")}, "ClassUnwanted"),
        ({"min_multiplier": MULTIPLIER + 1}, "MultiplierTooLow"),
        ({"gpus": GPUS + 1}, "GpusTaken"),
        ({"max_price": ASK - 1}, "AskTooHigh"),
    ],
    ids=str,
)
def test_a_node_that_does_not_fit_is_refused(
    jobs: Jobs, changes: dict[str, object], name: str
) -> None:
    jobs.open(**changes)
    with refused(name):
        jobs.assign()


@pytest.mark.parametrize(("busy", "fits"), [(GPUS - 2, True), (GPUS - 1, False)])
def test_gpus_held_by_others_do_not_count(jobs: Jobs, busy: int, fits: bool) -> None:
    jobs.open(gpus=2)
    jobs.world.write(jobs.registry.node, NODE_BUSY, busy.to_bytes(2, "little") + b"\1\0")
    if fits:
        jobs.assign()
    else:
        with refused("GpusTaken"):
            jobs.assign()


def test_a_node_that_is_not_for_rent_is_refused(jobs: Jobs) -> None:
    jobs.open()
    jobs.world.write(jobs.registry.node, NODE_ASK, bytes(8))
    with refused("AskZero"):
        jobs.assign()


def test_only_the_matcher_of_the_job_assigns(jobs: Jobs) -> None:
    jobs.open()
    for other in (jobs.wallet, jobs.device, jobs.world.keypair()):
        with refused("NotMatcher"):
            jobs.world.send(
                swap(jobs.job_assign(), jobs.matcher.pubkey(), other.pubkey()), signers=[other]
            )
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.job_assign(), jobs.matcher.pubkey()))


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world, node = jobs.open().world, jobs.registry.node
    world.send(jobs.registry.class_set("other"), signers=[jobs.registry.net.authority])
    wrong = [
        (CLASS, addresses.class_address("other"), "ClassMismatch"),
        (node, copy(world, node, owner=addresses.JOBS), "IllegalOwner"),
        (node, CLASS, "AccountDataTooSmall"),
        (jobs.job, copy(world, jobs.job, owner=addresses.STAKING), "IllegalOwner"),
        (
            addresses.jobs_config(),
            copy(world, addresses.jobs_config(), owner=addresses.STAKING),
            "IllegalOwner",
        ),
        (
            addresses.token_config(),
            copy(world, addresses.token_config(), owner=addresses.JOBS),
            "IllegalOwner",
        ),
    ]
    for right, other, name in wrong:
        with refused(name):
            world.send(swap(jobs.job_assign(), right, other), signers=[jobs.matcher])
