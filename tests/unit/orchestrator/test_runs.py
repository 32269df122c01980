"""A job's way through the core, on real programs."""

import pytest
from orchestrator_world import ASK, Worker, World, cancel, input_file, settled

from iog_client.protocol import (
    Assign,
    Cancel,
    EndedAck,
    OutputFile,
    RunRefused,
    Started,
    result_hash,
)
from iog_orchestrator.domain.errors import ChainRefused, RequestRefused
from iog_orchestrator.domain.jobs import ChainJob, JobState

GRACE = 20
"""Slack of iog_jobs at each deadline on this world's short hours."""


async def test_a_job_goes_from_open_to_settled_and_pays_its_seconds(
    world: World, worker: Worker
) -> None:
    before = await world.balance(world.client)
    address = await world.open()
    job = await world.finished(address, worker, 5)
    assert (job.state, job.proven_seconds, job.run) == (JobState.FINISHED, 5, 1)
    job = await settled(world, address)
    gross, fee = ASK * 5, 13
    assert (job.paid, job.fees, job.reason) == (gross - fee, 2 * fee, 1)
    assert await world.balance(world.client) == before - gross - fee
    assert isinstance(worker.frames[-1], EndedAck)


async def test_the_driver_of_a_settled_job_ends(world: World, worker: Worker) -> None:
    address = await world.open()
    await world.finished(address, worker)
    await settled(world, address)
    assert await world.core.runs.step(address) is None


async def test_steps_repeated_at_every_state_change_nothing(world: World, worker: Worker) -> None:
    address = await world.open()
    await world.running(address, worker)
    frames = len(worker.frames)
    await world.step(address, 5)
    assert len(worker.frames) == frames
    assert (await world.job(address)).run == 1


async def test_a_job_is_not_placed_before_its_spec_came(world: World, worker: Worker) -> None:
    await world.open_on_chain(world.spec())
    address = world.core.context.ports.chain.job_address(str(world.client.pubkey()), 0)
    await world.step(address, 3)
    assert not any(isinstance(one, Assign) for one in worker.frames)
    assert "not been submitted" in world.core.placing.notes[address]


async def test_a_job_with_another_spec_on_chain_is_not_placed(world: World, worker: Worker) -> None:
    address = await world.submit(world.spec())
    await world.open_on_chain(world.spec(name="another"))
    await world.step(address, 3)
    assert not any(isinstance(one, Assign) for one in worker.frames)
    assert "not the one that was submitted" in world.core.placing.notes[address]


async def test_a_job_that_nothing_fits_waits_and_says_why(world: World, worker: Worker) -> None:
    address = await world.open(world.spec(price=ASK - 1))
    await world.step(address, 3)
    why = world.core.matching.why(address)
    assert why is not None
    assert why.rejected == {"price": 1}
    assert (await world.job(address)).state is JobState.OPEN


async def test_a_job_that_is_never_placed_expires_and_is_refunded(world: World) -> None:
    before = await world.balance(world.client)
    address = await world.open(wait=5)
    await world.step(address, 2)
    world.tick(5 + GRACE + 1)
    await world.step(address)
    assert (await world.job(address)).state is JobState.EXPIRED
    job = await settled(world, address)
    assert (job.reason, job.paid) == (41, 0)
    assert await world.balance(world.client) == before


async def test_a_node_that_refuses_is_passed_over(world: World, worker: Worker) -> None:
    other = await world.node("other", ask=ASK + 1)
    await other.connect()
    address = await world.open()
    given = await world.handed_out(address, worker)
    await worker.say(
        RunRefused(job=given.job, run=given.run, reason="node_failed", detail="no disk")
    )
    await world.step(address, 3)
    assert isinstance(other.last(Assign), Assign)
    assert isinstance(worker.frames[-1], Cancel)


async def test_a_node_that_leaves_while_preparing_is_passed_over(
    world: World, worker: Worker
) -> None:
    other = await world.node("other", ask=ASK + 1)
    await other.connect()
    address = await world.open()
    await world.handed_out(address, worker)
    worker.leave()
    await world.step(address, 3)
    assert isinstance(other.last(Assign), Assign)


async def test_a_missed_start_is_tried_again_as_the_next_run(world: World, worker: Worker) -> None:
    address = await world.open()
    job = await world.assigned(address, worker)
    assert (job.state, job.run) == (JobState.ASSIGNED, 1)
    world.tick(GRACE + 1)
    await world.step(address, 3)
    given = worker.last(Assign)
    assert isinstance(given, Assign)
    assert given.run == 2
    await worker.ready()
    await world.step(address, 2)
    await worker.sign(await world.job(address), "start")
    await world.step(address)
    job = await world.job(address)
    assert (job.state, job.run) == (JobState.RUNNING, 2)


async def test_a_missed_start_is_not_tried_again_after_the_time_to_be_placed(
    world: World, worker: Worker
) -> None:
    before = await world.balance(world.client)
    address = await world.open(wait=3)
    job = await world.assigned(address, worker)
    assert job.place_by == job.opened_at + 3
    world.tick(GRACE + 1)
    await world.step(address, 3)
    assert (await world.job(address)).run == 1
    world.tick(GRACE)
    job = await settled(world, address)
    assert (job.run, job.reason) == (1, 42)
    assert await world.balance(world.client) == before


async def test_an_old_runs_news_do_not_count_for_the_next(world: World, worker: Worker) -> None:
    address = await world.open()
    await world.assigned(address, worker)
    world.tick(GRACE + 1)
    await world.step(address, 3)
    old = world.core.mail.phase_of(address, 1)
    await worker.say(RunRefused(job=address, run=1, reason="node_failed", detail="late"))
    assert world.core.mail.phase_of(address, 1) == old
    assert world.core.mail.of(address, 2).refused == ""


async def test_a_node_back_with_its_running_job_goes_on(world: World, worker: Worker) -> None:
    address = await world.open()
    job = await world.running(address, worker)
    worker.leave()
    world.tick(4)
    await world.step(address)
    worker.runs = [_brief(job, "running")]
    await worker.connect()
    await worker.end(job, 4)
    await world.step(address)
    await worker.sign(job, "finish")
    await world.step(address)
    assert (await settled(world, address)).proven_seconds == 4


async def test_a_node_that_never_comes_back_is_paid_nothing_unproven(
    world: World, worker: Worker
) -> None:
    before = await world.balance(world.client)
    address = await world.open()
    job = await world.running(address, worker)
    worker.leave()
    world.tick(job.max_seconds + 2 * GRACE + 1)
    await world.step(address)
    assert (await world.job(address)).state is JobState.EXPIRED
    job = await settled(world, address)
    assert (job.paid, job.proven_seconds) == (0, 0)
    assert await world.balance(world.client) == before


async def test_an_expired_run_pays_its_last_statement(world: World, worker: Worker) -> None:
    address = await world.open()
    job = await world.running(address, worker)
    world.tick(6)
    await world.core.sync.time()
    await worker.say(worker.statement("job", address, 6, job.run))
    worker.leave()
    world.tick(job.max_seconds + 2 * GRACE)
    await world.step(address, 2)
    job = await settled(world, address)
    assert (job.proven_seconds, job.reason) == (6, 43)
    assert job.paid > 0


async def test_a_job_cancelled_while_it_is_prepared_is_taken_back(
    world: World, worker: Worker
) -> None:
    before = await world.balance(world.client)
    address = await world.open()
    await world.handed_out(address, worker)
    await cancel(world, address)
    await world.step(address)
    assert isinstance(worker.frames[-1], Cancel)
    await settled(world, address)
    assert await world.balance(world.client) == before
    assert world.core.context.fleet.free(worker.device) == 8


async def test_gpus_promised_and_taken_come_back(world: World, worker: Worker) -> None:
    fleet = world.core.context.fleet
    address = await world.open(world.spec(resources={"gpus": 3}))
    await world.handed_out(address, worker)
    assert fleet.free(worker.device) == 5
    await worker.ready()
    await world.step(address)
    assert fleet.free(worker.device) == 5
    await world.step(address)
    await worker.sign(await world.job(address), "start")
    await world.step(address, 2)
    assert fleet.free(worker.device) == 5
    job = await world.job(address)
    await worker.end(job, 0)
    await world.step(address)
    await worker.sign(job, "finish")
    await world.step(address)
    await settled(world, address)
    assert fleet.free(worker.device) == 8


async def test_a_finished_job_waits_for_its_window(world: World, worker: Worker) -> None:
    address = await world.open(window=20)
    await world.finished(address, worker)
    assert 18 < (await world.step(address) or 0) <= 20
    assert (await world.job(address)).state is JobState.FINISHED
    world.tick(21)
    await settled(world, address)


async def test_an_end_by_the_node_pays_nothing_and_counts_against_it(
    world: World, worker: Worker
) -> None:
    address = await world.open(world.spec(retries=0))
    job = await world.running(address, worker)
    world.tick(5)
    await worker.end(job, 5, reason="node_failed", code=None)
    await world.step(address)
    await worker.sign(job, "finish")
    await world.step(address)
    assert (await settled(world, address)).paid == 0
    assert world.core.context.known.reliability == {worker.device: 0.5}


async def test_an_end_that_the_chain_decides_is_not_taken_from_a_worker(
    world: World, worker: Worker
) -> None:
    job = await world.running(await world.open(), worker)
    with pytest.raises(RequestRefused, match="cannot end a run as expired"):
        await worker.end(job, 0, reason="expired")


async def test_an_output_that_was_not_uploaded_is_not_taken(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(), worker)
    missing = OutputFile(path="model", sha256="0" * 64, size=1)
    with pytest.raises(RequestRefused, match="model was not uploaded"):
        await worker.end(job, 0, outputs=[missing])


async def test_an_output_of_another_uploader_is_not_taken(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(), worker)
    sha256 = world.blobs.add(b"model")
    await world.store.grant("somebody", [sha256])
    with pytest.raises(RequestRefused, match="not uploaded by this device"):
        await worker.end(job, 0, outputs=[OutputFile(path="m", sha256=sha256, size=5)])


async def test_inputs_are_the_devices_to_read_once_it_has_the_job(
    world: World, worker: Worker
) -> None:
    given = input_file("data", b"data", world)
    await world.store.grant(str(world.client.pubkey()), [given.sha256])
    address = await world.open(world.spec(inputs=[given]))
    assert not await world.store.granted(worker.device, given.sha256)
    await world.running(address, worker)
    assert await world.store.granted(worker.device, given.sha256)


async def test_the_image_of_a_run_is_on_record_and_in_the_hash_of_its_result(
    world: World, worker: Worker
) -> None:
    job = await world.running(await world.open(), worker)
    image = f"ghcr.io/a/b@sha256:{'1' * 64}"
    await worker.end(job, 0, image=image)
    run = await world.store.run(job.address, job.run)
    assert run is not None
    assert run.end is not None
    assert run.end.image == image
    assert run.end.result_hash == result_hash("completed", 0, [], image)
    assert run.end.result_hash != result_hash("completed", 0, [])


async def test_outputs_are_the_clients_to_read_once_the_chain_has_the_end(
    world: World, worker: Worker
) -> None:
    client = str(world.client.pubkey())
    job = await world.running(await world.open(), worker)
    made = world.blobs.add(b"model")
    await world.store.grant(worker.device, [made])
    await worker.end(job, 0, outputs=[OutputFile(path="m", sha256=made, size=5)])
    await world.step(job.address)
    await worker.sign(job, "finish")
    assert not await world.store.granted(client, made)
    await world.step(job.address)
    await world.core.sync.everything()
    assert (await world.job(job.address)).state is JobState.FINISHED
    assert await world.store.granted(client, made)


async def test_a_client_that_cancels_after_the_end_gets_no_outputs(
    world: World, worker: Worker
) -> None:
    client = str(world.client.pubkey())
    job = await world.running(await world.open(), worker)
    world.tick(5)
    await world.core.sync.time()
    made = world.blobs.add(b"model")
    await world.store.grant(worker.device, [made])
    await worker.end(job, 5, outputs=[OutputFile(path="m", sha256=made, size=5)])
    await cancel(world, job.address)
    job = await settled(world, job.address)
    assert (job.proven_seconds, job.reason) == (5, 4)
    assert not await world.store.granted(client, made)


async def test_an_input_of_another_uploader_is_not_taken(world: World) -> None:
    given = input_file("data", b"data", world)
    with pytest.raises(RequestRefused, match="was not uploaded"):
        await world.submit(world.spec(inputs=[given]))


async def test_a_signature_of_another_key_does_not_start_a_run(
    world: World, worker: Worker
) -> None:
    address = await world.open()
    job = await world.assigned(address, worker)
    await world.step(address)
    other = Worker(world, world.owner, 8)
    other.session = worker.session
    world.link.frames[other.device] = worker.frames
    await other.sign(job, "start")
    with pytest.raises(ChainRefused, match="signature"):
        await world.step(address)
    assert (await world.job(address)).state is JobState.ASSIGNED


async def test_a_job_too_large_for_what_is_free_waits_for_the_running_one(
    world: World, worker: Worker
) -> None:
    first = await world.open(world.spec(resources={"gpus": 6}))
    job = await world.running(first, worker)
    second = await world.open(world.spec(resources={"gpus": 4}))
    await world.step(second, 2)
    why = world.core.matching.why(second)
    assert why is not None
    assert why.rejected == {"busy": 1}
    await worker.end(job, 0)
    await world.step(first)
    await worker.sign(job, "finish")
    await world.step(first)
    await settled(world, first)
    await world.step(second, 2)
    assert world.core.matching.promised(second) == worker.device


async def test_started_is_said_once_a_connection(world: World, worker: Worker) -> None:
    address = await world.open()
    await world.running(address, worker)
    await world.step(address, 3)
    assert sum(isinstance(one, Started) for one in worker.frames) == 1


def _brief(job: ChainJob, state: str) -> object:
    from iog_client.protocol import RunBrief

    return RunBrief.model_validate({"job": job.address, "run": job.run, "state": state})
