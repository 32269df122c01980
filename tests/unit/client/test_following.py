"""Of several orchestrators the one that answers is asked; nothing is sent twice that may not be."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from solders.keypair import Keypair

from iog_client import requests
from iog_client.api import OrchestratorApi
from iog_client.api_models import STANDBY
from iog_client.errors import NoneReachable, NotFound, Unreachable
from iog_client.following import (
    ABSENCE_SECONDS,
    ANSWER_SECONDS,
    MOVE_ON_SECONDS,
    Patience,
    reaching,
)

WALLET = Keypair.from_seed(bytes([6] * 32))
NOW = 1_800_000_000.0
JOB = str(Keypair.from_seed(bytes([7] * 32)).pubkey())
HASH = sha256(b"abc").hexdigest()
Handler = Callable[[httpx.Request], httpx.Response]


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("All connection attempts failed", request=request)


def cut(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("cut off", request=request)


def problem(status: int, code: str) -> Handler:
    body = {"title": "No", "status": status, "detail": f"it is {code}", "code": code}
    return lambda _: httpx.Response(status, json=body)


def fine(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"jobs": [], "nodes": [], "outputs": []})


class Several(httpx.AsyncBaseTransport):
    """Orchestrators by the first letter of their hosts; keeps what they were asked."""

    def __init__(self, **hosts: Handler) -> None:
        self.hosts = hosts
        self.asked: list[tuple[str, str]] = []
        self.nonces: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        host = request.url.host
        self.asked.append((request.method, host))
        if nonce := request.headers.get(requests.NONCE_HEADER):
            path = request.url.raw_path.decode()
            requests.verify(request.headers, request.method, path, request.content, NOW)
            self.nonces.append(nonce)
        return self.hosts[host](request)

    def api(self) -> OrchestratorApi:
        urls = ",".join(f"http://{host}" for host in self.hosts)
        return OrchestratorApi(urls, WALLET, transport=self, now=lambda: NOW)


AWAY = {
    "refused": refused,
    "standby": problem(503, STANDBY),
}
"""What tells for sure that nothing was done."""
PERHAPS = {
    "cut": cut,
    "lease lost": problem(503, "lease_lost"),
    "leader lost": problem(502, "leader_lost"),
    "another server": lambda _: httpx.Response(502, text="<html>bad gateway"),
}
"""After this it may have been."""


@pytest.mark.parametrize("first", [*AWAY, *PERHAPS])
async def test_what_is_read_is_asked_of_the_next_and_then_of_the_one_that_answered(
    first: str,
) -> None:
    world = Several(a=(AWAY | PERHAPS)[first], b=fine)
    async with world.api() as api:
        await api.jobs(JOB)
        assert api.url == "http://b"
        await api.jobs(JOB)
    assert [host for _, host in world.asked] == ["a", "b", "b"]
    assert len(set(world.nonces)) == 3


@pytest.mark.parametrize("first", AWAY)
async def test_what_does_something_is_sent_on_when_nothing_was_done(first: str) -> None:
    world = Several(a=AWAY[first], b=lambda _: httpx.Response(204))
    async with world.api() as api:
        await api.cancel(JOB)
    assert world.asked == [("POST", "a"), ("POST", "b")]
    assert len(set(world.nonces)) == 2


@pytest.mark.parametrize("first", PERHAPS)
async def test_what_does_something_is_not_sent_twice_when_it_may_be_done(first: str) -> None:
    world = Several(a=PERHAPS[first], b=fine)
    async with world.api() as api:
        with pytest.raises(Unreachable) as caught:
            await api.cancel(JOB)
    assert world.asked == [("POST", "a")]
    assert caught.value.asked


@pytest.mark.parametrize("kind", ["notify", "plan"])
async def test_a_post_that_changes_nothing_the_second_time_is_sent_on(kind: str) -> None:
    world = Several(a=cut, b=lambda _: httpx.Response(204))
    async with world.api() as api:
        if kind == "notify":
            await api.notify(JOB)
        else:
            await api._send("POST", "/v1/plan", "{}", again=True)
    assert [host for _, host in world.asked] == ["a", "b"]


async def test_a_refusal_is_the_answer_and_no_other_is_asked() -> None:
    world = Several(a=problem(404, "unknown"), b=fine)
    async with world.api() as api:
        with pytest.raises(NotFound):
            await api.job(JOB)
    assert world.asked == [("GET", "a")]


async def test_a_leader_whose_chain_is_away_says_so_for_all() -> None:
    world = Several(a=problem(503, "chain"), b=fine)
    async with world.api() as api:
        with pytest.raises(Unreachable, match="it is chain"):
            await api.job(JOB)
    assert world.asked == [("GET", "a")]


async def test_when_none_answers_all_are_named() -> None:
    async with Several(a=refused, b=problem(503, STANDBY)).api() as api:
        with pytest.raises(NoneReachable) as caught:
            await api.jobs(JOB)
    message = "no orchestrator answers: http://a: connection refused; http://b: it is standby"
    assert (caught.value.message, caught.value.exit_code) == (message, 5)


async def test_a_blob_that_broke_off_goes_to_the_next_as_a_whole(tmp_path: Path) -> None:
    source, counted = tmp_path / "a", 0
    source.write_bytes(b"abc")

    def count(added: int) -> None:
        nonlocal counted
        counted += added

    def stored(request: httpx.Request) -> httpx.Response:
        assert request.content == b"abc"
        return httpx.Response(201)

    world = Several(a=cut, b=stored)
    async with world.api() as api:
        await api.put_blob(HASH, source, 3, count)
    assert (world.asked, counted) == ([("PUT", "a"), ("PUT", "b")], 3)


async def test_a_blob_is_fetched_from_the_one_that_answers(tmp_path: Path) -> None:
    world = Several(a=problem(503, STANDBY), b=lambda _: httpx.Response(200, content=b"abc"))
    async with world.api() as api:
        await api.get_blob(HASH, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"abc"
    assert not (tmp_path / ".out.part").exists()


class Absence:
    """Time that passes only while somebody is waited for."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[str] = []

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def patience(self) -> Patience:
        def tell(error: Unreachable) -> None:
            self.told.append(error.message)

        return Patience(tell, now=lambda: self.now, sleep=self.sleep)


async def test_logs_go_on_from_where_they_were_after_a_takeover() -> None:
    text, asked = b"one two three", 0

    def leads(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if 2 <= asked < 12:
            return problem(503, STANDBY)(request)
        at = int(request.url.params["offset"])
        headers = {"X-IOG-Log-Offset": str(at)} | ({"X-IOG-Log-End": "1"} if at >= 8 else {})
        return httpx.Response(200, content=text[at : at + 4], headers=headers)

    absence = Absence()
    async with Several(a=refused, b=leads).api() as api:
        parts = [part async for part in api.follow_logs(JOB, 0, absence.patience())]
    assert b"".join(parts) == text[:12]
    assert absence.now == 10
    assert len(absence.told) == 1


async def test_an_orchestrator_that_stays_away_is_not_waited_for_for_ever() -> None:
    absence = Absence()
    async with Several(a=refused, b=refused).api() as api:
        with pytest.raises(NoneReachable):
            [part async for part in api.follow_logs(JOB, 0, absence.patience())]
    assert absence.now == ABSENCE_SECONDS


async def test_one_that_hangs_is_waited_for_less_where_another_can_be_asked() -> None:
    waited: list[float] = []

    def hangs(request: httpx.Request) -> httpx.Response:
        waited.append(request.extensions["timeout"]["read"])
        raise httpx.ReadTimeout("", request=request)

    several = Several(a=hangs, b=hangs)
    async with several.api() as api:
        with pytest.raises(NoneReachable):
            await api.nodes()
        with pytest.raises(NoneReachable):
            await api.logs(JOB, wait=5)
        # what may not be sent twice is waited for to its end
        with pytest.raises(Unreachable):
            await api.cancel(JOB)
    assert waited == [
        MOVE_ON_SECONDS,
        ANSWER_SECONDS,
        MOVE_ON_SECONDS + 5,
        ANSWER_SECONDS + 5,
        ANSWER_SECONDS,
    ]


def test_why_an_address_is_not_reachable_goes_on_in_the_middle_of_a_line() -> None:
    with pytest.raises(Unreachable) as failure, reaching("http://one.test"):
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
    assert failure.value.why == "Server disconnected without sending a response"
