"""One GPU under two nodes blocks both, until one of them stops reporting it."""

from dataclasses import replace

import pytest
from orchestrator_network import HOUR
from orchestrator_world import Worker, World

from iog_client.protocol import Hello
from iog_orchestrator.adapters.http.node_views import eligibility
from iog_orchestrator.core.gpus import KEPT
from iog_orchestrator.domain.errors import RequestRefused
from iog_orchestrator.domain.nodes import NodeState


def with_uuids(worker: Worker, *uuids: str) -> Hello:
    """A hello with these GPUs, and no others."""
    hello = worker.hello()
    gpus = [
        one.model_copy(update={"uuid": uuid})
        for one, uuid in zip(hello.hardware.gpus, uuids, strict=False)
    ]
    return hello.model_copy(update={"hardware": hello.hardware.model_copy(update={"gpus": gpus})})


async def reports(worker: Worker, *uuids: str) -> None:
    """Connect with these GPUs."""
    agents = worker.world.core.agents
    worker.session, _ = await agents.connected(with_uuids(worker, *uuids))


@pytest.fixture
async def pair(world: World) -> tuple[Worker, Worker]:
    """Two nodes of one GPU each, not connected."""
    return await world.node("one", gpus=1), await world.node("two", gpus=1)


async def test_two_nodes_with_one_gpu_are_both_blocked(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    one, two = pair
    await reports(one, "GPU-a")
    assert world.core.context.readiness(one.device) == []
    await reports(two, "GPU-a")
    assert world.core.context.readiness(one.device) == [
        f"its GPU GPU-a is also reported by the node {two.device}"
    ]
    assert world.core.context.readiness(two.device) == [
        f"its GPU GPU-a is also reported by the node {one.device}"
    ]
    assert not any(one.ready for one in world.core.context.fleet.all())


async def test_a_node_without_its_stake_blocks_nobody_until_it_has_it(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    one, two = pair
    known, gpus = world.core.context.known, world.core.standing.gpus
    staked = known.nodes[two.device]
    known.nodes[two.device] = replace(staked, state=NodeState.REGISTERED)
    await reports(one, "GPU-a")
    await reports(two, "GPU-a")
    await gpus.step()
    assert known.blocked == {}
    assert world.core.context.readiness(one.device) == []
    known.nodes[two.device] = staked
    await gpus.step()
    assert known.blocked.keys() == {one.device, two.device}
    known.nodes[two.device] = replace(staked, state=NodeState.PAUSED)
    await gpus.step()
    assert known.blocked.keys() == {one.device, two.device}
    await reports(two, "GPU-b")
    await gpus.step()
    assert known.blocked == {}


async def test_both_are_free_when_one_reports_another_gpu(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    one, two = pair
    await reports(one, "GPU-a")
    await reports(two, "GPU-a")
    await reports(two, "GPU-b")
    assert world.core.context.known.blocked == {}
    assert world.core.context.readiness(one.device) == []


async def test_one_that_goes_away_still_has_its_gpus_for_a_day(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    one, two = pair
    await reports(one, "GPU-a")
    one.leave()
    world.tick(KEPT * HOUR - 1)
    await reports(two, "GPU-a")
    assert two.device in world.core.context.known.blocked
    world.tick(2)
    await world.core.standing.gpus.step()
    assert world.core.context.known.blocked == {}


async def test_a_retired_node_blocks_nobody(world: World, pair: tuple[Worker, Worker]) -> None:
    from dataclasses import replace

    from iog_orchestrator.domain.nodes import NodeState

    one, two = pair
    await reports(one, "GPU-a")
    await reports(two, "GPU-a")
    known = world.core.context.known
    known.nodes[one.device] = replace(known.nodes[one.device], state=NodeState.RETIRED)
    await world.core.standing.gpus.step()
    assert known.blocked == {}


async def test_a_restart_does_not_forget_who_has_which_gpu(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    one, two = pair
    await reports(one, "GPU-a")
    await reports(two, "GPU-a")
    await world.restart()
    assert set(world.core.context.known.blocked) == {one.device, two.device}
    await reports(two, "GPU-b")
    assert world.core.context.known.blocked == {}


async def test_a_restart_knows_since_when_a_node_is_away(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    one, two = pair
    await reports(one, "GPU-a")
    world.tick(2 * KEPT * HOUR)
    await world.restart()
    # it was connected when the process before ended, however long ago it came
    await reports(two, "GPU-a")
    assert two.device in world.core.context.known.blocked
    await reports(one, "GPU-a")
    one.leave()
    await world.core.standing.gpus.step()
    world.tick(KEPT * HOUR + 1)
    await world.restart()
    await reports(two, "GPU-a")
    assert world.core.context.known.blocked == {}


async def test_hours_in_which_a_node_was_blocked_are_on_record(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    one, two = pair
    await reports(one, "GPU-a")
    await reports(two, "GPU-a")
    hour = world.core.context.hour
    await world.core.standing.gpus.step()
    await reports(two, "GPU-b")
    await world.core.standing.gpus.step()
    said = await world.store.blocked(hour)
    assert set(said) == {one.device, two.device}
    assert two.device in said[one.device]
    assert await world.store.blocked(hour + 1) == {}


async def test_a_node_that_is_away_is_not_put_on_record(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    one, two = pair
    await reports(one, "GPU-a")
    await reports(two, "GPU-a")
    one.leave()
    await world.core.standing.gpus.step()
    assert set(await world.store.blocked(world.core.context.hour)) == {two.device}


async def test_a_third_node_is_blocked_too_and_all_are_freed_one_by_one(world: World) -> None:
    nodes = [await world.node(name, gpus=1) for name in ("one", "two", "three")]
    for node in nodes:
        await reports(node, "GPU-a")
    assert len(world.core.context.known.blocked) == 3
    await reports(nodes[0], "GPU-b")
    assert set(world.core.context.known.blocked) == {nodes[1].device, nodes[2].device}
    await reports(nodes[1], "GPU-c")
    assert world.core.context.known.blocked == {}


async def test_a_simulated_gpu_is_not_taken_for_a_real_one(world: World) -> None:
    node = await world.node("one", gpus=1)
    hello = with_uuids(node, "SIM-1").model_copy(update={"simulated": False})
    with pytest.raises(RequestRefused, match="the GPU SIM-1 is simulated, and this node says"):
        await world.core.agents.admit(hello)


async def test_a_gpu_with_more_memory_than_its_class_has_gets_no_job(world: World) -> None:
    node = await world.node("one", gpus=1)
    hello = node.hello()
    [gpu] = hello.hardware.gpus
    liar = hello.hardware.model_copy(update={"gpus": [gpu.model_copy(update={"memory": 90_000})]})
    await world.core.agents.connected(hello.model_copy(update={"hardware": liar}))
    assert world.core.context.readiness(node.device) == [
        "it reports 90000 MiB a GPU, and h100-pcie has 81920 at most"
    ]


@pytest.mark.parametrize(
    ("uuids", "why"),
    [
        (("GPU-a", "GPU-a"), "the GPU GPU-a is reported twice by this node"),
        (("GPU-a", " "), "a GPU is reported without a UUID"),
    ],
)
async def test_one_gpu_twice_in_a_node_is_refused(
    world: World, uuids: tuple[str, str], why: str
) -> None:
    node = await world.node("one", gpus=2)
    with pytest.raises(RequestRefused, match=why):
        await world.core.agents.admit(with_uuids(node, *uuids))


async def test_a_node_reads_that_it_was_blocked_in_this_hour(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    def codes() -> set[str]:
        return {one.code for one in eligibility(world.core, pair[0].device, hour, HOUR)}

    one, two = pair
    hour = world.core.context.hour
    await reports(one, "GPU-a")
    await world.core.standing.gpus.step()
    assert "blocked" not in codes()
    await reports(two, "GPU-a")
    await world.core.standing.gpus.step()
    await reports(two, "GPU-b")
    await world.restart()
    await world.core.standing.gpus.step()
    assert "blocked" in codes()
    world.tick(HOUR)
    await world.core.standing.gpus.step()
    assert "blocked" not in codes()
