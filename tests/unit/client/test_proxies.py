"""Proxies of the environment: for others, not for this machine, and named when in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from iog_client import proxies
from iog_client.api import OrchestratorApi
from iog_client.errors import Unreachable, UsageError
from iog_client.rpc import HttpRpc

OUTSIDE = "http://orchestrator.example"
NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
DEAD = "http://127.0.0.1:9"


class Server:
    """Answers 204 to everything, and keeps the first line of what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readline()).decode().strip())
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    async with await asyncio.start_server(made.answer, "127.0.0.1", 0) as listening:
        made.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield made


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


async def asked(urls: list[str], url: str) -> int:
    async with proxies.client(httpx.AsyncClient, urls, timeout=30) as http:
        return (await http.get(url)).status_code


@pytest.mark.parametrize("also", [[], [OUTSIDE]])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_this_machine_is_asked_itself(
    server: Server, monkeypatch: pytest.MonkeyPatch, name: str, also: list[str]
) -> None:
    monkeypatch.setenv(name, DEAD)
    assert await asked([server.url, *also], f"{server.url}/v1/ready") == 204
    assert server.asked == ["GET /v1/ready HTTP/1.1"]


async def test_others_are_asked_by_the_proxy(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    assert await asked([OUTSIDE], f"{OUTSIDE}/v1/ready") == 204
    assert server.asked == [f"GET {OUTSIDE}/v1/ready HTTP/1.1"]


async def test_a_proxy_in_the_way_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@127.0.0.1:9")
    said = rf"^{OUTSIDE} is not reachable: connection refused.*, by way of the proxy {DEAD}$"
    async with OrchestratorApi(OUTSIDE) as api:
        with pytest.raises(Unreachable, match=said):
            await api.network()
    rpc = HttpRpc(OUTSIDE)
    with pytest.raises(Unreachable, match=said):
        await rpc.slot()
    await rpc.close()


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://127.0.0.1:9"])
async def test_a_proxy_of_another_kind_is_refused_where_it_would_be_asked(
    server: Server, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "no.example")
    with pytest.raises(
        UsageError, match=r"the environment \(ALL_PROXY\) names a proxy that cannot"
    ):
        OrchestratorApi(OUTSIDE)
    assert await asked([server.url], server.url) == 204


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://a.example", "http://p.example:1"),
        ("https://a.example", "http://q.example:2"),
        ("http://b.example", None),
        ("http://localhost:8899", None),
        ("http://[::1]:8899", None),
    ],
)
def test_which_proxy_an_address_is_asked_by(
    monkeypatch: pytest.MonkeyPatch, url: str, named: str | None
) -> None:
    monkeypatch.setenv("http_proxy", "p.example:1")
    monkeypatch.setenv("all_proxy", "http://who:what@q.example:2")
    monkeypatch.setenv("no_proxy", "b.example")
    assert proxies.proxy_of(url) == named
