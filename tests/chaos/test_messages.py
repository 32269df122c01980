"""Frames that are doubled, swapped, lost, replayed or changed on the way, and those of a cheat."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import pytest_asyncio
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import requests, wallets
from iog_client.protocol import MAX_FRAME, Ended, Heartbeat, Log, SignedStatement
from iog_worker.link import Lost, Session
from tests.chaos import strangers, wire
from tests.chaos.faults import short
from tests.chaos.test_networks import FAR
from tests.chaos.wire import Making, Wire
from tests.chaos.world import FLEETS, World

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHEAT = FLEETS[0].owner
HARMS: dict[str, Callable[[random.Random], Making]] = {
    "doubled": lambda _: wire.doubling,
    "swapped": lambda _: wire.swapping,
    "lost": wire.losing,
    "replayed": wire.replaying,
    "changed": wire.changing,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(world: World) -> AsyncIterator[Wire]:
    """What one node's frames go through."""
    found = Wire(world.api_url)
    async with found.running(), world.rerouted(FAR, found.url):
        yield found


@pytest.mark.parametrize("how", short(HARMS, "replayed"))
async def test_frames(
    world: World, line: Wire, chance: random.Random, how: str, number: int
) -> None:
    async with world.ordeal(f"frames {how}", chance):
        before = line.harmed
        with line.harm(HARMS[how](chance)):
            await asyncio.sleep(6)
        assert line.harmed > before


class Cheat:
    """Whoever has a node's own key, and says over its connection what is not so."""

    def __init__(self, world: World, session: Session, device: Keypair, job: str) -> None:
        self.world = world
        self.session = session
        self.device = device
        self.job = job
        """Of another node."""

    async def say(self, *texts: str) -> str:
        """What comes of it: the refusal, or that the connection just ended."""
        for text in texts:
            await self.session.wire.send(text)
        try:
            async with asyncio.timeout(1.5):
                return await strangers.refusal(self.session)
        except Lost as error:
            return error.message
        except TimeoutError:
            return "nothing"

    def beat(self, counter: int, key: bytes | None = None) -> str:
        """A heartbeat under the session's key, or another one."""
        frame = Heartbeat(counter=counter)
        return frame.authenticated(self.session.key if key is None else key).to_json()


SIGNED = "1" * 88
KEYS = "/v1/keys"
TRICKS: dict[str, tuple[Callable[[Cheat], Awaitable[str]], str]] = {
    "replayed": (lambda one: one.say(one.beat(1), one.beat(1)), "repeated or out of order"),
    "forged": (lambda one: one.say(one.beat(1, bytes(32))), "is not authentic"),
    "oversized": (lambda one: one.say("x" * (MAX_FRAME + 1)), "message too big"),
    "malformed": (lambda one: one.say("{"), "a frame is not understood"),
    "unknown": (lambda one: one.say('{"type":"pay_me"}'), "a frame is not understood"),
    "unsigned statement": (
        lambda one: one.say(
            SignedStatement(
                kind="hour", subject="1", run=0, counter=1, seconds=10, signature=SIGNED
            ).to_json()
        ),
        "nothing",
    ),
    "another's end": (
        lambda one: one.say(
            Ended(
                job=one.job, run=1, reason="completed", exit_code=0, outputs=[], metrics={},
                seconds=30, result_hash="0" * 64,
            ).to_json()
        ),
        "nothing",
    ),
    "another's log": (
        lambda one: one.say(Log(job=one.job, run=1, offset=0, data="aGFjaw==").to_json()),
        "nothing",
    ),
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cheat(world: World) -> AsyncIterator[Keypair]:
    """The key of a node whose own worker is away."""
    await world.processes.stop(CHEAT)
    yield wallets.load(world.folder / "nodes" / CHEAT / "device.json")
    await world.restart(CHEAT)


async def job_of_another(world: World) -> str:
    """A job that runs on another node now."""
    async with asyncio.timeout(60):
        while True:
            for address, job in (await world.jobs()).items():
                if job.started_at and not job.ended_at:
                    return str(address)
            await asyncio.sleep(0.02)


async def test_a_cheat(world: World, cheat: Keypair, chance: random.Random, number: int) -> None:
    orchestrator = Pubkey.from_string((await world.api.network()).orchestrator)
    async with world.ordeal("a node that cheats", chance):
        for trick, (play, expected) in TRICKS.items():
            job = await job_of_another(world)
            session = await strangers.greeted(world.api_url, orchestrator, cheat)
            said = await play(Cheat(world, session, cheat, job))
            await session.wire.close()
            assert expected in said, f"{trick}: {said}"
            assert "\n" not in said


@pytest.mark.long
async def test_requests_that_are_stale_replayed_or_unsigned(
    world: World, chance: random.Random, number: int
) -> None:
    wallet, now = world.wallet("client"), time.time()
    async with world.ordeal("requests stale, replayed or unsigned", chance):
        async with httpx.AsyncClient(base_url=world.api_url) as client:
            fresh, other = (requests.sign(wallet, "GET", KEYS, b"", now) for _ in range(2))
            stale = requests.sign(wallet, "GET", KEYS, b"", now - 61)
            forged = {**fresh, requests.NONCE_HEADER: other[requests.NONCE_HEADER]}
            tried = (fresh, fresh, stale, forged, {})
            said = [await client.get(KEYS, headers=headers) for headers in tried]
        assert [one.status_code for one in said] == [200, 403, 401, 401, 401]
        assert all("\n" not in json.loads(one.text)["detail"] for one in said[1:])
