"""The mutual challenge: neither end goes on with another than the one it expects."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import websockets.asyncio.server as websockets
from solders.keypair import Keypair
from websockets.asyncio.server import ServerConnection

from iog_client import protocol
from iog_client.errors import Unreachable
from iog_client.protocol import (
    Answer,
    Challenge,
    Ended,
    Frame,
    Hardware,
    HeartbeatAck,
    Hello,
    Log,
    Refuse,
    ack_text,
    exchange_bytes,
)
from iog_worker import link
from iog_worker.fake_orchestrator import FakeOrchestrator
from iog_worker.link import (
    DeviceInUse,
    LinkRefused,
    Lost,
    Session,
    Standby,
    WebSocket,
    handshake,
    parse,
    socket_url,
)
from iog_worker.testing import MemoryWire

DEVICE = Keypair()
INSTANCE = protocol.nonce()


def hello(exchange_key: str) -> Hello:
    return Hello(
        protocol=1,
        device=str(DEVICE.pubkey()),
        instance=INSTANCE,
        nonce=protocol.nonce(),
        exchange_key=exchange_key,
        hardware=Hardware(gpus=[], gpu_class="l4", cpus=1, memory=1, disk=1),
        simulated=True,
        confinement="none",
    )


async def meet(server: FakeOrchestrator, expected: Keypair | None = None) -> Session:
    near, far = MemoryWire.pair()
    serving = asyncio.create_task(server.serve(far))
    try:
        return await handshake(near, DEVICE, (expected or server.key).pubkey(), hello)
    finally:
        serving.cancel()


async def against(reply: Callable[[Hello], Frame | str], expected: Keypair) -> Session:
    """A handshake with a server that gives one answer of its own making."""
    near, far = MemoryWire.pair()

    async def serve() -> None:
        first = Hello.model_validate_json(await far.receive())
        said = reply(first)
        await far.send(said if isinstance(said, str) else said.to_json())

    serving = asyncio.create_task(serve())
    try:
        return await handshake(near, DEVICE, expected.pubkey(), hello)
    finally:
        await serving


def challenge(key: Keypair, first: Hello, **changes: str) -> Challenge:
    nonce, exchange = protocol.nonce(), "11" * 32
    signed = exchange_bytes(protocol.HELLO_TAG, first, nonce, exchange)
    made = Challenge(
        orchestrator=str(key.pubkey()),
        nonce=nonce,
        exchange_key=exchange,
        signature=str(key.sign_message(signed)),
    )
    return made.model_copy(update=changes)


async def test_both_ends_that_know_each_other_agree_on_a_key() -> None:
    session = await meet(FakeOrchestrator(DEVICE.pubkey()))
    assert len(session.key) == 32
    assert session.welcome.hour_length == 3600


async def test_every_connection_has_its_own_key() -> None:
    server = FakeOrchestrator()
    assert (await meet(server)).key != (await meet(server)).key


async def test_an_orchestrator_with_another_key_than_the_pinned_one_is_refused() -> None:
    with pytest.raises(LinkRefused, match="this node accepts"):
        await meet(FakeOrchestrator(), expected=Keypair())


async def test_an_orchestrator_that_only_claims_the_pinned_key_is_refused() -> None:
    pinned, other = Keypair(), Keypair()
    with pytest.raises(LinkRefused, match="did not prove"):
        await against(
            lambda first: challenge(other, first, orchestrator=str(pinned.pubkey())), pinned
        )


@pytest.mark.parametrize("change", [{"nonce": "22" * 16}, {"exchange_key": "22" * 32}])
async def test_a_challenge_that_was_changed_on_the_way_is_refused(change: dict[str, str]) -> None:
    key = Keypair()
    with pytest.raises(LinkRefused, match="did not prove"):
        await against(lambda first: challenge(key, first, **change), key)


async def test_a_challenge_for_another_hello_is_refused() -> None:
    key, other = Keypair(), hello("33" * 32)
    with pytest.raises(LinkRefused, match="did not prove"):
        await against(lambda _: challenge(key, other), key)


async def test_a_refusal_says_its_reason() -> None:
    with pytest.raises(LinkRefused, match="not registered"):
        await meet(FakeOrchestrator(Keypair().pubkey()))
    with pytest.raises(LinkRefused, match="too many nodes"):
        await against(lambda _: Refuse(reason="too many nodes"), Keypair())


async def test_a_refusal_because_of_another_worker_is_told_apart() -> None:
    taken = Refuse(code="device_in_use", reason="another worker is connected since 12:00")
    with pytest.raises(DeviceInUse, match="another worker is connected since 12:00") as refusal:
        await against(lambda _: taken, Keypair())
    assert refusal.value.exit_code == 4


async def test_a_standby_is_told_apart() -> None:
    away = Refuse(code="standby", reason="host-2 leads")
    with pytest.raises(Standby, match="stands by: host-2 leads"):
        await against(lambda _: away, Keypair())


@pytest.mark.parametrize(
    "text", ["", "{}", "hello", '{"type":"hello"}', '{"type":"welcome","extra":1}', "[]"]
)
async def test_frames_of_no_protocol_end_the_connection(text: str) -> None:
    with pytest.raises(Lost, match="no known frame"):
        await against(lambda _: text, Keypair())


async def test_a_frame_out_of_turn_ends_the_connection() -> None:
    ack = HeartbeatAck(counter=1, heartbeat_seconds=1, chain_time=1, start=0)
    with pytest.raises(Lost, match="in the middle of the challenge"):
        await against(lambda _: ack, Keypair())


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "HANDSHAKE_SECONDS", 0.01)
    near, _ = MemoryWire.pair()
    with pytest.raises(Lost, match="in time"):
        await handshake(near, DEVICE, Keypair().pubkey(), hello)


async def test_the_answer_is_signed_by_the_device_over_the_whole_exchange() -> None:
    key, heard = Keypair(), []
    near, far = MemoryWire.pair()

    async def serve() -> None:
        first = Hello.model_validate_json(await far.receive())
        asked = challenge(key, first)
        await far.send(asked.to_json())
        heard.append((first, asked, Answer.model_validate_json(await far.receive())))
        await far.close()

    serving = asyncio.create_task(serve())
    with pytest.raises(Lost):
        await handshake(near, DEVICE, key.pubkey(), hello)
    await serving
    first, asked, answer = heard[0]
    signed = exchange_bytes(protocol.ANSWER_TAG, first, asked.nonce, asked.exchange_key)
    assert answer.signature == str(DEVICE.sign_message(signed))


def test_a_frame_that_the_other_end_would_not_take_is_not_sent() -> None:
    log = Log(job="1" * 32, run=1, offset=0, data="x" * (2 * protocol.LOG_CHUNK))
    assert link.encode(log) == log.to_json()
    half = Ended.model_construct(metrics={"a": "\ud800"})
    with pytest.raises(ValueError, match="surrogate"):
        link.encode(half)
    with pytest.raises(ValueError, match="at most 1048576 are sent"):
        link.encode(log.model_copy(update={"data": "x" * protocol.MAX_FRAME}))


@pytest.mark.parametrize(
    ("url", "socket"),
    [
        ("http://127.0.0.1:8787", "ws://127.0.0.1:8787/v1/worker"),
        ("https://gpu.example/", "wss://gpu.example/v1/worker"),
        ("https://gpu.example/iog", "wss://gpu.example/iog/v1/worker"),
    ],
)
def test_the_socket_is_found_from_the_http_address(url: str, socket: str) -> None:
    assert socket_url(url) == socket


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """The environment's proxy, which lets nobody through; the first lines of what it was asked."""
    asked: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[0])
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://me:secret@127.0.0.1:{port}")
        yield asked


async def test_an_orchestrator_elsewhere_is_reached_by_the_environments_proxy(
    proxy: list[str],
) -> None:
    with pytest.raises(Unreachable, match=r"407.*, by way of the proxy http://127.0.0.1:\d+$"):
        await WebSocket.open("https://gpu.example/iog")
    assert proxy == ["CONNECT gpu.example:443 HTTP/1.1"]


async def test_an_orchestrator_on_this_machine_is_reached_without_the_proxy(
    proxy: list[str],
) -> None:
    async def echo(connection: ServerConnection) -> None:
        await connection.send(await connection.recv())

    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        wire = await WebSocket.open(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await wire.send("here")
        assert await wire.receive() == "here"
        await wire.close()
    assert proxy == []


async def test_a_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:9")
    with pytest.raises(Unreachable, match=r"by way of the proxy socks5://127.0.0.1:9$"):
        await WebSocket.open("https://gpu.example")


@pytest.mark.parametrize("limits", [[], [(1, 0)], [(2, 3600), (3, 1)]])
@pytest.mark.parametrize("seconds", [0.5, 15.0, 1 / 3, 1e-7, 3600.0])
def test_the_short_text_of_an_answer_says_what_its_model_does(
    limits: list[tuple[int, int]], seconds: float
) -> None:
    text = ack_text(2**64 - 1, seconds, 1_796_000_000.125, 0, limits)
    assert parse(text) == HeartbeatAck(
        counter=2**64 - 1,
        heartbeat_seconds=seconds,
        chain_time=1_796_000_000.125,
        start=0,
        hour_limits=limits,
    )


@pytest.mark.parametrize("seconds", ["0", "-1", "NaN", "1e999", "3601"])
def test_an_interval_that_is_none_is_no_frame(seconds: str) -> None:
    ack = HeartbeatAck(counter=1, heartbeat_seconds=7, chain_time=1, start=0)
    assert link.parse(link.encode(ack)) == ack
    with pytest.raises(Lost, match="no known frame"):
        link.parse(
            link.encode(ack).replace('"heartbeat_seconds":7.0', f'"heartbeat_seconds":{seconds}')
        )
