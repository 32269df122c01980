"""What is acknowledged before it is opened, and for how long it is kept."""

from __future__ import annotations

import pytest
from orchestrator_world import ASK, Worker, World
from solders.keypair import Keypair

from iog_orchestrator.core import intake
from iog_orchestrator.core.intake import Submission
from iog_orchestrator.domain.errors import Forbidden, RequestRefused, TooMuch
from iog_orchestrator.domain.jobs import JobRequest

DAY = 86_400


async def announce(world: World, number: int | None, **changes: object) -> JobRequest:
    spec = world.spec(**changes).to_bytes().decode()
    client = str(world.client.pubkey())
    request, _ = await world.core.intake.submit(Submission(client, number, spec, ()))
    return request


@pytest.mark.parametrize("number", [0, intake.AHEAD])
async def test_a_number_that_can_be_opened_soon_is_acknowledged(world: World, number: int) -> None:
    request = await announce(world, number)
    assert await world.store.request(request.address) == request


@pytest.mark.parametrize("number", [intake.AHEAD + 1, (1 << 63) - 1])
async def test_a_number_far_ahead_is_refused(world: World, number: int) -> None:
    with pytest.raises(RequestRefused, match="is 0, and jobs up to 8 are taken"):
        await announce(world, number)
    assert await world.store.pending(str(world.client.pubkey())) == 0


async def test_the_number_of_an_opened_job_is_for_its_spec_alone(world: World) -> None:
    await world.open()
    await announce(world, 0)
    with pytest.raises(RequestRefused, match=r"0 is taken; the next job of \w+ is 1"):
        await announce(world, 0, name="another")


async def test_the_spec_of_a_job_may_come_after_it_was_opened(world: World) -> None:
    await world.open_on_chain(world.spec())
    assert (await announce(world, 0)).number == 0


async def test_of_two_specs_announced_by_one_number_the_opened_one_can_be_told_again(
    world: World,
) -> None:
    mine = await announce(world, 0, name="mine")
    await announce(world, 0, name="another")
    await world.open_on_chain(world.spec(name="mine"))
    await world.core.intake.notify(mine.address)
    assert (await announce(world, 0, name="mine")).spec_hash == mine.spec_hash
    stored = await world.store.request(mine.address)
    assert stored is not None
    assert stored.spec_hash == mine.spec_hash
    with pytest.raises(RequestRefused, match="0 is taken"):
        await announce(world, 0, name="another")


async def test_the_number_of_an_ended_job_is_refused(world: World, worker: Worker) -> None:
    await world.finished(await world.open(), worker)
    with pytest.raises(RequestRefused, match="0 is taken"):
        await announce(world, 0)


async def test_jobs_waiting_to_be_opened_are_counted(
    monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    monkeypatch.setattr(intake, "MAX_PENDING", 2)
    for number in (0, 1, 1):
        await announce(world, number)
    with pytest.raises(TooMuch, match="2 jobs of"):
        await announce(world, 2)
    await world.open_on_chain(world.spec())
    await world.core.sync.everything()
    await announce(world, 2)


async def test_a_key_of_nobody_is_refused(world: World) -> None:
    spec = world.spec().to_bytes().decode()
    for number in (None, 0):
        with pytest.raises(Forbidden):
            await world.core.intake.submit(Submission(str(Keypair().pubkey()), number, spec, ()))


async def test_a_device_may_submit_without_sol(world: World, worker: Worker) -> None:
    spec = world.spec().to_bytes().decode()
    request, _ = await world.core.intake.submit(Submission(worker.device, 0, spec, ()))
    assert request.client == worker.device


async def test_of_refused_jobs_the_newest_stay_without_their_spec(
    monkeypatch: pytest.MonkeyPatch, world: World, worker: Worker
) -> None:
    monkeypatch.setattr(intake, "MAX_REFUSED", 2)
    made = []
    for number in range(3):
        world.tick(1)
        made.append(await announce(world, None, price=ASK - 1, name=f"job {number}"))
    assert await world.store.request(made[0].address) is None
    kept = await world.store.request(made[2].address)
    assert kept is not None
    assert (kept.name, kept.spec, kept.inputs, kept.refused) == ("job 2", "", (), {"price": 1})


async def test_a_request_that_was_never_opened_is_forgotten_after_a_day(world: World) -> None:
    opened = await world.open()
    await world.core.sync.everything()
    never = await announce(world, 1)
    refused = await announce(world, None)
    world.tick(DAY - 1)
    await world.core.intake.forget()
    assert await world.store.request(never.address) is not None
    world.tick(2)
    await world.core.intake.forget()
    assert await world.store.request(never.address) is None
    world.tick(30 * DAY - DAY - 3)
    await world.core.intake.forget()
    assert await world.store.request(refused.address) is not None
    world.tick(3)
    await world.core.intake.forget()
    assert await world.store.request(refused.address) is None
    assert await world.store.request(opened) is not None
