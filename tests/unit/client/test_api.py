"""The client speaks the orchestrator's API as it is written, and turns its errors into ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from solders.keypair import Keypair

from iog_client import requests
from iog_client.api import OrchestratorApi
from iog_client.errors import (
    IogError,
    NotAllowed,
    NotFound,
    Refused,
    TimedOut,
    Unreachable,
    UsageError,
)
from iog_client.job_models import PlanRequest
from iog_client.jobspec import Resources

URL = "http://orchestrator.test"
WALLET = Keypair.from_seed(bytes([6] * 32))
NOW = 1_800_000_000.0
HASH = sha256(b"abc").hexdigest()
Handler = Callable[[httpx.Request], httpx.Response]


def api(handler: Handler, keypair: Keypair | None = WALLET) -> OrchestratorApi:
    transport = httpx.MockTransport(handler)
    return OrchestratorApi(URL, keypair, transport=transport, now=lambda: NOW)


def refusing(status: int, **problem: object) -> Handler:
    body = {"title": "No", "status": status, **problem}
    return lambda _: httpx.Response(status, json=body)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, UsageError, 2),
        (401, NotAllowed, 4),
        (403, NotAllowed, 4),
        (404, NotFound, 3),
        (409, Refused, 1),
        (413, Refused, 1),
        (422, UsageError, 2),
        (429, Refused, 1),
        (500, Refused, 1),
        (502, Unreachable, 5),
        (503, Unreachable, 5),
        (504, TimedOut, 6),
    ],
)
async def test_a_problem_becomes_an_error_with_its_exit_code(
    status: int, kind: type[IogError], code: int
) -> None:
    async with api(refusing(status, detail="the job is not yours")) as client:
        with pytest.raises(kind, match="the job is not yours") as caught:
            await client.job("x")
    assert caught.value.exit_code == code


async def test_an_error_without_a_problem_is_not_an_orchestrators() -> None:
    async with api(lambda _: httpx.Response(418, text="<html>")) as client:
        with pytest.raises(Unreachable, match="it answers 418 as no orchestrator does"):
            await client.network()


async def test_a_server_that_does_not_answer_is_unreachable() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with api(down) as client:
        with pytest.raises(
            Unreachable, match=r"http://orchestrator\.test is not reachable: refused"
        ):
            await client.network()


async def test_an_answer_of_another_kind_is_refused() -> None:
    async with api(lambda _: httpx.Response(200, json={"hello": 1})) as client:
        with pytest.raises(Refused, match="answered what is not a NetworkView"):
            await client.network()


async def test_what_concerns_a_wallet_is_signed_by_it_over_path_and_query() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        signed = requests.verify(request.headers, request.method, path, request.content, NOW)
        assert signed.key == WALLET.pubkey()
        return httpx.Response(200, json={"jobs": []})

    async with api(handler) as client:
        assert await client.jobs(str(WALLET.pubkey())) == []


async def test_without_a_wallet_nothing_is_signed_or_sent() -> None:
    async with api(refusing(500), keypair=None) as client:
        with pytest.raises(NotAllowed, match="has to be signed, and there is no wallet"):
            await client.jobs("x")


async def test_a_plan_is_asked_for_in_base_units() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content) == {
            "resources": {
                "class": "h100-pcie",
                "memory": None,
                "gpus": 2,
                "cpus": None,
                "ram": None,
                "disk": None,
                "nodes": 1,
                "country": [],
                "near": [],
                "connectivity": 0,
                "reliability": 0,
                "allow": [],
                "deny": [],
                "together": None,
                "confined": False,
            },
            "duration_seconds": 600,
            "price": 9722,
            "image": False,
            "network": "none",
        }
        quote = {"price": 9722, "gpus": 2, "max_seconds": 600, "gross": 1, "fee": 1, "funded": 2}
        return httpx.Response(200, json={"offers": [], "quote": quote, "new": "ignored"})

    async with api(handler) as client:
        resources = Resources(gpu_class="h100-pcie", gpus=2)
        plan = await client.plan(PlanRequest(resources=resources, duration_seconds=600, price=9722))
    assert not plan.fits


async def test_a_blob_is_uploaded_under_its_hash_with_progress(tmp_path: Path) -> None:
    source, sent = tmp_path / "a", []
    source.write_bytes(b"abc")

    def handler(request: httpx.Request) -> httpx.Response:
        assert request.content == b"abc"
        assert request.headers["Content-Length"] == "3"
        assert requests.verify(request.headers, "PUT", f"/v1/blobs/{HASH}", HASH, NOW)
        return httpx.Response(201)

    async with api(handler) as client:
        await client.put_blob(HASH, source, 3, sent.append)
    assert sent == [3]


async def test_a_blob_is_kept_only_if_its_hash_is_right(tmp_path: Path) -> None:
    target = tmp_path / "out"
    async with api(lambda _: httpx.Response(200, content=b"abc")) as client:
        await client.get_blob(HASH, target)
        assert target.read_bytes() == b"abc"
        with pytest.raises(Refused, match=f"what {URL} sent as 0000"):
            await client.get_blob("0" * 64, tmp_path / "other")
    assert names(tmp_path) == ["out"]


async def test_a_blob_that_is_refused_leaves_nothing(tmp_path: Path) -> None:
    async with api(refusing(403, detail="not yours")) as client:
        with pytest.raises(NotAllowed, match="not yours"):
            await client.get_blob(HASH, tmp_path / "out")
    assert names(tmp_path) == []


async def test_logs_are_followed_from_where_they_were_until_the_end() -> None:
    text = b"one two three"

    def handler(request: httpx.Request) -> httpx.Response:
        at = int(request.url.params["offset"])
        headers = {"X-IOG-Log-Offset": str(at)}
        headers |= {"X-IOG-Log-End": "1"} if at >= 8 else {}
        return httpx.Response(200, content=text[at : at + 4], headers=headers)

    async with api(handler) as client:
        assert [part async for part in client.follow_logs("x", 4)] == [b"two ", b"thre"]
