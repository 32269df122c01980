"""Anything over the worker's socket: it is refused or survived, and no other node feels it.

Each example is a sequence of frames of one node, made by Hypothesis: bytes, JSON of no frame,
frames with random contents, heartbeats and answers with right and wrong codes, in any order.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orchestrator_socket import End, Pipe
from orchestrator_world import Worker, World
from pydantic import ValidationError

from iog_client.protocol import MAX_FRAME, WORKER_FRAMES, Heartbeat, Pong, RunBrief
from iog_worker.link import Session

EXAMPLES = 100
KEYS = st.sampled_from(["node", "other", "job", "1" * 44, "!", ""])
NUMBERS = st.one_of(
    st.integers(-1, 5), st.sampled_from([2**31, 2**32, 2**63 - 1, 2**63, 2**64, 10**40])
)
TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["0" * 64, "5" * 32, "completed", "hour"]))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    st.floats(allow_nan=False),
    TEXTS,
    KEYS,
    st.just([]),
    st.just({}),
)
STATES = st.sampled_from(["preparing", "ready", "running", "ended"])
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "statement": {
        "kind": st.sampled_from(["job", "hour", "day"]),
        "subject": st.one_of(KEYS, st.sampled_from(["1", "01", "-1", "99999", "1e3", "\u0663"])),
        "run": NUMBERS,
        "counter": NUMBERS,
        "seconds": NUMBERS,
        "signature": st.sampled_from(["1" * 88, "2" * 64, ""]),
    },
    "run_update": {"job": KEYS, "run": NUMBERS, "state": STATES},
    "run_refused": {"job": KEYS, "run": NUMBERS, "reason": TEXTS, "detail": TEXTS},
    "signed": {
        "job": KEYS,
        "run": NUMBERS,
        "what": st.sampled_from(["start", "finish", "release", "pay"]),
        "signature": st.sampled_from(["1" * 88, "2" * 64, ""]),
    },
    "log": {
        "job": KEYS,
        "run": NUMBERS,
        "offset": NUMBERS,
        "data": st.sampled_from(["", "aGk=", "a", "===", "é"]),
    },
    "ended": {
        "job": KEYS,
        "run": NUMBERS,
        "reason": st.sampled_from(["completed", "node_lost", "won", ""]),
        "exit_code": st.one_of(st.none(), NUMBERS),
        "outputs": st.just([]),
        "metrics": st.one_of(st.just({}), st.dictionaries(TEXTS, VALUES, max_size=2)),
        "seconds": NUMBERS,
        "result_hash": st.sampled_from(["0" * 64, "x"]),
    },
    "refuse": {"code": st.sampled_from(["refused", "device_in_use", "standby"]), "reason": TEXTS},
    "answer": {"signature": st.just("1" * 88)},
    "hello": {"protocol": NUMBERS, "device": KEYS},
    "speed": {"down": NUMBERS, "up": NUMBERS},
    "ping": {"nonce": st.just("5" * 32)},
    "": {},
}


@st.composite
def frames(draw: st.DrawFn) -> dict[str, Any]:
    """A frame of some type, with right, wrong, missing and unknown fields."""
    kind = draw(st.sampled_from(sorted(FIELDS)))
    frame = {"type": kind}
    for name, values in FIELDS[kind].items():
        choice = draw(st.integers(0, 19))
        if choice:
            frame[name] = draw(VALUES if choice == 1 else values)
    if draw(st.integers(0, 19)) == 0:
        frame["more"] = draw(VALUES)
    return frame


class Beat:
    """A heartbeat or an answer, made when the session's key is known."""

    def __init__(self, counter: int, good: bool, pong: bool, state: str) -> None:
        self.counter, self.good, self.pong, self.state = counter, good, pong, state

    def __repr__(self) -> str:
        return f"Beat({self.counter}, {self.good}, {self.pong}, {self.state!r})"


BEATS = st.builds(Beat, st.integers(0, 4), st.booleans(), st.booleans(), STATES)
RAW = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40),
    st.just("x" * (MAX_FRAME + 1)),
    st.just("[" * 5000),
    st.just('{"type":"heartbeat","counter":1,"counter":2}'),
)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[tuple[World, End, Worker, Worker, str]]:
    """A network, the node that sends, another one with a running job, and that job."""
    world = World(tmp_path)
    await world.create()
    other = await world.node("other")
    await other.connect()
    job = await world.running(await world.open(world.spec(duration_seconds=600)), other)
    node = await world.node("node")
    end = End(world)
    yield world, end, node, other, job.address
    await end.end()
    await world.close()


def _with_keys(frame: dict[str, Any], node: Worker, other: Worker, job: str) -> dict[str, Any]:
    names = {"node": node.device, "other": other.device, "job": job}
    return {
        key: names.get(value, value) if isinstance(value, str) else value
        for key, value in frame.items()
    }


def _state_of(world: World, other: Worker, job: str) -> object:
    """Everything of the other node that a stranger's frames could change."""
    known, agents = world.core.context.known, world.core.agents
    session = agents.sessions[other.device]
    return (
        known.presence[other.device],
        known.jobs[job],
        known.blocked.get(other.device),
        session.runs,
        session.counter,
        session.pings,
        world.core.mail.phase_of(job, 1),
        world.core.statements.hour_seconds(other.device, world.core.context.hour),
    )


async def _play(
    world: World,
    end: End,
    node: Worker,
    pipe: Pipe,
    session: Session,
    sent: list[object],
    others: tuple[Worker, str],
) -> None:
    for one in sent:
        if isinstance(one, Beat):
            key = session.key if one.good else bytes(32)
            runs = [RunBrief(job=others[1], run=1, state=one.state)]  # type: ignore[arg-type]
            beat = Heartbeat(counter=one.counter, runs=runs).authenticated(key)
            pong = Pong(nonce="5" * 32, runs=runs).authenticated(key)
            await pipe.send((pong if one.pong else beat).to_json())
        elif isinstance(one, dict):
            await pipe.send(_text(_with_keys(one, node, *others)))
        elif isinstance(one, bytes):
            await pipe.send_bytes(one)
        else:
            await pipe.send(str(one))
    for _ in range(60):
        await asyncio.sleep(0)


def _text(frame: dict[str, Any]) -> str:
    return json.dumps(frame, ensure_ascii=False)


async def _one(
    here: tuple[World, End, Worker, Worker, str], sent: list[object], *, greeted: bool
) -> None:
    world, end, node, other, job = here
    before = _state_of(world, other, job)
    pipe = end.connect()
    if greeted:
        session = await end.greet(node, pipe)
        await _play(world, end, node, pipe, session, sent, (other, job))
    else:
        for one in sent:
            text = _text(_with_keys(one, node, other, job)) if isinstance(one, dict) else one
            if isinstance(text, bytes):
                await pipe.send_bytes(text)
            else:
                await pipe.send(str(text))
        for _ in range(30):
            await asyncio.sleep(0)
    await pipe.close()
    assert await end.failures() == []
    assert _state_of(world, other, job) == before
    assert (await world.job(job)).run == 1


def _sequences(*parts: st.SearchStrategy[Any]) -> st.SearchStrategy[list[object]]:
    return st.lists(st.one_of(*parts), max_size=6)


async def _examples(
    here: tuple[World, End, Worker, Worker, str],
    strategy: st.SearchStrategy[list[object]],
    *,
    greeted: bool,
) -> None:
    """Hypothesis in a thread, each example on the loop that the world lives on."""
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(sent: list[object]) -> None:
        asyncio.run_coroutine_threadsafe(_one(here, sent, greeted=greeted), loop).result(60)

    await asyncio.to_thread(run)


async def test_frames_after_the_challenge(here: tuple[World, End, Worker, Worker, str]) -> None:
    await _examples(here, _sequences(frames(), BEATS, BEATS, RAW), greeted=True)


async def test_frames_before_the_challenge(here: tuple[World, End, Worker, Worker, str]) -> None:
    await _examples(here, _sequences(frames(), RAW), greeted=False)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(frames())
def test_what_is_parsed_as_a_frame_is_written_as_one(frame: dict[str, Any]) -> None:
    try:
        parsed = WORKER_FRAMES.validate_json(_text(frame))
    except ValidationError:
        return
    assert WORKER_FRAMES.validate_json(parsed.to_json()) == parsed
