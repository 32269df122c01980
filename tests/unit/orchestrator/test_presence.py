"""Nobody is paid for an hour it was not there for; a restart of the orchestrator costs nobody."""

import pytest
from orchestrator_network import HOUR
from orchestrator_world import Worker, World

from iog_client.hours import PublishedHour
from iog_client.protocol import Heartbeat, HeartbeatAck, RunBrief, SignedStatement
from iog_orchestrator.adapters.chain import ProgramChain
from iog_orchestrator.domain.errors import RequestRefused
from iog_orchestrator.domain.jobs import JobState
from iog_orchestrator.domain.meter import BREAK
from iog_orchestrator.domain.nodes import ChainClass


async def refused(world: World, worker: Worker, said: SignedStatement, measured: int) -> None:
    with pytest.raises(RequestRefused, match=f": {measured} s were measured"):
        await worker.state(said)


async def until(world: World, hour: int, second: float) -> None:
    """Let time pass until so many seconds of an hour are over."""
    start = world.core.context.known.emission.start
    at = start + (hour - 1) * HOUR + second
    await world.hours(at - world.core.context.ports.chain_clock.now())


async def test_a_device_that_was_never_there_has_no_hour(world: World, node: Worker) -> None:
    await until(world, 3, 1)
    await refused(world, node, node.statement("hour", "2", HOUR), 1)


async def test_connecting_after_an_hour_gives_nothing_of_it(world: World, node: Worker) -> None:
    await until(world, 2, 0.5)
    await node.connect()
    await refused(world, node, node.statement("hour", "1", HOUR), 1)
    await until(world, 2, 3)
    await refused(world, node, node.statement("hour", "2", 4), 3)
    await node.hour_statement(2, 3)
    await world.core.statements.flush()
    assert world.core.statements.hour_seconds(node.device, 2) == 3


async def test_one_that_is_there_proves_the_whole_hour(world: World, node: Worker) -> None:
    await until(world, 2, 0)
    await node.connect()
    await until(world, 3, 0)
    await node.hour_statement(2, HOUR)
    await world.core.statements.flush()
    assert world.core.statements.hour_seconds(node.device, 2) == HOUR


async def test_a_connection_without_heartbeats_is_no_presence(world: World, node: Worker) -> None:
    await until(world, 2, 0)
    await node.connect()
    for _ in range(HOUR):
        world.tick(1)
        await world.core.sync.time()
    # heartbeats every 5/6 s, and three of them may be missed
    await refused(world, node, node.statement("hour", "2", 4), 3)


async def test_the_time_between_two_connections_does_not_count(world: World, node: Worker) -> None:
    await until(world, 2, 0)
    await node.connect()
    await until(world, 2, 3)
    node.leave()
    await until(world, 2, 7)
    await node.connect()
    await until(world, 2, 9)
    await refused(world, node, node.statement("hour", "2", 7), 6)


async def test_a_second_connection_counts_no_second_twice(world: World, node: Worker) -> None:
    await until(world, 2, 0)
    await node.connect()
    earlier = node.session
    await until(world, 2, 2)
    await node.connect()
    assert earlier is not None
    world.core.agents.disconnected(earlier)
    await until(world, 2, 4)
    await refused(world, node, node.statement("hour", "2", 6), 5)


async def test_the_limits_are_told_with_each_heartbeat(world: World, node: Worker) -> None:
    await until(world, 2, 0)
    await node.connect()
    await until(world, 2, 4)
    assert node.session is not None
    text = world.core.agents.heartbeat(node.session, Heartbeat(counter=9, runs=[]))
    ack = HeartbeatAck.model_validate_json(text)
    assert ack.hour_limits == [(1, 1), (2, 5)]
    world.core.statements.close_hour(1)
    _, welcome = await world.core.agents.connected(node.hello())
    assert welcome.hour_limits == [(2, 5)]


async def went_down(world: World, node: Worker, *, signed: bool = True) -> None:
    """The orchestrator stops in second 4 of hour 2, and is back in second 8."""
    await until(world, 2, 0)
    await node.connect()
    await until(world, 2, 4)
    if signed:
        await node.hour_statement(2, 4)
    await world.core.statements.flush()
    await world.core.liveness.step()
    world.tick(4)
    await world.restart()
    await world.core.liveness.step()


async def test_an_absence_of_the_orchestrator_is_credited(world: World, node: Worker) -> None:
    await went_down(world, node)
    await node.connect()
    await until(world, 2, 9.5)
    await node.hour_statement(2, 9)
    await world.core.statements.flush()
    assert world.core.statements.hour_seconds(node.device, 2) == 9


async def test_it_is_not_credited_to_who_had_signed_nothing(world: World, node: Worker) -> None:
    await went_down(world, node, signed=False)
    await node.connect()
    await until(world, 2, 9)
    await refused(world, node, node.statement("hour", "2", 4), 2)


async def test_it_is_not_credited_to_who_was_gone_long_before(world: World, node: Worker) -> None:
    await until(world, 2, 0)
    await node.connect()
    await until(world, 2, 4)
    await node.hour_statement(2, 4)
    await world.core.statements.flush()
    node.leave()
    await until(world, 5, 4)
    await world.core.liveness.step()
    world.tick(4)
    await world.restart()
    await node.connect()
    await until(world, 5, 9)
    await refused(world, node, node.statement("hour", "5", 4), 2)


async def test_no_more_than_the_absence_is_credited(world: World, node: Worker) -> None:
    await went_down(world, node)
    await until(world, 4, 0)
    await node.connect()
    await refused(world, node, node.statement("hour", "3", 3), 1)


async def test_a_process_that_was_never_noted_credits_nothing(world: World, node: Worker) -> None:
    await until(world, 2, 0)
    await node.connect()
    await until(world, 2, 4)
    await node.hour_statement(2, 4)
    await world.core.statements.flush()
    world.tick(4)
    await world.restart()
    await node.connect()
    await until(world, 2, 9)
    await refused(world, node, node.statement("hour", "2", 7), 6)


async def test_a_node_stays_simulated_in_hours_that_a_later_process_closes(
    world: World, node: Worker
) -> None:
    await until(world, 1, 5)
    await node.connect()
    await world.restart()
    await until(world, 2, 3)
    await world.core.hour_close.step()
    hour = PublishedHour.parse(world.publisher.documents[1])
    assert [one.simulated for one in hour.nodes] == [True]


async def test_what_a_node_said_last_of_being_simulated_counts(world: World, node: Worker) -> None:
    await node.connect()
    assert await world.store.simulated() == {node.device}
    await world.core.agents.connected(node.hello(simulated=False))
    assert await world.store.simulated() == set()
    assert await world.store.counter(node.device) == 0


async def test_an_hour_is_closed_with_the_classes_as_they_counted_in_it(
    world: World, node: Worker
) -> None:
    class Announced(ProgramChain):
        """The class changes with hour 2."""

        async def classes(self, hour: int | None = None) -> list[ChainClass]:
            weight, enabled = (7_000, False) if hour is None or hour > 1 else (10_000, True)
            found = await super().classes(hour)
            return [ChainClass(one.address, one.slug, weight, one.pool, enabled) for one in found]

    await world.restart(Announced(world.rpc, world.matcher, world.matcher))
    await until(world, 3, 3)
    for _ in range(2):
        await world.core.hour_close.step()
    seen = []
    for number in (1, 2):
        [one] = PublishedHour.parse(world.publisher.documents[number]).nodes
        seen.append((one.multiplier, one.class_enabled, "class_disabled" in one.reasons))
        assert one.requirement == 2_000 * 8 * 100_000_000
    assert seen == [(10_000, True, False), (7_000, False, True)]


async def test_a_run_keeps_its_seconds_while_its_worker_is_restarted(world: World) -> None:
    worker = await world.node()
    await worker.connect()
    job = await world.running(await world.open(), worker)
    world.tick(5)
    worker.leave()
    world.tick(12)
    worker.runs = [RunBrief(job=job.address, run=job.run, state="running")]
    await worker.connect()
    await world.core.sync.time()
    said = worker.statement("job", job.address, 17, job.run)
    await worker.state(said)


async def test_a_run_that_a_node_comes_back_with_keeps_its_seconds(world: World) -> None:
    worker = await world.node()
    await worker.connect()
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    worker.leave()
    world.tick(300)
    worker.runs = [RunBrief(job=job.address, run=job.run, state="running")]
    await worker.connect()
    await world.core.sync.time()
    await refused(world, worker, worker.statement("job", job.address, 302, job.run), 301)
    said = worker.statement("job", job.address, 300, job.run)
    await worker.state(said)


async def test_another_nodes_run_on_its_list_gives_nothing(world: World) -> None:
    worker, other = await world.node(), await world.node("other")
    await worker.connect()
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    world.tick(300)
    other.runs = [RunBrief(job=job.address, run=job.run, state="running")]
    await other.connect()
    other.leave()
    await other.connect()
    await world.core.sync.time()
    most = int(BREAK) + 2
    await refused(world, worker, worker.statement("job", job.address, 300, job.run), most)


async def test_a_run_gets_no_more_of_a_break_than_a_supervisor_goes_on_for(world: World) -> None:
    worker = await world.node()
    await worker.connect()
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    worker.leave()
    world.tick(300)
    await worker.connect()
    world.tick(2)
    await world.core.sync.time()
    most = int(BREAK) + 2 + 2
    await refused(world, worker, worker.statement("job", job.address, most + 1, job.run), most)
    await worker.state(worker.statement("job", job.address, most, job.run))


async def test_a_run_has_what_it_proved_and_the_absence_after_a_restart(world: World) -> None:
    worker = await world.node()
    await worker.connect()
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    world.tick(5)
    await worker.say(worker.statement("job", job.address, 5, job.run))
    await world.core.statements.flush()
    await world.core.liveness.step()
    world.tick(20)
    await world.restart()
    assert (await world.job(job.address)).state is JobState.RUNNING
    worker.runs = [RunBrief(job=job.address, run=job.run, state="running")]
    await worker.connect()
    world.tick(100)
    await world.core.sync.time()
    # 5 s proven, 20 s away and 1 s between two statements, then silence
    most = 5 + 20 + 1 + int(BREAK) + 1
    await refused(world, worker, worker.statement("job", job.address, 100, job.run), most)
    await worker.state(worker.statement("job", job.address, 26, job.run))
