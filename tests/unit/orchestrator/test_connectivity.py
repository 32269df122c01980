"""Speed and country of a node."""

import httpx
import pytest
from orchestrator_world import Worker, World

from iog_client import requests
from iog_client.api import OrchestratorApi
from iog_client.protocol import Speed
from iog_orchestrator.domain.connectivity import MEGABIT, tier


@pytest.mark.parametrize(
    ("down", "up", "round_trip", "found"),
    [
        (0, 0, 0.01, 0),
        (1, 1, 0.01, 1),
        (50, 10, 0.3, 2),
        (49, 10, 0.01, 1),
        (50, 9, 0.01, 1),
        (50, 10, 0.31, 1),
        (500, 100, 0.1, 3),
        (500, 99, 0.1, 2),
        (500, 100, 0.11, 2),
        (900, 900, 0.4, 1),
    ],
)
def test_tiers(down: int, up: int, round_trip: float, found: int) -> None:
    assert tier(down * MEGABIT, up * MEGABIT, round_trip) == found


async def test_what_a_node_measured_and_declares_is_shown_and_known_to_matching(
    world: World, worker: Worker, stranger: OrchestratorApi
) -> None:
    hello = worker.hello().model_copy(update={"country": "DE"})
    session, _ = await world.core.agents.connected(hello)
    session.round_trip = 0.05
    assert (await stranger.node(worker.device)).connectivity == 0
    await world.core.agents.received(session, Speed(down=500 * MEGABIT, up=100 * MEGABIT))
    status = await stranger.node_status(worker.device)
    assert (status.country, status.connectivity) == ("DE", 3)
    candidate = world.core.context.fleet.get(worker.device)
    assert candidate is not None
    assert (candidate.country, candidate.connectivity) == ("DE", 3)


def signed(world: World, worker: Worker, method: str, path: str, body: bytes) -> dict[str, str]:
    return requests.sign(worker.key, method, path, body, world.clock.wall())


async def test_a_connected_node_may_measure(
    world: World, worker: Worker, http: httpx.AsyncClient
) -> None:
    path = "/v1/speed?size=1000"
    got = await http.get(path, headers=signed(world, worker, "GET", path, b""))
    assert (got.status_code, got.content) == (200, bytes(1000))
    body = bytes(1 << 20)
    put = await http.post(
        "/v1/speed", content=body, headers=signed(world, worker, "POST", "/v1/speed", body)
    )
    assert put.status_code == 204


async def test_others_may_not(world: World, node: Worker, http: httpx.AsyncClient) -> None:
    headers = signed(world, node, "GET", "/v1/speed", b"")
    assert (await http.get("/v1/speed", headers=headers)).status_code == 403
    assert (await http.get("/v1/speed")).status_code == 401
    assert (await http.post("/v1/speed", content=b"x")).status_code == 401


async def test_no_more_than_the_cap_is_given(
    world: World, worker: Worker, http: httpx.AsyncClient
) -> None:
    path = f"/v1/speed?size={(4 << 20) + 1}"
    got = await http.get(path, headers=signed(world, worker, "GET", path, b""))
    assert got.status_code in (400, 422)
