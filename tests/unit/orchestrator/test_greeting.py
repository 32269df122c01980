"""Connections that ask nothing are let go, those that are answered are not."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from orchestrator_socket import Wire
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from iog_client.again import KEEP_ALIVE
from iog_orchestrator.adapters.http import greeting
from iog_orchestrator.adapters.http.greeting import PromptGreeting
from iog_orchestrator.adapters.http.serving import config_of

HEAD = b"GET / HTTP/1.1\r\nHost: here\r\n"


class Asked:
    """A connection to an application that answers when it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.said = b""
        self.wire = Wire(self._take)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self.may.wait()
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

        config = config_of(app)
        config.load()
        made = config.http_protocol_class
        assert isinstance(made, type)
        assert issubclass(made, PromptGreeting)
        self.wire.protocol = made(config=config, server_state=ServerState(), app_state={})
        self.wire.protocol.connection_made(self.wire)

    def _take(self, data: bytes) -> None:
        self.said += data


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "GREETING", 0.0)


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("data", [b"", b"GET", HEAD])
@pytest.mark.usefixtures("patience")
async def test_who_asks_nothing_whole_is_let_go(data: bytes) -> None:
    asked = Asked()
    if data:
        asked.wire.feed(data)
    await turns()
    assert asked.wire.is_closing()


@pytest.mark.usefixtures("patience")
async def test_who_has_asked_is_answered_whenever_that_is() -> None:
    asked = Asked()
    asked.wire.feed(HEAD)
    asked.wire.feed(b"\r\n")
    await turns()
    assert not asked.wire.is_closing()
    asked.may.set()
    await turns()
    assert asked.said.startswith(b"HTTP/1.1 204")


@pytest.mark.usefixtures("patience")
async def test_half_a_request_behind_a_whole_one_is_not_waited_for() -> None:
    asked = Asked()
    asked.may.set()
    asked.wire.feed(HEAD + b"\r\n" + HEAD)
    await turns()
    assert asked.said.startswith(b"HTTP/1.1 204")
    assert asked.wire.is_closing()


@pytest.mark.usefixtures("patience")
async def test_a_request_behind_another_is_answered() -> None:
    asked = Asked()
    asked.wire.feed(2 * (HEAD + b"\r\n"))
    await turns()
    assert not asked.wire.is_closing()
    asked.may.set()
    await turns()
    assert asked.said.count(b"HTTP/1.1 204") == 2


def test_a_connection_is_kept_longer_than_clients_keep_it() -> None:
    expiry = httpx.Limits().keepalive_expiry
    assert expiry is not None
    assert expiry + 10 < KEEP_ALIVE < greeting.GREETING
