"""What the HTTP API reads, stores and answers at most."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from orchestrator_api import api_of, submit
from orchestrator_world import ASK, Worker, World
from solders.keypair import Keypair

from iog_client import requests
from iog_client.api import OrchestratorApi
from iog_client.errors import NotAllowed
from iog_client.job_models import JobSubmission
from iog_orchestrator.adapters.blobs import FolderBlobs
from iog_orchestrator.adapters.http.bodies import MAX_BODY


class Upload:
    """A request whose body is handed to the application one part at a time."""

    def __init__(self, transport: httpx.ASGITransport, method: str, path: str) -> None:
        self._app = transport.app
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "scheme": "http",
            "server": ("orchestrator", 80),
            "client": ("192.0.2.1", 5),
        }
        self.taken = 0
        self.status = 0

    async def send(self, parts: list[bytes], headers: dict[str, str]) -> None:
        names = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

        async def receive() -> dict[str, object]:
            self.taken += 1
            more = self.taken < len(parts)
            return {"type": "http.request", "body": parts[self.taken - 1], "more_body": more}

        async def answer(message: MutableMapping[str, object]) -> None:
            self.status = self.status or int(str(message.get("status", 0)))

        await self._app({**self._scope, "headers": names}, receive, answer)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/blobs/" + "0" * 64),
        ("PUT", "/v1/blobs/" + "0" * 64),
        ("POST", "/v1/blobs/" + "0" * 64),
        ("POST", "/v1/jobs"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"X-IOG-Key": "1" * 32}])
async def test_nothing_is_read_of_a_body_without_a_signatures_headers(
    transport: httpx.ASGITransport, method: str, path: str, headers: dict[str, str]
) -> None:
    upload = Upload(transport, method, path)
    await upload.send([b"x" * MAX_BODY] * 10, headers)
    assert (upload.status, upload.taken) == (401, 0)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/blobs/" + "0" * 64), ("POST", "/v1/jobs")]
)
async def test_no_more_than_the_cap_is_read_with_headers_alone(
    world: World, transport: httpx.ASGITransport, method: str, path: str
) -> None:
    headers = requests.sign(world.client, method, path, b"", world.clock.wall())
    upload = Upload(transport, method, path)
    await upload.send([b"x" * (MAX_BODY // 4)] * 100, headers)
    assert (upload.status, upload.taken) == (413, 5)


async def test_a_blob_is_on_disk_part_by_part(
    world: World, transport: httpx.ASGITransport, tmp_path: Path
) -> None:
    blobs = FolderBlobs(tmp_path / "blobs", 1 << 30)
    world.core.context.ports = replace(world.core.context.ports, blobs=blobs)
    parts = [bytes([number]) * MAX_BODY for number in range(4)]
    digest = sha256(b"".join(parts)).hexdigest()
    path = f"/v1/blobs/{digest}"
    upload = Upload(transport, "PUT", path)
    headers = requests.sign(world.client, "PUT", path, digest, world.clock.wall())
    await upload.send(parts, headers)
    assert (upload.status, upload.taken) == (204, 4)
    assert blobs.size(digest) == 4 * MAX_BODY


async def test_a_key_of_nobody_submits_nothing(
    world: World, transport: httpx.ASGITransport
) -> None:
    async with api_of(world, transport, key := Keypair()) as nobody:
        with pytest.raises(NotAllowed, match="neither a node's device nor a wallet"):
            await submit(world, nobody)
        spec = world.spec().to_bytes().decode()
        with pytest.raises(NotAllowed, match="neither a node's device nor a wallet"):
            await nobody.submit(JobSubmission(number=None, spec=spec, inputs=[], fits=False))
        assert await nobody.jobs(str(key.pubkey())) == []


async def test_jobs_are_listed_in_pages(
    world: World, worker: Worker, api: OrchestratorApi, http: httpx.AsyncClient
) -> None:
    ids = []
    for number in range(3):
        ids.append(await world.open())
        world.tick(5)
        spec = world.spec(price=ASK - 1, name=f"no {number}").to_bytes().decode()
        refused = JobSubmission(number=None, spec=spec, inputs=[], fits=False)
        ids.append((await api.submit(refused)).id)
        world.tick(5)
        await world.core.sync.everything()
    client = str(world.client.pubkey())
    assert [one.id for one in await api.jobs(client)] == ids[::-1]
    seen: list[str] = []
    for _ in range(4):
        path = f"/v1/jobs?client={client}&limit=2" + (f"&before={seen[-1]}" if seen else "")
        headers = requests.sign(world.client, "GET", path, b"", world.clock.wall())
        seen += [one["id"] for one in (await http.get(path, headers=headers)).json()["jobs"]]
    assert seen == ids[::-1]
    public = (await http.get("/v1/jobs?limit=2")).json()["jobs"]
    assert [one["id"] for one in public] == [ids[4], ids[2]]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "before=" + "1" * 45])
async def test_a_page_is_not_of_any_size(http: httpx.AsyncClient, query: str) -> None:
    assert (await http.get(f"/v1/jobs?{query}")).status_code == 422


async def test_the_client_follows_the_pages(
    monkeypatch: pytest.MonkeyPatch, world: World, worker: Worker, api: OrchestratorApi
) -> None:
    monkeypatch.setattr("iog_client.api.JOBS_PER_PAGE", 2)
    ids = [await world.open() for _ in range(4)]
    await world.core.sync.everything()
    found = [one.id for one in await api.jobs(str(world.client.pubkey()))]
    assert sorted(found) == sorted(ids)
