"""Metrics count what happens, by labels that nobody outside can make up."""

import logging

import httpx
import pytest
from orchestrator_world import Worker, World
from prometheus_client import generate_latest

from iog_orchestrator.adapters.http.app import application
from iog_orchestrator.adapters.instruments import EventCounter, Instruments
from iog_orchestrator.adapters.keys import KeypairSigner
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_orchestrator.domain.errors import ChainRefused, ChainUnreachable


class Chain:
    """A part of the port, which does what it is told."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def job_address(self, client: str, number: int) -> str:
        return f"{client}-{number}"

    async def time(self) -> float:
        if self.error is not None:
            raise self.error
        return 7.0


def count(instruments: Instruments, name: str, **labels: str) -> float | None:
    return instruments.registry.get_sample_value(name, labels)


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


async def test_a_call_to_the_chain_is_counted_with_its_outcome(instruments: Instruments) -> None:
    chain = Chain()
    timed = instruments.timed(chain)
    assert await timed.time() == 7.0
    for error, outcome in (
        (ChainRefused("no"), "refused"),
        (ChainUnreachable("away"), "unreachable"),
        (ValueError("odd"), "failed"),
    ):
        chain.error = error
        with pytest.raises(type(error)):
            await timed.time()
        name = "iog_chain_call_seconds_count"
        assert count(instruments, name, call="time", outcome=outcome) == 1
    assert count(instruments, "iog_chain_call_seconds_count", call="time", outcome="ok") == 1


def test_what_is_not_waited_for_is_passed_on_uncounted(instruments: Instruments) -> None:
    assert instruments.timed(Chain()).job_address("a", 3) == "a-3"
    assert b"job_address" not in _text(instruments)


def test_a_log_line_is_counted_by_its_action(instruments: Instruments) -> None:
    handler = EventCounter(instruments.events)
    for level, extra in (("INFO", {"action": "job_placed"}), ("ERROR", {})):
        fields = {"name": "uvicorn.error", "levelname": level, **extra}
        handler.handle(logging.makeLogRecord(fields))
    assert count(instruments, "iog_events_total", action="job_placed", level="info") == 1
    # a defect in a request is told by the library alone
    assert count(instruments, "iog_events_total", action="uvicorn.error", level="error") == 1
    assert _text(instruments).count(b"iog_events_total{") == 2


async def test_requests_are_counted_by_route_and_no_path_becomes_a_label(
    world: World, worker: Worker, instruments: Instruments
) -> None:
    sockets = WorkerSockets(KeypairSigner(world.matcher))
    transport = httpx.ASGITransport(application(world.core, sockets, instruments))
    async with httpx.AsyncClient(base_url="http://o", transport=transport) as http:
        await http.get(f"/v1/nodes/{worker.device}")
        await http.get("/v1/there/is/none")
        text = (await http.get("/metrics")).text
    name, route = "iog_http_request_seconds_count", "/v1/nodes/{device}"
    assert count(instruments, name, method="GET", route=route, status="200") == 1
    assert count(instruments, name, method="GET", route="none", status="404") == 1
    assert worker.device not in text
    assert 'iog_gpus{is="free"} 8.0' in text
    assert 'iog_mismatches{kind="run_missing"} 0.0' in text
    lamports = world.core.context.known.lamports
    assert lamports > 0
    assert count(instruments, "iog_matcher_lamports") == lamports


def _text(instruments: Instruments) -> bytes:
    return generate_latest(instruments.registry)
