"""Hours that are out already, and a database that knows of none."""

import logging
from dataclasses import replace

import pytest
import sqlalchemy as sa
from orchestrator_hours import close, earned, past
from orchestrator_world import Worker, World

from iog_orchestrator.adapters import schema


async def forget(world: World) -> None:
    """What is left when the database was lost, and a new one lies in its place."""
    async with world.store._database.write() as connection:
        await connection.execute(sa.delete(schema.hours))
        await connection.execute(sa.delete(schema.statements))
    await world.restart()


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
