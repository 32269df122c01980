"""Runs that their node or the platform failed are given up, and another node gets the job."""

from dataclasses import replace

from orchestrator_world import ASK, Worker, World, settled

from iog_client.api import OrchestratorApi
from iog_client.protocol import Assign, Cancel, EndedAck, RunBrief, SignRequest
from iog_client.reasons import EndReason
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, JobState


async def another(world: World) -> Worker:
    """A second node, dearer than the first."""
    made = await world.node("second", ask=2 * ASK)
    await made.connect()
    return made


async def failed(world: World, worker: Worker, job: ChainJob, reason: str = "node_failed") -> None:
    """The worker says that its run has failed, and is asked to give it up."""
    world.tick(5)
    await worker.end(job, 5, reason=reason, code=None)
    await world.step(job.address)


async def given_up(world: World, worker: Worker, job: ChainJob, reason: str) -> ChainJob:
    await failed(world, worker, job, reason)
    await worker.sign(job, "release")
    await world.step(job.address)
    return await world.job(job.address)


async def carried_out(world: World, address: str, worker: Worker, seconds: int) -> ChainJob:
    """The job is brought to its end by another worker."""
    await world.step(address, 3)
    await worker.ready()
    await world.step(address)
    job = await world.job(address)
    await world.step(address)
    await worker.sign(job, "start")
    await world.step(address, 2)
    world.tick(seconds)
    await worker.end(await world.job(address), seconds)
    await world.step(address)
    await worker.sign(job, "finish")
    return await settled(world, address)


async def test_a_run_that_its_node_failed_is_carried_out_by_another(
    world: World, worker: Worker
) -> None:
    second = await another(world)
    job = await world.running(await world.open(), worker)
    job = await given_up(world, worker, job, "node_failed")
    assert (job.state, job.run, job.device) == (JobState.OPEN, 1, NONE_KEY)
    before = await world.balance(world.owner)
    job = await carried_out(world, job.address, second, 7)
    assert (job.run, job.device, job.reason) == (2, second.device, EndReason.COMPLETED)
    assert (job.proven_seconds, job.price) == (7, 2 * ASK)
    assert await world.balance(world.owner) == before + job.paid
    assert isinstance(worker.last(EndedAck), EndedAck)


async def test_a_run_that_was_given_up_counts_against_its_node_once(
    world: World, worker: Worker
) -> None:
    job = await world.running(await world.open(), worker)
    job = await given_up(world, worker, job, "node_stopped")
    await world.step(job.address, 3)
    assert world.core.context.known.reliability == {worker.device: 0.5}
    await world.restart()
    await world.step(job.address, 2)
    assert await world.store.run_totals() == {worker.device: (1, 1)}
    [run] = await world.store.runs(job.address)
    assert (run.state, run.detail) == ("released", "given up: node_stopped")


async def test_a_fault_of_the_platform_does_not_count_against_the_node(
    world: World, worker: Worker
) -> None:
    job = await world.running(await world.open(), worker)
    job = await given_up(world, worker, job, "platform_failed")
    await world.step(job.address)
    assert (job.state, await world.store.run_totals()) == (JobState.OPEN, {worker.device: (1, 0)})


async def test_the_only_node_there_is_gets_the_job_again(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(), worker)
    await given_up(world, worker, job, "node_failed")
    await world.step(job.address, 3)
    given = worker.last(Assign)
    assert isinstance(given, Assign)
    assert given.run == 2


async def test_a_run_is_finished_when_there_is_none_left(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(world.spec(retries=0)), worker)
    await failed(world, worker, job)
    await worker.sign(job, "finish")
    job = await settled(world, job.address)
    assert (job.reason, job.paid, job.run) == (EndReason.NODE_FAILED, 0, 1)


async def test_a_run_is_finished_when_the_time_to_be_placed_is_over(
    world: World, worker: Worker
) -> None:
    job = await world.running(await world.open(wait=3), worker)
    await failed(world, worker, job)
    await worker.sign(job, "finish")
    assert (await settled(world, job.address)).reason == EndReason.NODE_FAILED


async def test_a_run_that_failed_by_the_job_is_not_given_up(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(), worker)
    world.tick(5)
    await worker.end(job, 5, reason="command_failed", code=1)
    await world.step(job.address)
    request = worker.last(SignRequest)
    assert isinstance(request, SignRequest)
    assert request.what == "finish"


async def test_the_release_is_asked_for_again_over_another_connection(
    world: World, worker: Worker
) -> None:
    job = await world.running(await world.open(), worker)
    await failed(world, worker, job)
    worker.leave()
    worker.runs = [RunBrief(job=job.address, run=1, state="ended")]
    await worker.connect()
    await world.step(job.address)
    await worker.sign(job, "release")
    await world.step(job.address)
    assert (await world.job(job.address)).state is JobState.OPEN


def patience(world: World) -> int:
    """Seconds for which a node that is not heard of is waited for."""
    return world.core.context.network.grace


async def test_the_run_of_a_node_that_is_lost_is_given_to_another(
    world: World, worker: Worker
) -> None:
    second = await another(world)
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    worker.leave()
    world.tick(patience(world) - 1)
    assert await world.step(job.address) == 1
    assert (await world.job(job.address)).state is JobState.RUNNING
    world.tick(1)
    await second.beat()
    await world.step(job.address)
    assert (await world.job(job.address)).state is JobState.OPEN
    job = await carried_out(world, job.address, second, 3)
    assert (job.device, job.run, job.proven_seconds) == (second.device, 2, 3)
    assert (await world.store.run_totals())[worker.device] == (1, 1)


async def test_a_node_that_comes_back_after_its_run_was_given_up_drops_it(
    world: World, worker: Worker
) -> None:
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    worker.leave()
    world.tick(patience(world))
    await world.step(job.address, 2)
    worker.runs = [RunBrief(job=job.address, run=1, state="running")]
    await worker.connect()
    assert [type(frame) for frame in worker.frames[:2]] == [Cancel, EndedAck]


async def test_a_node_that_comes_back_in_time_goes_on(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    worker.leave()
    world.tick(patience(world) - 1)
    worker.runs = [RunBrief(job=job.address, run=1, state="running")]
    await worker.connect()
    await worker.beat()
    for _ in range(4):
        world.tick(patience(world) - 1)
        await worker.beat()
        await world.step(job.address)
    assert (await world.job(job.address)).state is JobState.RUNNING


async def test_a_worker_that_is_back_without_its_run_has_lost_it(
    world: World, worker: Worker
) -> None:
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    worker.leave()
    await worker.connect()
    for _ in range(2):
        world.tick(patience(world) / 2)
        await worker.beat()
        await world.step(job.address)
    assert (await world.job(job.address)).state is JobState.OPEN


async def test_a_lost_run_without_another_to_follow_waits_for_its_deadline(
    world: World, worker: Worker
) -> None:
    spec = world.spec(retries=0, duration_seconds=600)
    job = await world.running(await world.open(spec), worker)
    worker.leave()
    world.tick(patience(world) * 3)
    await world.step(job.address, 2)
    assert (await world.job(job.address)).state is JobState.RUNNING


async def test_a_restart_gives_a_silent_node_its_time_again(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(world.spec(duration_seconds=600), wait=600), worker)
    worker.leave()
    world.tick(patience(world) * 2)
    await world.restart()
    await world.step(job.address)
    assert (await world.job(job.address)).state is JobState.RUNNING
    world.tick(patience(world))
    await world.step(job.address)
    assert (await world.job(job.address)).state is JobState.OPEN


async def test_the_output_of_a_run_that_was_given_up_stays_before_that_of_the_next(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    job = await world.running(await world.open(), worker)
    await world.logs.append(job.address, 1, 0, b"one\n")
    await failed(world, worker, job)
    assert await api.logs(job.address, 0) == (b"one\n", 4, False)
    await worker.sign(job, "release")
    await world.step(job.address, 2)
    await world.core.sync.everything()
    assert await api.logs(job.address, 4) == (b"", 4, False)
    job = await carried_out(world, job.address, worker, 3)
    await world.logs.append(job.address, 2, 0, b"two\n")
    assert (await api.logs(job.address, 0))[0] == b"one\n"
    assert await api.logs(job.address, 4) == (b"two\n", 8, True)
    view = await api.job(job.address)
    assert (view.log_bytes, [run.state for run in view.runs]) == (8, ["released", "ended"])
    assert [run.reason for run in view.runs] == ["node_failed", "completed"]


async def test_an_open_job_does_not_show_the_run_that_was_given_up_as_its_own(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    job = await world.running(await world.open(), worker)
    world.tick(5)
    await worker.end(job, 5, reason="node_stopped", code=143)
    await world.step(job.address)
    assert (await api.job(job.address)).phase == "ended"
    await worker.sign(job, "release")
    await world.step(job.address)
    await world.core.sync.everything()
    view = await api.job(job.address)
    assert (view.state, view.phase, view.exit_code, view.detail) == ("open", None, None, "")
    assert [run.reason for run in view.runs] == ["node_stopped"]
    assert await api.jobs(view.client) == [view.model_copy(update={"runs": []})]
    await world.step(job.address, 3)
    await worker.ready()
    view = await api.job(job.address)
    assert (view.state, view.phase, view.run) == ("open", "ready", 1)


async def test_the_run_of_a_gangs_member_is_not_given_up(world: World, worker: Worker) -> None:
    address = await world.open()
    job = await world.running(address, worker)
    assert world.core.releasing.is_possible(job)
    assert not world.core.releasing.is_possible(replace(job, gang=address))
