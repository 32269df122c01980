"""Two connections of one device: which of them the node has."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from orchestrator_socket import End
from orchestrator_world import Worker, World

from iog_client.protocol import (
    Heartbeat,
    HeartbeatAck,
    Refuse,
)
from iog_orchestrator.adapters import worker_socket
from iog_worker.link import DeviceInUse, Session, encode


async def takes_over(world: World, end: End, first: Session, newer: Worker) -> None:
    """The newer connection is the node's, and the older one is told so and ends."""
    session = await end.greet(newer)
    assert await first.receive() == Refuse(reason="the same device has connected again")
    await first.wire.close()
    assert not await end.failures()
    assert world.core.context.known.presence[newer.device].connected
    await session.wire.send(encode(Heartbeat(counter=1).authenticated(session.key)))
    assert isinstance(await session.receive(), HeartbeatAck)


def copy_of(node: Worker) -> Worker:
    """Another worker process with the same device key."""
    return Worker(node.world, node.key, node.gpus)


def silence(world: World) -> float:
    return 3 * world.core.context.pace.heartbeat


async def test_a_worker_that_lost_its_connection_unnoticed_gets_it_again_at_once(
    world: World, end: End, node: Worker
) -> None:
    await takes_over(world, end, await end.greet(node), node)


async def test_another_worker_with_a_connected_nodes_key_is_refused(
    world: World, end: End, node: Worker
) -> None:
    first = await end.greet(node)
    since = datetime.fromtimestamp(world.clock.wall(), UTC)
    for counter in (1, 2, 3):
        world.clock.advance(silence(world))
        await first.wire.send(encode(Heartbeat(counter=counter).authenticated(first.key)))
        assert isinstance(await first.receive(), HeartbeatAck)
    world.clock.advance(silence(world))
    with pytest.raises(DeviceInUse) as refusal:
        await end.greet(copy_of(node))
    assert (
        f"another worker with this device key is connected since {since:%Y-%m-%d %H:%M:%S} UTC"
        in refusal.value.message
    )
    await first.wire.send(encode(Heartbeat(counter=4).authenticated(first.key)))
    assert isinstance(await first.receive(), HeartbeatAck)
    assert not await end.failures()


async def test_of_two_workers_that_come_at_once_one_is_refused(end: End, node: Worker) -> None:
    both = await asyncio.gather(end.greet(node), end.greet(copy_of(node)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["DeviceInUse", "Session"]


async def test_a_worker_takes_the_place_of_one_that_has_been_silent_for_three_heartbeats(
    world: World, end: End, node: Worker
) -> None:
    first = await end.greet(node)
    world.clock.advance(silence(world) + 0.1)
    await takes_over(world, end, first, copy_of(node))
    with pytest.raises(DeviceInUse):
        await end.greet(node)


async def test_a_worker_that_was_killed_is_followed_by_the_next_without_waiting(
    end: End, node: Worker
) -> None:
    first = await end.greet(node)
    await first.wire.close()
    assert not await end.failures()
    await end.greet(copy_of(node))


async def test_a_connection_that_takes_no_last_words_is_left_all_the_same(
    monkeypatch: pytest.MonkeyPatch, world: World, end: End, node: Worker
) -> None:
    monkeypatch.setattr(worker_socket, "FAREWELL_SECONDS", 0.01)
    pipe = end.connect()
    await end.greet(node, pipe)
    pipe.stuck = True
    await end.greet(node)
    assert world.core.context.known.presence[node.device].connected
