"""Chain, workers and database agree; where they do not, it is found twice, told and mended."""

import logging
from dataclasses import replace

import pytest
import sqlalchemy as sa
from orchestrator_hours import close, earned, past
from orchestrator_world import Worker, World

from iog_client.protocol import Cancel, RunBrief
from iog_orchestrator.adapters.schema import jobs
from iog_orchestrator.core.reconcile import KINDS, Mismatch
from iog_orchestrator.domain.jobs import JobState


async def twice(world: World) -> list[str]:
    """The kinds of what two passes in a row find."""
    assert await world.core.reconcile.step() == []
    return [one.kind for one in await world.core.reconcile.step()]


async def driven(world: World, address: str) -> None:
    """Let a job have a driver, as the daemon's scan gives it one."""
    world.core.runs.drive(address)


async def steady(world: World) -> None:
    """Nothing differs, however often it is looked at."""
    for _ in range(3):
        assert await world.core.reconcile.step() == []
    assert not world.core.reconcile.standing


@pytest.fixture
async def running(world: World, worker: Worker) -> str:
    """A job that runs, its worker saying so, and a driver that looks after it."""
    address = await world.open()
    job = await world.running(address, worker)
    worker.runs = [RunBrief(job=address, run=job.run, state="running")]
    await worker.beat()
    await driven(world, address)
    return address


async def test_in_steady_state_nothing_differs(world: World, running: str) -> None:
    await steady(world)


async def test_what_differs_for_one_pass_only_does_not_count(
    world: World, worker: Worker, running: str
) -> None:
    held, worker.runs = worker.runs, []
    await worker.beat()
    assert await world.core.reconcile.step() == []
    worker.runs = held
    await worker.beat()
    assert await world.core.reconcile.step() == []
    assert not world.core.reconcile.standing


async def test_a_job_that_the_database_lost_is_stored_again(world: World, running: str) -> None:
    await world.core.reconcile.step()
    async with world.store._database.write() as connection:
        await connection.execute(sa.delete(jobs))
    # the scan compares with what this process knows, and so would not notice
    assert await twice(world) == ["job_not_stored"]
    row = await world.store.job(running)
    assert row is not None
    assert row.job == await world.job(running)
    await steady(world)


async def test_a_job_that_ended_unseen_is_read_again(world: World, worker: Worker) -> None:
    address = await world.open()
    before = await world.job(address)
    finished = await world.finished(address, worker)
    await world.step(address, 3)
    assert (await world.job(address)).state is JobState.SETTLED
    await world.store.put_job(before, 0)
    assert finished != before
    assert await twice(world) == ["job_unknown"]
    row = await world.store.job(address)
    assert row is not None
    assert row.job.state is JobState.SETTLED
    await steady(world)


async def test_a_job_without_a_driver_gets_one(world: World) -> None:
    address = await world.open()
    assert await twice(world) == ["job_not_driven"]
    assert world.core.runs.is_driven(address)
    await steady(world)


async def test_gpus_promised_to_nobody_are_free_again(world: World, worker: Worker) -> None:
    world.core.context.fleet.reserve(worker.device, worker.device, 3)
    assert await twice(world) == ["promise_stale"]
    assert world.core.context.fleet.free(worker.device) == 8
    await steady(world)


async def test_a_worker_is_told_to_drop_a_run_that_is_not_its(
    world: World, worker: Worker, running: str
) -> None:
    worker.runs = [*worker.runs, RunBrief(job=worker.device, run=3, state="running")]
    await worker.beat()
    assert await twice(world) == ["run_unknown"]
    assert worker.last(Cancel) == Cancel(job=worker.device, run=3)


async def test_a_run_that_its_worker_lost_is_told(
    world: World, worker: Worker, running: str
) -> None:
    worker.runs = []
    await worker.beat()
    assert await twice(world) == ["run_missing"]
    assert world.core.reconcile.standing == {"run_missing": 1}


async def test_a_node_with_fewer_busy_gpus_than_run_jobs_is_told(
    world: World, worker: Worker, running: str, caplog: pytest.LogCaptureFixture
) -> None:
    chain = world.core.context.ports.chain

    class Forgetful:
        def __getattr__(self, name: str) -> object:
            return getattr(chain, name)

        async def nodes(self) -> list[object]:
            return [replace(node, busy=0) for node in await chain.nodes()]

    world.core.context.ports = replace(world.core.context.ports, chain=Forgetful())  # type: ignore[arg-type]
    with caplog.at_level(logging.ERROR):
        assert await twice(world) == ["gpus_busy"]
    [line] = caplog.records
    assert line.getMessage() == (
        f"mismatch: 1 GPUs of {worker.device} run jobs, and the chain counts 0 as busy"
    )


async def test_a_root_that_is_not_the_published_one_is_told(world: World, worker: Worker) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    await steady(world)
    chain = world.core.context.ports.chain

    class Other:
        def __getattr__(self, name: str) -> object:
            return getattr(chain, name)

        async def distributor(self) -> object:
            return replace(await chain.distributor(), pending_root="0" * 64, root="0" * 64)

    world.core.context.ports = replace(world.core.context.ports, chain=Other())  # type: ignore[arg-type]
    assert set(await twice(world)) == {"root_differs"}


def test_every_kind_is_one_of_those_listed() -> None:
    source = Mismatch("job_unknown", "x", "")
    assert source.kind in KINDS
    assert source == replace(source, said="other words")
