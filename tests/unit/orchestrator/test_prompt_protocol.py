"""The short way of messages: what goes it, in which order, and what stays for the long way."""

from __future__ import annotations

import asyncio

import pytest
from orchestrator_socket import CLOSE, End, Pipe
from orchestrator_world import Worker, World
from starlette.types import Message, Receive, Scope, Send
from websockets.frames import CloseCode, Frame, Opcode

from iog_client.protocol import Heartbeat, HeartbeatAck
from iog_orchestrator.adapters.prompt_protocol import STATE
from iog_worker.link import Lost


class Told:
    """An application that is told of messages, and of those that begin with `now` promptly."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        scope["state"][STATE].prompt = self._prompt
        while (message := await receive())["type"] == "websocket.receive":
            await self._take(message, send)

    async def _take(self, message: Message, send: Send) -> None:
        await self.goes_on.wait()
        self.seen.append(f"long {message.get('text')}")
        await send({"type": "websocket.send", "text": "long"})

    def _prompt(self, text: str) -> str | None:
        if not text.startswith("now"):
            return None
        self.seen.append(text)
        return text.removeprefix("now")


@pytest.fixture
async def told() -> Told:
    return Told()


@pytest.fixture
async def pipe(told: Told) -> Pipe:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await told.app(scope, receive, send)

    made = Pipe(app)
    await settled()
    return made


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_answers_to_what_came_together_go_out_in_one_write(told: Told, pipe: Pipe) -> None:
    before = pipe.writes
    await pipe.send("now1", "now", "now2")
    assert told.seen == ["now1", "now", "now2"]
    assert pipe.writes == before + 1
    assert [await pipe.receive() for _ in range(2)] == ["1", "2"]


async def test_messages_behind_one_of_the_long_way_wait_for_it(told: Told, pipe: Pipe) -> None:
    told.goes_on.clear()
    await pipe.send("now1", "slow", "now2")
    await pipe.send("now3")
    await settled()
    await pipe.send("now4")
    assert told.seen == ["now1"]
    told.goes_on.set()
    await settled()
    await pipe.send("now5")
    assert told.seen[:3] == ["now1", "long slow", "long now2"]
    order = [one.removeprefix("long ") for one in told.seen]
    assert order == ["now1", "slow", "now2", "now3", "now4", "now5"]


async def test_who_takes_no_answers_is_read_no_further(told: Told, pipe: Pipe) -> None:
    pipe.stuck = True
    for number in range(100):
        await pipe.send(f"now{number}")
        await settled()
    assert told.seen == ["long now0"]
    assert not pipe.transport.reading
    pipe.stuck = False
    await settled()
    assert len(told.seen) > 1
    assert pipe.transport.reading


async def test_what_comes_together_with_a_close_is_not_answered(told: Told, pipe: Pipe) -> None:
    await pipe.send_frames(Frame(Opcode.TEXT, b"now1"), CLOSE)
    await settled()
    assert told.seen == ["long now1"]
    with pytest.raises(Lost):
        await pipe.receive()


async def test_text_that_is_none_ends_the_connection(told: Told, pipe: Pipe) -> None:
    await pipe.send_frames(Frame(Opcode.TEXT, b"now\xff"))
    with pytest.raises(Lost):
        await pipe.receive()
    assert pipe.closed is not None
    assert pipe.closed.code == CloseCode.INVALID_DATA
    assert told.seen == []


async def test_a_message_in_parts_is_one_message(told: Told, pipe: Pipe) -> None:
    await pipe.send_frames(
        Frame(Opcode.TEXT, b"no", fin=False), Frame(Opcode.PING, b""), Frame(Opcode.CONT, b"w1")
    )
    assert told.seen == ["now1"]


async def test_bytes_go_the_long_way(told: Told, pipe: Pipe) -> None:
    await pipe.send_bytes(b"now")
    await settled()
    assert told.seen == ["long None"]


async def test_heartbeats_and_statements_of_a_node_go_the_short_way(
    world: World, end: End, node: Worker
) -> None:
    await world.hours(5)
    pipe = end.connect()
    session = await end.greet(node, pipe)
    world.tick(3)
    await settled()
    beats = [Heartbeat(counter=one).authenticated(session.key).to_json() for one in (1, 2)]
    await pipe.send(beats[0], node.statement("hour", "1", 1).to_json(), beats[1])
    # nothing was waited for: no task has had its turn
    assert world.core.agents.sessions[node.device].counter == 2
    await world.core.statements.flush()
    assert world.core.statements.hour_seconds(node.device, 1) == 1
    answers = [await session.receive() for _ in range(2)]
    assert [one.counter for one in answers if isinstance(one, HeartbeatAck)] == [1, 2]
