"""The worker's link, both real ends over a connection in memory."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from orchestrator_socket import End
from orchestrator_world import Worker, World
from solders.keypair import Keypair
from websockets.frames import CloseCode

from iog_client.protocol import (
    MAX_FRAME,
    SERVER_FRAMES,
    Answer,
    Ended,
    Heartbeat,
    HeartbeatAck,
    Ping,
    Pong,
    Refuse,
    RunBrief,
    RunUpdate,
)
from iog_orchestrator.adapters import prompt_frames, worker_socket
from iog_orchestrator.adapters.http.access import RateLimit
from iog_orchestrator.adapters.prompt_frames import Allowance
from iog_worker.link import LinkRefused, Lost, Session, encode


async def test_a_node_that_proves_its_key_is_welcomed(world: World, end: End, node: Worker) -> None:
    session = await end.greet(node)
    assert session.welcome.hour_length == 10
    assert session.welcome.genesis_hash == world.record.genesis_hash
    assert world.core.context.known.presence[node.device].connected


async def test_a_node_is_present_only_once_its_welcome_is_complete(
    monkeypatch: pytest.MonkeyPatch, world: World, end: End, node: Worker
) -> None:
    counter = world.core.statements.counter

    async def asked(device: str) -> int:
        assert device not in world.core.agents.sessions
        return await counter(device)

    monkeypatch.setattr(world.core.statements, "counter", asked)
    await end.greet(node)
    assert node.device in world.core.agents.sessions


async def test_a_heartbeat_is_answered(end: End, node: Worker) -> None:
    session = await end.greet(node)
    await session.wire.send(encode(Heartbeat(counter=1).authenticated(session.key)))
    answer = await session.receive()
    assert isinstance(answer, HeartbeatAck)
    assert answer.counter == 1


@pytest.mark.parametrize("counters", [(1, 1), (2, 1)])
async def test_a_heartbeat_repeated_ends_the_connection(
    end: End, node: Worker, counters: tuple[int, int]
) -> None:
    session = await end.greet(node)
    for counter in counters:
        await session.wire.send(encode(Heartbeat(counter=counter).authenticated(session.key)))
    refusal = (
        f"heartbeat {counters[1]} came after heartbeat {counters[0]}: repeated or out of order"
    )
    assert Refuse(reason=refusal) in await until_lost(session)


async def test_heartbeats_that_were_lost_are_counted_and_no_reason_to_part(
    world: World, end: End, node: Worker
) -> None:
    session = await end.greet(node)
    for counter in (1, 5, 6):
        await session.wire.send(encode(Heartbeat(counter=counter).authenticated(session.key)))
        assert isinstance(await session.receive(), HeartbeatAck)
    assert world.core.agents.sessions[node.device].lost == 3


async def asked(world: World, session: Session, node: Worker) -> Ping:
    """The question that a silent node is asked."""
    world.link.frames[node.device] = []
    await world.core.agents.ask(node.device)
    found = world.link.frames[node.device][-1]
    assert isinstance(found, Ping)
    return found


async def test_a_silent_node_that_answers_is_heard(world: World, end: End, node: Worker) -> None:
    session = await end.greet(node)
    world.tick(60)
    world.core.agents.check()
    assert world.core.context.readiness(node.device) == ["its heartbeats stopped"]
    ping = await asked(world, session, node)
    await session.wire.send(encode(Pong(nonce=ping.nonce).authenticated(session.key)))
    assert not await end.failures()
    assert world.core.context.readiness(node.device) == []


async def test_an_answer_under_another_key_ends_the_connection(
    world: World, end: End, node: Worker
) -> None:
    session = await end.greet(node)
    ping = await asked(world, session, node)
    await session.wire.send(encode(Pong(nonce=ping.nonce).authenticated(bytes(32))))
    assert Refuse(reason="a pong is not authentic") in await until_lost(session)


async def test_an_answer_counts_once_and_only_where_it_was_asked_for(
    world: World, end: End, node: Worker
) -> None:
    session = await end.greet(node)
    ping = await asked(world, session, node)
    for _ in range(2):
        await session.wire.send(encode(Pong(nonce=ping.nonce).authenticated(session.key)))
    refusal = Refuse(reason="a pong answers no question of this connection")
    assert refusal in await until_lost(session)
    again = await end.greet(node)
    await again.wire.send(encode(Pong(nonce=ping.nonce).authenticated(again.key)))
    assert refusal in await until_lost(again)


async def test_runs_in_a_heartbeat_are_part_of_its_code(end: End, node: Worker) -> None:
    session = await end.greet(node)
    beat = Heartbeat(counter=1).authenticated(session.key)
    other = RunBrief(job=node.device, run=1, state="running")
    await session.wire.send(encode(beat.model_copy(update={"runs": [other]})))
    assert Refuse(reason="a heartbeat is not authentic") in await until_lost(session)


async def until_lost(session: Session) -> list[object]:
    """All frames until the server closes the connection."""
    said: list[object] = []
    with suppress(Lost):
        while True:
            said.append(await session.receive())
    return said


async def test_a_heartbeat_of_another_session_ends_the_connection(end: End, node: Worker) -> None:
    session = await end.greet(node)
    await session.wire.send(encode(Heartbeat(counter=1).authenticated(b"0" * 32)))
    assert isinstance(await session.receive(), Refuse)


async def test_another_key_than_the_hellos_is_refused(end: End, node: Worker) -> None:
    impostor = Worker(node.world, Keypair(), 8)
    with pytest.raises(LinkRefused, match="not answered with the device's signature"):
        await end.greet(impostor, device=node.device)


async def test_a_device_that_is_not_registered_is_refused(world: World, end: End) -> None:
    with pytest.raises(LinkRefused, match="is not registered"):
        await end.greet(Worker(world, Keypair(), 1))


async def test_simulated_gpus_are_refused_where_the_network_has_none(
    world: World, end: End, node: Worker
) -> None:
    from dataclasses import replace

    world.core.context.network = replace(world.core.context.network, allow_simulated=False)
    with pytest.raises(LinkRefused, match="no simulated GPUs"):
        await end.greet(node)
    await end.greet(node, simulated=False)


async def test_another_protocol_is_refused(end: End, node: Worker) -> None:
    with pytest.raises(LinkRefused, match="protocol 2 is not spoken here, 1 is"):
        await end.greet(node, protocol=2)


@pytest.mark.parametrize("name", ["memory", "disk"])
async def test_more_than_a_machine_has_is_not_understood(
    world: World, end: End, node: Worker, name: str
) -> None:
    hardware = node.hello().hardware.model_copy(update={name: (1 << 64) - 1})
    with pytest.raises(LinkRefused, match=f"a frame is not understood: hello.hardware.{name}"):
        await end.greet(node, hardware=hardware)
    assert await end.failures() == []
    assert node.device not in world.core.agents.sessions
    await world.core.liveness.step()
    most = node.hello().hardware.model_copy(update={name: 1 << 50})
    await end.greet(node, hardware=most)
    assert await end.failures() == []


@pytest.mark.parametrize("figure", ["NaN", "1e999", "-Infinity", f'"{"x" * 1001}"'])
async def test_figures_that_are_none_are_not_understood(
    end: End, node: Worker, figure: str
) -> None:
    session = await end.greet(node)
    ended = Ended(
        job=node.device,
        run=1,
        reason="completed",
        exit_code=0,
        outputs=[],
        metrics={"loss": 1},
        seconds=1,
        result_hash="0" * 64,
    )
    await session.wire.send(ended.to_json().replace('{"loss":1}', f'{{"loss":{figure}}}'))
    (refusal,) = await until_lost(session)
    assert isinstance(refusal, Refuse)
    assert refusal.reason.startswith("a frame is not understood: ended.metrics.loss")


async def test_an_exchange_key_without_a_secret_is_refused(end: End, node: Worker) -> None:
    pipe = end.connect()
    hello = node.hello().model_copy(update={"exchange_key": "0" * 64})
    await pipe.send(hello.to_json())
    challenge = SERVER_FRAMES.validate_json(await pipe.receive())
    from iog_client.protocol import ANSWER_TAG, Challenge, exchange_bytes

    assert isinstance(challenge, Challenge)
    signed = exchange_bytes(ANSWER_TAG, hello, challenge.nonce, challenge.exchange_key)
    await pipe.send(Answer(signature=str(node.key.sign_message(signed))).to_json())
    refusal = SERVER_FRAMES.validate_json(await pipe.receive())
    assert isinstance(refusal, Refuse)
    assert "exchange key" in refusal.reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"type": "unknown"}',
        '{"type": "answer", "signature": "1"}',
        '{"type": "heartbeat", "counter": 1, "more": 1}',
    ],
)
async def test_what_is_no_hello_ends_the_connection(end: End, text: str) -> None:
    pipe = end.connect()
    await pipe.send(text)
    assert isinstance(SERVER_FRAMES.validate_json(await pipe.receive()), Refuse)
    with pytest.raises(Lost):
        await pipe.receive()


async def test_a_frame_that_is_too_long_ends_the_connection_before_it_is_read(
    end: End, node: Worker
) -> None:
    for greeted in (False, True):
        pipe = end.connect()
        if greeted:
            await end.greet(node, pipe)
        await pipe.send("x" * (MAX_FRAME + 1))
        with pytest.raises(Lost):
            await pipe.receive()
        assert pipe.closed is not None
        assert pipe.closed.code == CloseCode.MESSAGE_TOO_BIG
    assert not await end.failures()


async def test_a_frame_of_bytes_ends_the_connection(end: End, node: Worker) -> None:
    pipe = end.connect()
    await pipe.send_bytes(b"x")
    assert await pipe.receive() == Refuse(reason="a frame is text").to_json()
    with pytest.raises(Lost):
        await pipe.receive()
    pipe = end.connect()
    session = await end.greet(node, pipe)
    await pipe.send_bytes(b"x")
    assert await session.receive() == Refuse(reason="a frame is text")
    assert not await end.failures()


async def test_frames_that_come_after_the_server_closed_are_not_acted_on(
    end: End, node: Worker
) -> None:
    pipe = end.connect()
    session = await end.greet(node, pipe)
    await end.sockets.close_all()
    for counter in (1, 2):
        await session.wire.send(encode(Heartbeat(counter=counter).authenticated(session.key)))
    with pytest.raises(Lost):
        await pipe.receive()
    assert not await end.failures()


async def test_connections_that_prove_nothing_are_limited_by_address(
    monkeypatch: pytest.MonkeyPatch, end: End, node: Worker
) -> None:
    monkeypatch.setattr(worker_socket, "MAX_UNPROVEN", 2)
    proven = [await end.greet(node)]
    silent = [end.connect() for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Lost):
        await end.connect().receive()
    for pipe in silent:
        await pipe.close()
    assert not await end.failures()
    proven.append(await end.greet(node))


async def test_frames_that_come_too_fast_wait_and_hold_up_nobody(
    monkeypatch: pytest.MonkeyPatch, world: World, end: End, node: Worker
) -> None:
    monkeypatch.setattr(prompt_frames, "BURST", 5.0)
    other = await world.node("other")
    pipe = end.connect()
    session = await end.greet(node, pipe)
    calm = await end.greet(other)
    beats = [
        Heartbeat(counter=number).authenticated(session.key).to_json() for number in range(1, 200)
    ]
    await pipe.send(*beats)
    for _ in range(50):
        await asyncio.sleep(0)
    dealt = world.core.agents.sessions[node.device].counter
    assert 5 <= dealt < 100
    assert not pipe.transport.reading
    await calm.wire.send(encode(Heartbeat(counter=1).authenticated(calm.key)))
    assert isinstance(await calm.receive(), HeartbeatAck)


def test_an_allowance_comes_back_with_time() -> None:
    now = 0.0
    allowance = Allowance(lambda: now)
    assert not any(allowance.take() for _ in range(int(prompt_frames.BURST)))
    assert allowance.take() == 1 / prompt_frames.RATE
    now += 1
    assert not any(allowance.take() for _ in range(int(prompt_frames.RATE)))
    assert allowance.take()
    now += 3600
    assert not any(allowance.take() for _ in range(int(prompt_frames.BURST)))
    assert allowance.take()


async def test_connections_of_an_address_are_limited_in_a_time(end: End, node: Worker) -> None:
    end.limit = RateLimit(rate=0, burst=1)
    await end.greet(node)
    with pytest.raises(Lost):
        await end.connect().receive()


async def test_a_frame_before_the_hello_is_refused(end: End) -> None:
    pipe = end.connect()
    await pipe.send(Heartbeat(counter=1).to_json())
    refusal = SERVER_FRAMES.validate_json(await pipe.receive())
    assert isinstance(refusal, Refuse)
    assert refusal.reason == "the first frame has to be a hello"


async def test_a_second_hello_ends_the_connection(end: End, node: Worker) -> None:
    session = await end.greet(node)
    key = X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    await session.wire.send(encode(node.hello().model_copy(update={"exchange_key": key})))
    refusal = await session.receive()
    assert isinstance(refusal, Refuse)
    assert "not expected here" in refusal.reason


async def test_a_connection_that_is_lost_makes_the_node_unready(
    world: World, end: End, node: Worker
) -> None:
    session = await end.greet(node)
    await session.wire.close()
    for _ in range(20):
        await asyncio.sleep(0)
    assert world.core.context.readiness(node.device) == ["it is not connected"]


async def test_news_of_a_run_that_is_not_the_nodes_are_ignored(
    world: World, end: End, node: Worker
) -> None:
    session = await end.greet(node)
    await session.wire.send(encode(RunUpdate(job=node.device, run=1, state="ready")))
    await session.wire.send(encode(Heartbeat(counter=1).authenticated(session.key)))
    assert isinstance(await session.receive(), HeartbeatAck)
    assert world.core.mail.phase_of(node.device, 1) is None


async def test_frames_to_a_node_that_is_not_there_are_not_taken(end: End, node: Worker) -> None:
    assert not await end.sockets.send(node.device, Refuse(reason="none"))


async def test_closing_ends_every_connection(end: End, node: Worker) -> None:
    session = await end.greet(node)
    await end.sockets.close_all()
    with pytest.raises(Lost):
        await session.receive()
    pipe = end.connect()
    assert isinstance(SERVER_FRAMES.validate_json(await pipe.receive()), Refuse)
