"""Liveness by the monotonic clock, with heartbeats every half second."""

import pytest
from orchestrator_world import Worker, World

from iog_client.protocol import Ping, Pong, RunBrief
from iog_orchestrator.core.context import Pace
from iog_orchestrator.domain.errors import RequestRefused
from iog_orchestrator.domain.jobs import JobState


async def test_three_missed_heartbeats_make_a_node_unready(world: World, worker: Worker) -> None:
    pace = world.core.context.pace.heartbeat
    world.tick(3 * pace)
    await world.core.liveness.step()
    assert world.core.context.readiness(worker.device) == []
    world.tick(0.1)
    await world.core.liveness.step()
    assert world.core.context.readiness(worker.device) == ["its heartbeats stopped"]


async def test_a_heartbeat_makes_it_ready_again(world: World, worker: Worker) -> None:
    world.tick(60)
    await world.core.liveness.step()
    await worker.beat()
    assert world.core.context.readiness(worker.device) == []


async def test_a_warp_of_the_chain_is_no_silence(world: World, worker: Worker) -> None:
    world.chain.warp(3600)
    await world.core.sync.everything()
    await world.core.liveness.step()
    assert world.core.context.readiness(worker.device) == []


async def test_long_silence_closes_the_connection(world: World, worker: Worker) -> None:
    world.tick(60)
    for _ in range(3):
        await world.core.liveness.step()
    assert world.link.closed == []
    await world.core.liveness.step()
    assert world.link.closed == [(worker.device, "no heartbeat came, and no answer to a ping")]


async def test_a_silent_node_gets_no_job(world: World, worker: Worker) -> None:
    world.tick(60)
    await world.core.liveness.step()
    address = await world.open()
    await world.step(address, 2)
    why = world.core.matching.why(address)
    assert why is not None
    assert why.rejected == {"silent": 1}


async def test_a_running_job_is_left_to_a_silent_node(world: World, worker: Worker) -> None:
    address = await world.open(world.spec(retries=0))
    await world.running(address, worker)
    world.tick(20)
    await world.core.liveness.step()
    await world.step(address, 2)
    assert (await world.job(address)).state is JobState.RUNNING


async def test_a_node_with_fewer_gpus_than_registered_is_not_ready(world: World) -> None:
    worker = await world.node(gpus=8)
    worker.gpus = 7
    await worker.connect()
    assert world.core.context.readiness(worker.device) == [
        "it reports 7 GPUs, fewer than the 8 registered"
    ]


async def test_a_run_that_the_chain_does_not_know_is_dropped(world: World) -> None:
    worker = await world.node()
    worker.runs = [RunBrief(job=worker.device, run=1, state="running")]
    await worker.connect()
    assert [one.type for one in worker.frames] == ["cancel", "ended_ack"]  # type: ignore[attr-defined]


async def test_a_run_of_another_node_is_dropped(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(), worker)
    other = await world.node("other")
    other.runs = [RunBrief(job=job.address, run=1, state="running")]
    await other.connect()
    assert [one.type for one in other.frames] == ["cancel", "ended_ack"]  # type: ignore[attr-defined]


async def test_a_run_that_ended_while_away_is_acknowledged(world: World, worker: Worker) -> None:
    address = await world.open(window=30)
    job = await world.finished(address, worker)
    await world.step(address)
    worker.leave()
    worker.runs = [RunBrief(job=address, run=job.run, state="ended")]
    await worker.connect()
    assert [one.type for one in worker.frames] == ["ended_ack"]  # type: ignore[attr-defined]


async def test_a_silent_node_is_asked_before_it_is_put_out(world: World, worker: Worker) -> None:
    world.tick(60)
    for _ in range(3):
        await world.core.liveness.step()
    asked = [one for one in worker.frames if isinstance(one, Ping)]
    assert len({one.nonce for one in asked}) == 3
    assert worker.session is not None
    worker.session.answered(asked[0].nonce)
    with pytest.raises(RequestRefused, match="answers no question"):
        worker.session.answered(asked[0].nonce)


async def test_a_node_that_answers_each_time_stays(world: World, worker: Worker) -> None:
    for _ in range(8):
        world.tick(60)
        await world.core.liveness.step()
        await worker.say(Pong(nonce=worker.last(Ping).nonce))  # type: ignore[attr-defined]
        await world.core.liveness.step()
    assert world.link.closed == []
    assert world.core.context.readiness(worker.device) == []


async def test_the_interval_grows_with_the_nodes_and_silence_with_it() -> None:
    pace = Pace(heartbeat=15, statement=60, hour_grace=60, sync=5, prove=600)
    assert [pace.interval(nodes) for nodes in (1, 15_000, 20_000)] == [15, 15, 20]


async def test_silence_is_judged_by_the_interval_that_the_node_was_told(
    world: World, worker: Worker
) -> None:
    assert worker.session is not None
    worker.session.told(10.0)
    worker.session.told(0.5)
    world.tick(29.9)
    assert world.core.agents.check() == []
    world.tick(0.2)
    assert world.core.agents.check() == [worker.device]
    await worker.beat()
    # two acknowledgements later the longer interval is not what it goes by any more
    await worker.beat()
    world.tick(3.1)
    assert world.core.agents.check() == [worker.device]
