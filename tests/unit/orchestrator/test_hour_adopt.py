"""Hours that are out already, and a database that knows of none."""

import logging
from dataclasses import replace

import httpx
import pytest
import sqlalchemy as sa
from orchestrator_api import URL
from orchestrator_hours import close, earned, past
from orchestrator_world import Worker, World

from iog_client.hours import PublishedHour
from iog_orchestrator.adapters import schema
from iog_orchestrator.adapters.http.app import application
from iog_orchestrator.adapters.keys import KeypairSigner
from iog_orchestrator.adapters.worker_socket import WorkerSockets


async def forget(world: World) -> None:
    """What is left when the database was lost, and a new one lies in its place."""
    async with world.store._database.write() as connection:
        await connection.execute(sa.delete(schema.hours))
        await connection.execute(sa.delete(schema.statements))
    await world.restart()


async def degraded(world: World) -> list[str]:
    """What an orchestrator says that is ready all the same."""
    app = application(world.core, WorkerSockets(KeypairSigner(world.matcher)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(base_url=URL, transport=transport) as http:
        said = (await http.get("/v1/ready")).json()
    assert said["ready"]
    return list(said["degraded"])


async def test_published_hours_are_taken_over_and_the_next_one_goes_on(
    world: World, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    before, report = dict(world.publisher.documents), await world.store.last_hour()
    await forget(world)
    await world.core.sync.everything()
    with caplog.at_level(logging.WARNING):
        await world.core.hour_close.recover()
    assert [one.getMessage() for one in caplog.records] == [
        "the database knows no hour; 1 to 2 are taken over from the published files"
    ]
    assert report is not None
    assert await world.store.last_hour() == replace(report, state="published")
    await past(world, 3)
    await close(world)
    assert {hour: world.publisher.documents[hour] for hour in (1, 2)} == before
    assert await world.store.hour(3) == world.publisher.documents[3]


async def test_without_the_hour_of_the_chains_root_nothing_is_closed_until_it_is_there(
    world: World, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    out = dict(world.publisher.documents)
    world.publisher.documents.clear()
    await forget(world)
    await past(world, 3)
    await close(world)
    assert (await world.store.last_hour(), world.publisher.documents) == (None, {})
    [said] = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert said.startswith("the chain has a root of hour 2, which neither the database nor the")
    assert await degraded(world) == [said]
    # the first alone is not enough
    world.publisher.documents[1] = out[1]
    await close(world)
    assert await degraded(world) == [said]
    world.publisher.documents[2] = out[2]
    await close(world)
    assert sorted(world.publisher.documents) == [1, 2, 3]
    assert {hour: world.publisher.documents[hour] for hour in out} == out
    assert PublishedHour.parse(world.publisher.documents[3]).previous_data_hash is not None
    assert await degraded(world) == []
    assert [one.levelname for one in caplog.records].count("ERROR") == 1


async def test_a_copy_of_the_database_from_before_takes_over_what_came_after(
    world: World, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    out = dict(world.publisher.documents)
    async with world.store._database.write() as connection:
        await connection.execute(sa.delete(schema.hours).where(schema.hours.c.hour == 2))
    await world.restart()
    await close(world)
    assert world.publisher.documents == out
    assert await world.store.hour(2) == out[2]
    assert "the database ends with hour 1; 2 to 2 are taken over" in caplog.text


async def test_files_of_another_network_or_without_their_beginning_are_left(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    first = world.publisher.documents.pop(1)
    await forget(world)
    await world.core.hour_close.recover()
    assert await world.store.last_hour() is None
    world.publisher.documents[1] = first.replace(b'"hour":1,', b'"hour":7,')
    await world.core.hour_close.recover()
    assert await world.store.last_hour() is None
    world.publisher.documents[1] = b"nothing"
    await world.core.hour_close.recover()
    assert await world.store.last_hour() is None
