"""Statements: what is taken as evidence and what is not."""

import asyncio
from collections.abc import Sequence

import pytest
from orchestrator_world import Worker, World

from iog_client.protocol import SignedStatement
from iog_orchestrator.adapters.keys import KeypairSigner
from iog_orchestrator.adapters.signature_checks import Signed
from iog_orchestrator.core.statements import MAX_COUNTER, MOST_WAITING
from iog_orchestrator.domain.errors import RequestRefused


async def refused(world: World, worker: Worker, said: SignedStatement, match: str) -> None:
    with pytest.raises(RequestRefused, match=match):
        await worker.state(said)


async def test_the_newest_statement_is_kept_and_written_at_the_next_flush(
    world: World, worker: Worker
) -> None:
    await world.hours(6)
    for seconds in (2, 5):
        await worker.hour_statement(1, seconds)
    assert await world.store.hour_statements(1) == []
    await world.core.statements.flush()
    (found,) = await world.store.hour_statements(1)
    assert (found.seconds, found.counter) == (5, 2)
    assert await world.store.counter(worker.device) == 2


async def test_a_counter_does_not_come_twice(world: World, worker: Worker) -> None:
    await world.hours(5)
    said = worker.statement("hour", "1", 2)
    await worker.state(said)
    await world.core.statements.flush()
    await refused(world, worker, said, "counter 1 is not above the last one, 1")


async def test_a_counter_that_came_twice_at_once_counts_once(
    world: World, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    await world.hours(5)
    older, said = worker.statement("hour", "1", 2), worker.statement("hour", "1", 2)
    with caplog.at_level("INFO"):
        for one in (said, said, older):
            await worker.state(one)
        await world.core.statements.flush()
    for counter in (1, 2):
        assert f"counter {counter} is not above the last one, 2" in caplog.text
    assert [one.counter for one in await world.store.hour_statements(1)] == [2]


async def test_a_counter_stays_used_over_a_restart(world: World, worker: Worker) -> None:
    await world.hours(5)
    said = worker.statement("hour", "1", 2)
    await worker.state(said)
    await world.core.statements.flush()
    await world.restart()
    await refused(world, worker, said, "not above the last one")


async def test_more_seconds_than_were_measured_are_refused(world: World, worker: Worker) -> None:
    await world.hours(4)
    await refused(world, worker, worker.statement("hour", "1", 8), "s were measured")


async def test_an_hour_to_come_is_refused(world: World, worker: Worker) -> None:
    await refused(world, worker, worker.statement("hour", "2", 0), "hour 2 is not open")


async def test_hour_zero_is_refused(world: World, worker: Worker) -> None:
    await refused(world, worker, worker.statement("hour", "0", 0), "hour 0 is not open")


async def test_fewer_seconds_than_before_are_refused(world: World, worker: Worker) -> None:
    await world.hours(6)
    await worker.hour_statement(1, 5)
    await world.core.statements.flush()
    await refused(world, worker, worker.statement("hour", "1", 4), "fewer than the 5 s before")


async def test_fewer_seconds_than_just_before_do_not_count(
    world: World, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    await world.hours(6)
    with caplog.at_level("INFO"):
        for seconds in (5, 4):
            await worker.hour_statement(1, seconds)
        await world.core.statements.flush()
    assert "statement refused: 4 s are fewer than the 5 s before" in caplog.text
    assert [one.seconds for one in await world.store.hour_statements(1)] == [5]


async def test_an_hour_that_another_key_signed_does_not_count(
    world: World, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    await world.hours(5)
    other = Worker(world, world.owner, 1)
    await worker.hour_statement(1, 2)
    forged = other.statement("hour", "1", 4).model_copy(update={"counter": 2})
    with caplog.at_level("INFO"):
        await worker.state(forged)
        await world.core.statements.flush()
    assert "statement refused: the statement's signature is not the device's" in caplog.text
    assert world.core.statements.hour_seconds(worker.device, 1) == 2
    assert [one.seconds for one in await world.store.hour_statements(1)] == [2]


async def test_a_counter_that_the_device_did_not_sign_is_not_used_up(
    world: World, worker: Worker
) -> None:
    await world.hours(5)
    forged = worker.statement("hour", "1", 3).model_copy(update={"counter": MAX_COUNTER})
    await worker.state(forged)
    await worker.hour_statement(1, 3)
    await worker.state(forged)
    await world.core.statements.flush()
    await worker.state(forged.model_copy(update={"seconds": 4}))
    await worker.hour_statement(1, 4)
    await world.core.statements.flush()
    assert [one.seconds for one in await world.store.hour_statements(1)] == [4]


async def test_of_each_hour_of_a_device_a_few_statements_wait_to_be_checked(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.hours(5)
    asked: list[int] = []
    real = KeypairSigner.verify_all

    async def count(self: KeypairSigner, signed: Sequence[Signed]) -> list[bool]:
        asked.append(len(signed))
        return await real(self, signed)

    monkeypatch.setattr(KeypairSigner, "verify_all", count)
    for _ in range(50):
        await worker.hour_statement(1, 3)
    await world.core.statements.flush()
    assert asked == [50 % MOST_WAITING]
    (found,) = await world.store.hour_statements(1)
    assert (found.seconds, found.counter) == (3, 50)


async def test_what_later_statements_had_checked_is_not_judged_again(
    world: World,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await world.hours(5)
    await worker.hour_statement(1, 2)
    real = KeypairSigner.verify_all

    async def overtaken(self: KeypairSigner, signed: Sequence[Signed]) -> list[bool]:
        for _ in range(MOST_WAITING):
            await worker.hour_statement(1, 3)
        return await real(self, signed)

    with caplog.at_level("INFO"):
        with monkeypatch.context() as patch:
            patch.setattr(KeypairSigner, "verify_all", overtaken)
            await world.core.statements.flush()
        assert [one.counter for one in await world.store.hour_statements(1)] == [MOST_WAITING]
        await world.core.statements.flush()
    assert [one.counter for one in await world.store.hour_statements(1)] == [MOST_WAITING + 1]
    assert "statement refused" not in caplog.text


async def test_a_job_that_another_key_signed_is_refused(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(), worker)
    other = Worker(world, world.owner, 1)
    said = other.statement("job", job.address, 0, job.run)
    await refused(world, worker, said, "signature is not the device")


async def test_what_came_before_a_flush_is_written_when_it_returns(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.hours(5)
    await worker.hour_statement(1, 3)
    may_check = asyncio.Event()
    real = KeypairSigner.verify_all

    async def slowly(self: KeypairSigner, signed: Sequence[Signed]) -> list[bool]:
        await may_check.wait()
        return await real(self, signed)

    monkeypatch.setattr(KeypairSigner, "verify_all", slowly)
    flushes = [asyncio.create_task(world.core.statements.flush()) for _ in range(2)]
    await asyncio.sleep(0)
    may_check.set()
    await flushes[1]
    assert [one.seconds for one in await world.store.hour_statements(1)] == [3]
    await flushes[0]


async def test_statements_whose_check_failed_are_checked_again(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.hours(5)
    await worker.hour_statement(1, 3)

    async def fail(_: object, signed: object) -> list[bool]:
        raise OSError("no memory")

    with monkeypatch.context() as patch:
        patch.setattr(KeypairSigner, "verify_all", fail)
        with pytest.raises(OSError, match="no memory"):
            await world.core.statements.flush()
    await world.core.statements.flush()
    assert [one.seconds for one in await world.store.hour_statements(1)] == [3]


@pytest.mark.parametrize("subject", ["-1", "01", "1.0", "x", ""])
async def test_a_subject_that_is_no_hour_is_refused(
    world: World, worker: Worker, subject: str
) -> None:
    said = worker.statement("hour", "1", 0).model_copy(update={"subject": subject})
    await refused(world, worker, said, "is not an hour")


async def test_a_counter_beyond_63_bits_is_refused(world: World, worker: Worker) -> None:
    said = worker.statement("hour", "1", 0).model_copy(update={"counter": 1 << 63})
    await refused(world, worker, said, "is above")


async def test_a_job_that_is_not_the_devices_is_refused(world: World, worker: Worker) -> None:
    other = await world.node("other")
    await other.connect()
    job = await world.running(await world.open(), worker)
    said = other.statement("job", job.address, 1, job.run)
    await refused(world, other, said, "is not this device's")


async def test_a_job_that_has_not_started_is_refused(world: World, worker: Worker) -> None:
    job = await world.assigned(await world.open(), worker)
    await world.step(job.address)
    said = worker.statement("job", job.address, 0, job.run)
    await refused(world, worker, said, "is assigned, not running")


async def test_seconds_of_a_job_are_bounded_by_both_clocks(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(), worker)
    world.chain.warp(30)
    world.tick(2)
    await world.core.sync.time()
    said = worker.statement("job", job.address, 20, job.run)
    await refused(world, worker, said, "4 s were measured")


async def test_seconds_of_a_job_end_at_its_maximum(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(world.spec(duration_seconds=3)), worker)
    world.tick(30)
    await world.core.sync.time()
    said = worker.statement("job", job.address, 4, job.run)
    await refused(world, worker, said, "3 s were measured")


async def test_what_cannot_be_written_is_written_later(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.hours(5)
    await worker.hour_statement(1, 3)

    async def fail(_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "put_statements", fail)
        with pytest.raises(OSError, match="disk full"):
            await world.core.statements.flush()
    await world.core.statements.flush()
    assert [one.seconds for one in await world.store.hour_statements(1)] == [3]
