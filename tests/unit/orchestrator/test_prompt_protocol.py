"""The short way of messages: what goes it, in which order, and what stays for the long way."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orchestrator_socket import CLOSE, End, Pipe
from orchestrator_world import Worker, World
from starlette.types import Message, Receive, Scope, Send
from websockets.frames import CloseCode, Frame, Opcode

from iog_client.protocol import Heartbeat, HeartbeatAck
from iog_orchestrator.adapters import prompt_protocol
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
    return await connected(told)


async def connected(told: Told) -> Pipe:
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


@pytest.mark.parametrize("kind", ["text", "ping"])
async def test_who_takes_no_answers_is_read_no_further(told: Told, pipe: Pipe, kind: str) -> None:
    written = pipe.writes
    pipe.stuck = True
    for number in range(100):
        data = f"now{number}".encode()
        await pipe.send_frames(Frame(Opcode.TEXT if kind == "text" else Opcode.PING, data))
        await settled()
    assert told.seen == []
    assert pipe.writes == written
    assert not pipe.transport.reading
    pipe.stuck = False
    await settled()
    assert pipe.transport.reading
    await pipe.send("now!")
    assert told.seen[-1] == "now!"
    assert pipe.writes > written + 1


async def test_an_answer_of_the_long_way_that_is_not_taken_stops_reading(
    told: Told, pipe: Pipe
) -> None:
    told.goes_on.clear()
    await pipe.send("slow")
    await settled()
    pipe.stuck = True
    told.goes_on.set()
    await settled()
    assert not pipe.transport.reading
    pipe.stuck = False
    await settled()
    assert pipe.transport.reading


async def test_who_does_not_take_the_last_words_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await ended.wait()

    monkeypatch.setattr(prompt_protocol, "FAREWELL", 0)
    pipe = Pipe(app)
    await settled()
    # closed, and with bytes to write: nobody has told of the connection's end
    monkeypatch.setattr(pipe.transport, "close", lambda: None)
    gone = asyncio.Event()
    monkeypatch.setattr(pipe.transport, "abort", gone.set)
    ended.set()
    await gone.wait()


async def test_what_comes_together_with_a_close_is_answered_before_it(
    told: Told, pipe: Pipe
) -> None:
    await pipe.send_frames(Frame(Opcode.TEXT, b"now1"), CLOSE)
    await settled()
    assert told.seen == ["now1"]
    assert await pipe.receive() == "1"
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
    await settled()
    assert told.seen == ["long now1"]
    await pipe.send("now2")
    assert told.seen[1:] == ["now2"]


async def test_a_text_amid_a_message_in_parts_ends_the_connection(told: Told, pipe: Pipe) -> None:
    await pipe.send_frames(Frame(Opcode.TEXT, b"no", fin=False))
    await pipe.send_frames(Frame(Opcode.TEXT, b"now1"))
    with pytest.raises(Lost):
        await pipe.receive()
    assert pipe.closed is not None
    assert pipe.closed.code == CloseCode.PROTOCOL_ERROR
    assert told.seen == []


MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(["now", "long", "parts", "ping", "bytes"]),
        st.sampled_from([0, 1, 125 - 3, 126 - 3, 300, 70_000]),
    ),
    min_size=1,
    max_size=12,
)


def frames_of(number: int, kind: str, size: int) -> tuple[str, list[Frame]]:
    """What an application sees of a message, if anything, and its frames."""
    text = f"{'now' if kind != 'long' else ''}{number}{'x' * size}"
    data = text.encode()
    if kind == "parts":
        half = len(data) // 2
        first = Frame(Opcode.TEXT, data[:half], fin=False)
        return text, [first, Frame(Opcode.PING, b"between"), Frame(Opcode.CONT, data[half:])]
    if kind == "ping":
        return "", [Frame(Opcode.PING, b"?" * min(size, 125))]
    if kind == "bytes":
        return "None", [Frame(Opcode.BINARY, data)]
    return text, [Frame(Opcode.TEXT, data)]


CUTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=8)
"""Where the stream is cut in two reads, as a part of it, and whether tasks run in between."""


@given(messages=MESSAGES, cuts=CUTS)
@settings(deadline=None, max_examples=200)
async def test_whatever_comes_in_whatever_pieces_is_seen_whole_and_in_order(
    messages: list[tuple[str, int]], cuts: list[tuple[float, bool]]
) -> None:
    told = Told()
    pipe = await connected(told)
    made = [frames_of(number, *one) for number, one in enumerate(messages)]
    stream = b"".join(frame.serialize(mask=True) for _, frames in made for frame in frames)
    begin = 0
    for cut, may_settle in [*sorted(cuts), (1.0, True)]:
        end = round(cut * len(stream))
        await pipe.send_raw(stream[begin:end])
        begin = end
        if may_settle:
            await settled()
    for _ in messages:
        await settled()
    seen = [one.removeprefix("long ") for one in told.seen]
    assert seen == [text for text, _ in made if text]
    await pipe.close()
    await settled()


@pytest.mark.parametrize("cut", range(1, 12))
async def test_what_looks_like_a_frame_inside_another_is_none(
    told: Told, pipe: Pipe, cut: int
) -> None:
    inner = Frame(Opcode.TEXT, b"now1").serialize(mask=True)
    no_mask = bytes(4)
    stream = bytes([0x82, 0x80 | len(inner)]) + no_mask + inner
    await pipe.send_raw(stream[:cut])
    await pipe.send_raw(stream[cut:])
    await settled()
    assert told.seen == ["long None"]
    await pipe.send("now2")
    assert told.seen[1:] == ["now2"]


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
