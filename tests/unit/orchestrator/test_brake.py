"""Many nodes that vanish at once are not given up: the cause may be here."""

import httpx
import pytest
from orchestrator_world import Worker, World

from iog_client.protocol import Ping
from iog_orchestrator.core.brake import Brake
from iog_orchestrator.domain.jobs import JobState


class Now:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def brake(now: Now) -> Brake:
    return Brake(100.0, now)


def test_two_nodes_of_two_are_too_few(brake: Brake) -> None:
    brake.vanished(["a", "b"], 0, 45)
    assert brake.left == 0
    assert brake.reason is None


def test_a_third_is_no_more_than_a_third(brake: Brake) -> None:
    brake.vanished(["a", "b", "c"], 6, 45)
    assert brake.left == 0
    brake.vanished(["d"], 5, 45)
    assert brake.left == 100


def test_nodes_that_vanish_one_by_one_within_the_window_count_together(
    brake: Brake, now: Now
) -> None:
    for device in "abc":
        brake.vanished([device], 4, 45)
        now.at += 20
    assert brake.left == 80


def test_nodes_that_vanish_far_apart_do_not(brake: Brake, now: Now) -> None:
    for device in "abcd":
        brake.vanished([device], 2, 45)
        now.at += 46
    assert brake.left == 0


def test_nodes_that_are_gone_for_long_are_not_counted_again(brake: Brake, now: Now) -> None:
    brake.vanished(["a", "b"], 1, 45)
    now.at += 46
    brake.vanished(["c"], 0, 45)
    assert brake.left == 0


def test_a_node_that_stays_away_does_not_start_the_brake_by_being_seen_so(
    brake: Brake, now: Now
) -> None:
    brake.vanished(["a", "b", "c"], 6, 45)
    for _ in range(10):
        now.at += 1
        brake.vanished(["a", "b", "c"], 2, 45)
    assert brake.left == 0


def test_one_node_that_comes_and_goes_is_one(brake: Brake) -> None:
    for _ in range(10):
        brake.vanished(["a"], 4, 45)
        brake.returned("a")
    brake.vanished(["a", "b"], 3, 45)
    assert brake.left == 0


def test_many_nodes_that_vanish_one_by_one_cost_little(brake: Brake, now: Now) -> None:
    for number in range(20_000):
        now.at += 0.001
        brake.vanished([str(number)], 100_000, 5)
    assert brake.left == 0


def test_it_ends_when_enough_are_back(brake: Brake) -> None:
    brake.vanished(["a", "b", "c", "d"], 5, 45)
    brake.returned("a")
    assert brake.left == 0
    assert brake.reason is None


def test_it_stays_while_too_few_are_back(brake: Brake) -> None:
    brake.vanished(list("abcdefgh"), 2, 45)
    brake.returned("a")
    brake.returned("a")
    brake.returned("nobody")
    assert brake.left == 100


def test_it_ends_after_its_time_and_does_not_begin_again_for_the_same_nodes(
    brake: Brake, now: Now
) -> None:
    brake.vanished(["a", "b", "c"], 0, 45)
    now.at = 99.9
    assert brake.left == pytest.approx(0.1)
    now.at = 100
    assert brake.left == 0
    brake.vanished(["a", "b", "c"], 0, 45)
    assert brake.left == 0


def test_the_reason_names_what_is_seen(brake: Brake, now: Now) -> None:
    brake.vanished(["a", "b", "c"], 1, 45)
    now.at = 10
    assert brake.reason == (
        "3 of 4 nodes vanished at once 10 s ago, 3 are still away: no run is given up and no node "
        "put out for 90 s more; look at this machine's network first"
    )


async def fleet(world: World, count: int = 4) -> list[Worker]:
    """Connected nodes."""
    made = []
    for index in range(count):
        worker = await world.node(f"node-{index}")
        await worker.connect()
        made.append(worker)
    return made


async def test_no_node_is_put_out_while_all_are_silent(
    world: World, http: httpx.AsyncClient
) -> None:
    workers = await fleet(world)
    world.tick(10)
    for _ in range(8):
        await world.core.liveness.step()
    assert world.link.closed == []
    assert isinstance(workers[0].last(Ping), Ping)
    said = (await http.get("/v1/ready")).json()
    assert said["ready"]
    assert said["degraded"][0].startswith("4 of 4 nodes vanished at once 0 s ago")
    for worker in workers:
        await worker.beat()
    good = {"ready": True, "degraded": [], "role": "leader"}
    assert (await http.get("/v1/ready")).json() == good


async def test_nodes_are_put_out_after_the_brakes_time(world: World) -> None:
    await fleet(world)
    world.tick(10)
    await world.core.liveness.step()
    world.tick(world.core.context.pace.brake)
    for _ in range(4):
        await world.core.liveness.step()
    assert len(world.link.closed) == 4


async def test_a_run_is_not_given_up_while_all_nodes_are_gone(world: World) -> None:
    workers = await fleet(world)
    address = await world.open(world.spec(duration_seconds=600, retries=1), wait=300)
    await world.step(address, 2)
    [mine] = [one for one in workers if len(one.frames) > 0]
    job = await world.running(address, mine)
    for worker in workers:
        worker.leave()
    world.tick(world.core.context.network.grace + 1)
    await world.step(address, 2)
    assert (await world.job(address)).run == job.run
    world.tick(world.core.context.pace.brake)
    await world.step(address)
    assert (await world.job(address)).state is JobState.OPEN


async def test_a_run_whose_node_came_back_without_it_waits_for_no_brake(world: World) -> None:
    workers = await fleet(world)
    address = await world.open(world.spec(duration_seconds=600, retries=1), wait=300)
    await world.step(address, 2)
    [mine] = [one for one in workers if len(one.frames) > 0]
    await world.running(address, mine)
    for worker in workers:
        worker.leave()
    for worker in workers:
        await worker.connect()
    world.tick(world.core.context.network.grace + 1)
    for worker in workers:
        await worker.beat()
    await world.step(address)
    assert (await world.job(address)).state is JobState.OPEN


async def test_an_orderly_end_of_this_process_is_no_loss(world: World) -> None:
    for worker in await fleet(world):
        assert worker.session is not None
        world.core.agents.disconnected(worker.session, ending=True)
    assert world.core.agents.brake.left == 0
