"""Liveness by the monotonic clock, with heartbeats every half second."""

from orchestrator_world import Worker, World

from iog_client.protocol import RunBrief
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
    assert world.link.closed == [(worker.device, "no heartbeat came")]


async def test_a_silent_node_gets_no_job(world: World, worker: Worker) -> None:
    world.tick(60)
    await world.core.liveness.step()
    address = await world.open()
    await world.step(address, 2)
    why = world.core.matching.why(address)
    assert why is not None
    assert why.rejected == {"not_ready": 1}


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
