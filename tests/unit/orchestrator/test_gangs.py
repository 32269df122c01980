"""Gangs through the core, on real programs: all members start, or none does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orchestrator_gangs import WAIT, joined, opened, prepared
from orchestrator_world import ASK, Worker, World, cancel

from iog_client.jobspec import Resources
from iog_client.protocol import Assign, Cancel, RunBrief, RunRefused, SignRequest, Started
from iog_orchestrator.domain.jobs import ChainJob, JobState
from iog_orchestrator.domain.placements import read

GRACE = 20


@pytest.fixture
async def pair(world: World) -> tuple[Worker, Worker]:
    """Two nodes of four GPUs each."""
    first, second = await world.node("first", gpus=4), await world.node("second", gpus=4)
    await first.connect()
    await second.connect()
    return first, second


async def test_a_gang_runs_on_two_nodes_and_both_are_paid(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    before = await world.balance(world.client)
    gang = await opened(world, 2)
    await joined(gang, *pair)
    assert await gang.states() == ["joined", "joined"]
    await gang.step(2)
    assert await gang.states() == ["running", "running"]
    found = await gang.jobs()
    assert found[0].started_at == found[1].started_at
    assert {job.device for job in found} == {worker.device for worker in pair}
    world.tick(5)
    for job, worker in _placed(found, pair):
        await worker.end(job, 5)
    await gang.step()
    for job, worker in _placed(found, pair):
        await worker.sign_for(job, "finish")
    await gang.step(4)
    found = await gang.jobs()
    assert [job.state for job in found] == [JobState.SETTLED] * 2
    gross = 4 * ASK * 5
    assert [job.paid + job.fees // 2 for job in found] == [gross, gross]
    assert await world.balance(world.client) == before - sum(job.paid + job.fees for job in found)
    assert [world.core.context.fleet.free(worker.device) for worker in pair] == [4, 4]


async def test_members_are_told_their_rank_and_at_the_start_their_peers(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    gang = await opened(world, 2)
    await joined(gang, *pair)
    await gang.step(3)
    found = await gang.jobs()
    for rank, (job, worker) in enumerate(_placed(found, pair)):
        given, started = worker.last(Assign), worker.last(Started)
        assert isinstance(given, Assign)
        assert isinstance(started, Started)
        assert given.gang is not None
        assert (given.gang.rank, given.gang.nodes, given.gang.address) == (rank, 2, job.gang)
        assert started.peers == [one.device for one in found]


async def test_members_share_a_node_that_has_room_for_both(world: World, worker: Worker) -> None:
    gang = await opened(world, 2)
    await joined(gang, worker)
    await gang.step(2)
    assert await gang.states() == ["running", "running"]
    assert {job.device for job in await gang.jobs()} == {worker.device}


async def test_a_gang_without_room_for_all_promises_nothing_and_expires_refunded(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    before = await world.balance(world.client)
    gang = await opened(world, 3)
    await gang.step(3)
    assert not any(isinstance(one, Assign) for worker in pair for one in worker.frames)
    why = world.core.matching.why((await gang.jobs())[0].gang)
    assert why is not None
    assert (why.members, why.fitting, why.place, why.queue) == (3, 2, 1, 1)
    [fewer] = [
        one
        for one in world.core.matching.changes((await gang.jobs())[0].gang)
        if one.field == "nodes"
    ]
    assert fewer.value == 2
    world.tick(WAIT)
    await gang.step(3)
    found = await gang.jobs()
    assert [(job.state.label, job.reason) for job in found] == [("settled", 44)] * 3
    assert await world.balance(world.client) == before
    assert world.core.matching.why(found[0].gang) is None


async def test_a_gang_that_somebody_else_has_ended_waits_for_nothing(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    gang = await opened(world, 3)
    await gang.step(2)
    for address in gang.members:
        await cancel(world, address)
    await world.core.runs.step(gang.members[0])
    assert world.core.matching.why((await gang.jobs())[0].gang) is None
    assert [world.core.context.fleet.free(worker.device) for worker in pair] == [4, 4]


async def test_a_gang_waits_until_all_its_jobs_are_opened(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    gang = await opened(world, 3, left_out=1)
    await gang.step(2)
    assert await gang.why() == "2 of the 3 jobs of its gang are opened"
    assert not any(isinstance(one, Assign) for worker in pair for one in worker.frames)


async def test_a_gang_with_a_cancelled_member_is_not_placed(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    gang = await opened(world, 2)
    await gang.step(2)
    await cancel(world, gang.members[1])
    await gang.step(2)
    assert "is settled: the gang cannot start any more" in await gang.why()
    assert [world.core.context.fleet.free(worker.device) for worker in pair] == [4, 4]
    assert isinstance(pair[0].last(Cancel), Cancel)


async def test_a_member_that_is_refused_frees_all_promises_and_the_gang_is_tried_again(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    third = await world.node("third", gpus=4, ask=ASK + 1)
    await third.connect()
    gang = await opened(world, 2)
    await gang.step(2)
    given = pair[0].last(Assign)
    assert isinstance(given, Assign)
    await pair[0].say(
        RunRefused(job=given.job, run=given.run, reason="node_failed", detail="no disk")
    )
    await gang.step()
    assert [world.core.context.fleet.free(one.device) for one in (*pair, third)] == [4, 4, 4]
    assert isinstance(pair[1].last(Cancel), Cancel)
    assert await gang.states() == ["open", "open"]
    world.tick(1)
    await joined(gang, pair[1], third)
    await gang.step(2)
    assert await gang.states() == ["running", "running"]
    assert {job.device for job in await gang.jobs()} == {pair[1].device, third.device}


async def test_no_device_is_asked_to_join_before_all_members_are_assigned(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    gang = await opened(world, 2)
    await prepared(gang, *pair)
    await world.core.runs.step(gang.members[0])
    await world.core.runs.step(gang.members[0])
    assert await gang.states() == ["assigned", "open"]
    assert not any(isinstance(one, SignRequest) for worker in pair for one in worker.frames)


async def test_a_member_that_missed_its_join_gets_another_node_and_the_gang_starts(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    third = await world.node("third", gpus=4, ask=ASK + 1)
    gang = await opened(world, 2)
    await prepared(gang, *pair)
    await gang.step(3)
    found = await gang.jobs()
    (first, early), (second, late) = _placed(found, pair)
    await early.sign_for(first, "join")
    await gang.step()
    assert await gang.states() == ["joined", "assigned"]
    late.leave()
    await third.connect()
    world.tick(GRACE + 1)
    await third.beat()
    await gang.step(3)
    await third.ready()
    await gang.step(2)
    again = await world.job(second.address)
    assert (again.run, again.device) == (2, third.device)
    await third.sign_for(again, "join")
    await gang.step(3)
    assert await gang.states() == ["running", "running"]
    assert world.core.context.known.reliability[late.device] < 1


async def test_a_restart_between_assignment_and_join_loses_nothing(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    gang = await opened(world, 2)
    await prepared(gang, *pair)
    await gang.step(2)
    assert await gang.states() == ["assigned", "assigned"]
    await world.restart()
    for job, worker in _placed(await gang.jobs(), pair):
        worker.runs = [_brief(job)]
        await worker.connect()
    await gang.step(2)
    for job, worker in _placed(await gang.jobs(), pair):
        await worker.sign_for(job, "join")
    await gang.step(3)
    assert await gang.states() == ["running", "running"]


async def test_members_that_want_to_be_together_are_on_nodes_of_one_owner(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    fleet = world.core.context.fleet
    other = fleet.get(pair[0].device)
    assert other is not None
    fleet.put(replace(other, owner="somebody else", ask=1))
    third = await world.node("third", gpus=4)
    await third.connect()
    spec = world.spec(resources=Resources(gpus=4, together="owner"))
    gang = await opened(world, 2, spec=spec)
    fleet.put(replace(other, owner="somebody else", ask=1))
    await gang.step(2)
    promised = {world.core.matching.promised(one) for one in gang.members}
    assert promised == {pair[1].device, third.device}


async def test_the_record_of_a_gang_decides_it_again(
    world: World, pair: tuple[Worker, Worker]
) -> None:
    gang = await opened(world, 2)
    await gang.step(2)
    await world.core.matching.save()
    first, second = [await world.store.placement(address) for address in gang.members]
    assert first is not None
    assert second is not None
    assert (second.body, second.leader, second.leader_run) == ("", gang.members[0], 1)
    decision = read(first.body)
    assert decision.replay() == decision.chosen == (first.device, second.device)


def _placed(found: list[ChainJob], workers: tuple[Worker, ...]) -> list[tuple[ChainJob, Worker]]:
    by = {worker.device: worker for worker in workers}
    return [(job, by[job.device]) for job in found]


def _brief(job: ChainJob) -> RunBrief:
    return RunBrief(job=job.address, run=job.run, state="ready")
