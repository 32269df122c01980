"""What an orchestrator answers while another leads, in front of a real leader's application."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest
from orchestrator_api import api_of, submit
from orchestrator_world import World
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iog_client.api_models import PROBLEM_MEDIA_TYPE, Problem
from iog_client.errors import NotAllowed
from iog_client.protocol import Refuse
from iog_orchestrator.adapters.http import front, standby
from iog_orchestrator.adapters.http.front import Front
from iog_orchestrator.adapters.http.standby import FORWARDED, Standby
from iog_orchestrator.adapters.instruments import Instruments
from iog_orchestrator.adapters.lease import Leader

HERE = "http://standby"
LEADER = Leader(1, "http://leader:8787")


class Side:
    """A standby whose leader is `leader`, reached by way of `transport`."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self.leader: Leader | None = LEADER
        self.away = ""
        self.standby = Standby(lambda: self.leader, lambda: self.away, Instruments(), transport)
        self.transport = httpx.ASGITransport(self.standby.application())
        self.http = httpx.AsyncClient(base_url=HERE, transport=self.transport)

    async def close(self) -> None:
        await self.http.aclose()
        await self.standby.close()


@pytest.fixture
async def side(transport: httpx.ASGITransport) -> AsyncIterator[Side]:
    made = Side(transport)
    yield made
    await made.close()


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE
    return answer.status_code, Problem.model_validate_json(answer.content).code


async def test_requests_are_answered_as_by_the_leader(side: Side, http: httpx.AsyncClient) -> None:
    for path in ("/v1/network", "/v1/nodes?x=%2F", "/v1/hours/1", "/openapi.json", "/none"):
        here, there = await side.http.get(path), await http.get(path)
        assert (here.status_code, here.content) == (there.status_code, there.content)
        assert here.headers["content-type"] == there.headers["content-type"]


async def test_signed_requests_and_their_bodies_arrive_whole(side: Side, world: World) -> None:
    body = b"x" * 300_000
    sha256 = hashlib.sha256(body).hexdigest()
    path = world.folder / "body"
    path.write_bytes(body)
    async with api_of(world, side.transport, world.client) as api:
        await submit(world, api)
        await api.put_blob(sha256, path, len(body))
        await api.get_blob(sha256, world.folder / "back")
    assert (world.folder / "back").read_bytes() == body
    async with api_of(world, side.transport, world.owner) as stranger:
        with pytest.raises(NotAllowed):
            await stranger.get_blob(sha256, world.folder / "theirs")


async def test_while_nobody_leads_nothing_is_done_and_it_may_be_sent_again(side: Side) -> None:
    side.leader = None
    answer = await side.http.post("/v1/plan", json={})
    assert problem(answer) == (503, "standby")
    assert answer.headers["retry-after"] == "1"


async def test_a_database_that_is_away_is_said_to_be_why(side: Side) -> None:
    side.leader, side.away = None, "the database iog on here is not reachable"
    refused = Problem.model_validate_json((await side.http.get("/v1/network")).content)
    assert refused.detail == f"no orchestrator leads now; {side.away}"
    ready = await side.http.get("/v1/ready")
    assert (ready.status_code, ready.json()["degraded"]) == (503, [side.away])


async def test_what_another_standby_has_passed_on_goes_no_further(side: Side) -> None:
    answer = await side.http.get("/v1/network", headers={FORWARDED: "1"})
    assert problem(answer) == (503, "standby")


async def test_two_that_take_each_other_for_the_leader_do_not_go_round() -> None:
    first, second = Side(httpx.MockTransport(_never)), Side(httpx.MockTransport(_never))
    third = Side(second.transport)
    assert problem(await third.http.get("/v1/network")) == (503, "standby")
    for one in (first, second, third):
        await one.close()


async def test_a_leader_that_is_not_there_has_done_nothing() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    made = Side(httpx.MockTransport(away))
    assert problem(await made.http.get("/v1/network")) == (503, "standby")
    await made.close()


async def test_a_leader_that_breaks_off_may_have_done_it() -> None:
    def breaks(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request)

    made = Side(httpx.MockTransport(breaks))
    assert problem(await made.http.get("/v1/network")) == (502, "leader_lost")
    await made.close()


async def test_a_frozen_leader_is_waited_for_only_while_it_leads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def silent(_: httpx.Request) -> httpx.Response:
        made.leader = Leader(2, "http://other:8787")
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(standby, "LOOK_EVERY", 0.0)
    made = Side(httpx.MockTransport(silent))
    assert problem(await made.http.get("/v1/network")) == (502, "leader_lost")
    await made.close()


async def test_health_readiness_and_metrics_are_its_own(side: Side) -> None:
    assert (await side.http.get("/v1/health")).json() == {"status": "ok", "role": "standby"}
    ready = await side.http.get("/v1/ready")
    assert (ready.status_code, ready.json()["leader"]) == (200, LEADER.url)
    side.leader = None
    assert (await side.http.get("/v1/ready")).status_code == 503
    assert "iog_leader 0.0" in (await side.http.get("/metrics")).text


async def test_workers_are_told_who_leads(side: Side) -> None:
    sent: list[Message] = []

    said_to_it = iter(({"type": "websocket.connect"}, {"type": "websocket.receive", "text": "hi"}))

    async def receive() -> Message:
        return next(said_to_it)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/v1/worker", "headers": [], "query_string": b""}
    await side.standby.application()(scope, receive, send)
    assert [one["type"].rpartition(".")[2] for one in sent] == ["accept", "send", "close"]
    said = Refuse.model_validate_json(sent[1]["text"])
    assert (said.code, said.reason) == ("standby", f"{LEADER.url} leads")


async def test_the_front_answers_as_leader_only_while_it_may() -> None:
    async def leads(scope: object, receive: object, send: object) -> None:
        answers.append("leader")

    async def stands_by(scope: object, receive: object, send: object) -> None:
        answers.append("standby")

    answers: list[str] = []
    may = True
    made = Front(stands_by)
    asked = ({"type": "http"}, None, None)
    await made(*asked)  # type: ignore[arg-type]
    made.lead(leads, lambda: may)
    await made(*asked)  # type: ignore[arg-type]
    may = False
    await made(*asked)  # type: ignore[arg-type]
    assert answers == ["standby", "leader", "standby"]


class Worker:
    """A worker that has greeted a process, and which application it came to."""

    def __init__(self) -> None:
        self.front = Front(self._answering("standby"))
        self.sent: list[Message] = []
        self.came_to: list[str] = []
        self._said = [
            {"type": "websocket.connect"},
            {"type": "websocket.receive", "text": "hello"},
        ]

    def connect(self) -> asyncio.Task[None]:
        scope = {"type": "websocket", "path": "/v1/worker"}
        return asyncio.create_task(self.front(scope, self._receive, self._send))

    def lead(self) -> None:
        self.front.lead(self._answering("leader"), lambda: True)

    async def _receive(self) -> Message:
        return self._said.pop(0)

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    def _answering(self, name: str) -> ASGIApp:
        async def answer(_: Scope, receive: Receive, send: Send) -> None:
            assert (await receive())["type"] == "websocket.connect"
            await send({"type": "websocket.accept"})
            assert (await receive())["text"] == "hello"
            self.came_to.append(name)

        return answer


@pytest.mark.parametrize("name", ["leader", "standby"])
async def test_a_worker_is_kept_until_it_is_settled_who_leads(name: str) -> None:
    worker = Worker()
    connected = worker.connect()
    await asyncio.sleep(0)
    assert worker.sent == [{"type": "websocket.accept"}]
    assert not connected.done()
    if name == "leader":
        worker.lead()
    else:
        worker.front.settle(known=True)
    await connected
    assert worker.came_to == [name]
    assert worker.sent == [{"type": "websocket.accept"}]


async def test_a_worker_is_not_kept_longer_than_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "WAIT_SECONDS", 0.0)
    worker = Worker()
    await worker.connect()
    assert worker.came_to == ["standby"]


async def test_more_workers_than_can_be_kept_are_answered_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(front, "MOST_KEPT", 0)
    worker = Worker()
    await worker.connect()
    assert worker.came_to == ["standby"]


async def test_who_led_keeps_workers_once_it_leads_no_more() -> None:
    worker = Worker()
    worker.lead()
    worker.front.stand_by()
    connected = worker.connect()
    await asyncio.sleep(0)
    assert not connected.done()
    worker.front.settle(known=True)
    await connected


def _never(_: httpx.Request) -> httpx.Response:
    raise AssertionError("nothing is to be passed on")
