"""The HTTP API, through the client that ships with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from orchestrator_api import api_of, submit
from orchestrator_world import ASK, PRICE, Worker, World
from solders.keypair import Keypair

from iog_client import requests
from iog_client.api import OrchestratorApi
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.job_models import JobSubmission, PlanRequest
from iog_client.jobspec import Resources
from iog_client.protocol import Log
from iog_orchestrator.adapters.http.access import RateLimit, TooOften
from iog_orchestrator.adapters.http.bodies import MAX_BODY


async def test_the_network_is_described(world: World, api: OrchestratorApi) -> None:
    found = await api.network()
    assert found.genesis_hash == world.record.genesis_hash
    assert (found.orchestrator, found.hour_length) == (str(world.matcher.pubkey()), 10)
    assert (found.hour, found.protocol, found.allow_simulated) == (1, 1, True)
    assert found.idl_hashes == world.record.idl_hashes


async def test_readiness_follows_the_core(world: World, http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/health")).json() == {"status": "ok", "role": "leader"}
    assert (await http.get("/v1/ready")).status_code == 200
    world.core.stop.set()
    assert (await http.get("/v1/ready")).status_code == 503


async def test_metrics_and_openapi_are_there(worker: Worker, http: httpx.AsyncClient) -> None:
    text = (await http.get("/metrics")).text
    assert 'iog_nodes{is="ready"} 1.0' in text
    paths = (await http.get("/openapi.json")).json()["paths"]
    assert {"/v1/jobs", "/v1/blobs/{sha256}", "/v1/rewards/{wallet}"} <= set(paths)


async def test_a_node_is_shown_with_its_reasons(world: World, api: OrchestratorApi) -> None:
    worker = await world.node()
    view = await api.node(worker.device)
    assert (view.connected, view.gpu_class, view.ask) == (False, "h100-pcie", ASK)
    assert [one.text for one in view.readiness] == ["it is not connected"]
    await worker.connect()
    view = await api.node(worker.device)
    assert view.readiness == []
    codes = [one.code for one in view.eligibility]
    assert codes == ["active_later", "stake_short", "no_statement"]
    assert [one.device for one in await api.nodes()] == [worker.device]


async def test_whether_a_node_is_simulated_is_said_once_it_is_known(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    never, real = await world.node("never"), await world.node("real")
    await world.core.agents.connected(real.hello(simulated=False))
    seen = {view.device: view.simulated for view in await api.nodes()}
    assert seen == {worker.device: True, real.device: False, never.device: None}


async def test_a_job_says_that_its_node_is_simulated(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    address = await world.open()
    await world.core.sync.job(address)
    view = await api.job(address)
    assert (view.device, view.simulated) == (None, None)
    await world.running(address, worker)
    view = await api.job(address)
    assert (view.device, view.simulated) == (worker.device, True)


async def test_a_job_says_so_of_a_real_node_that_is_gone_too(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    job = await world.running(await world.open(), worker)
    await world.core.agents.connected(worker.hello(simulated=False))
    world.core.context.known.presence.clear()
    assert (await api.job(job.address)).simulated is False
    assert (await api.node(worker.device)).simulated is None


async def test_an_unknown_node_is_not_found(api: OrchestratorApi) -> None:
    with pytest.raises(NotFound, match="no node with device key"):
        await api.node(str(Keypair().pubkey()))


async def test_a_plan_names_offers_and_the_quote(worker: Worker, api: OrchestratorApi) -> None:
    plan = await api.plan(
        PlanRequest(resources=Resources(gpus=2), duration_seconds=60, price=PRICE)
    )
    (offer,) = plan.offers
    assert (offer.device, offer.gpus_free, offer.ask) == (worker.device, 8, ASK)
    assert offer.total == ASK * 120 + 300
    assert plan.quote.funded == PRICE * 120 + 600


async def test_a_plan_that_nothing_fits_says_why_and_what_would_help(
    worker: Worker, api: OrchestratorApi
) -> None:
    plan = await api.plan(
        PlanRequest(resources=Resources(gpus=2), duration_seconds=60, price=ASK - 1)
    )
    assert plan.offers == []
    assert [(one.code, one.nodes) for one in plan.rejected] == [("price", 1)]
    assert plan.change is not None
    assert (plan.change.key, plan.change.value) == ("price", "0.036 IO/h")


async def test_a_class_that_does_not_exist_fits_nothing(
    worker: Worker, api: OrchestratorApi
) -> None:
    resources = Resources(gpu_class="none")
    plan = await api.plan(PlanRequest(resources=resources, duration_seconds=1, price=PRICE))
    assert [(one.code, one.nodes) for one in plan.rejected] == [("class", 1)]


async def test_a_job_is_acknowledged_opened_and_notified(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    address = await submit(world, api)
    with pytest.raises(NotFound):
        await api.notify(address)
    await world.open_on_chain(world.spec())
    await api.notify(address)
    view = await api.job(address)
    assert (view.state, view.name, view.max_price) == ("open", "job", PRICE)
    await world.core.tasks.end(1)


async def test_a_job_that_nothing_fitted_is_kept_as_refused(
    world: World, worker: Worker, api: OrchestratorApi, stranger: OrchestratorApi
) -> None:
    wanted = Resources(gpus=1, gpu_class=next(iter(world.core.context.known.classes.values())).slug)
    spec = world.spec(price=ASK - 1, resources=wanted).to_bytes().decode()
    accepted = await api.submit(JobSubmission(number=None, spec=spec, inputs=[], fits=False))
    assert accepted.address is None
    view = await api.job(accepted.id)
    assert (view.state, view.number, view.funded) == ("refused", None, 0)
    assert (view.gpu_class, view.max_price, view.max_seconds) == (wanted.gpu_class, ASK - 1, 60)
    assert [(one.code, one.nodes) for one in view.waiting] == [("price", 1)]
    assert [one.id for one in await api.jobs(str(world.client.pubkey()))] == [accepted.id]
    stored = await world.store.request(accepted.id)
    assert stored is not None
    assert (stored.spec, stored.name, stored.gpus) == ("", "job", 1)
    with pytest.raises(NotAllowed):
        await stranger.job(accepted.id)
    assert await stranger.jobs(str(world.client.pubkey())) == []


async def test_a_spec_that_is_not_canonical_is_not_taken(
    world: World, api: OrchestratorApi
) -> None:
    text = json.dumps(json.loads(world.spec().to_bytes()), indent=1)
    with pytest.raises(UsageError, match="canonical"):
        await api.submit(JobSubmission(number=0, spec=text, inputs=[]))


async def test_inputs_have_to_be_uploaded_first_by_the_same_key(
    world: World, api: OrchestratorApi, stranger: OrchestratorApi, tmp_path: Path
) -> None:
    source = tmp_path / "data"
    source.write_bytes(b"data")
    digest = sha256(b"data").hexdigest()
    await stranger.put_blob(digest, source, 4)
    inputs = [{"path": "data", "sha256": digest, "size": 4}]
    with pytest.raises(UsageError, match="was not uploaded"):
        await submit(world, api, inputs=inputs)
    await api.put_blob(digest, source, 4)
    assert await submit(world, api, inputs=inputs)


async def test_a_blob_is_read_by_who_may(
    api: OrchestratorApi, stranger: OrchestratorApi, tmp_path: Path
) -> None:
    source, target = tmp_path / "data", tmp_path / "back"
    source.write_bytes(b"data")
    digest = sha256(b"data").hexdigest()
    await api.put_blob(digest, source, 4)
    await api.get_blob(digest, target)
    assert target.read_bytes() == b"data"
    with pytest.raises(NotAllowed, match="not of a job"):
        await stranger.get_blob(digest, target)


async def test_a_blob_under_another_hash_is_not_stored(
    world: World, api: OrchestratorApi, tmp_path: Path
) -> None:
    source = tmp_path / "data"
    source.write_bytes(b"data")
    with pytest.raises(UsageError, match="SHA-256"):
        await api.put_blob("0" * 64, source, 4)
    assert world.blobs.size("0" * 64) is None


async def test_a_key_of_nobody_stores_nothing(
    world: World, transport: httpx.ASGITransport, tmp_path: Path
) -> None:
    source = tmp_path / "data"
    source.write_bytes(b"data")
    digest = sha256(b"data").hexdigest()
    async with api_of(world, transport, Keypair()) as nobody:
        with pytest.raises(NotAllowed, match="neither a node's device nor a wallet"):
            await nobody.put_blob(digest, source, 4)
    assert world.blobs.size(digest) is None


async def test_a_blob_above_the_cap_is_not_stored(
    world: World, api: OrchestratorApi, tmp_path: Path
) -> None:
    source = tmp_path / "data"
    source.write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(Refused, match="at most"):
        await api.put_blob(sha256(source.read_bytes()).hexdigest(), source, (1 << 20) + 1)


async def test_logs_are_the_clients_alone_and_end_with_the_run(
    world: World, worker: Worker, api: OrchestratorApi, stranger: OrchestratorApi
) -> None:
    job = await world.running(await world.open(), worker)
    await worker.say(Log(job=job.address, run=job.run, offset=0, data="aGVsbG8="))
    assert await api.logs(job.address) == (b"hello", 5, False)
    assert await api.logs(job.address, 5) == (b"", 5, False)
    with pytest.raises(NotAllowed, match="only the job's client"):
        await stranger.logs(job.address)
    await worker.end(job, 0)
    assert await api.logs(job.address, 3) == (b"lo", 5, True)


async def test_a_log_with_a_gap_is_acknowledged_up_to_it(world: World, worker: Worker) -> None:
    job = await world.running(await world.open(), worker)
    await worker.say(Log(job=job.address, run=job.run, offset=10, data="aGVsbG8="))
    assert worker.frames[-1].offset == 0  # type: ignore[attr-defined]


async def test_outputs_and_name_are_shown_to_the_client_only(
    world: World,
    worker: Worker,
    api: OrchestratorApi,
    stranger: OrchestratorApi,
    http: httpx.AsyncClient,
) -> None:
    address = await world.open()
    await world.finished(address, worker)
    await world.step(address, 3)
    view = await api.job(address)
    assert (view.state, view.name, view.exit_code) == ("settled", "job", 0)
    assert view.node_paid == 5 * ASK - 13
    assert view.settled_at is not None
    other = await stranger.job(address)
    assert (other.name, other.exit_code, other.node_paid) == ("", None, view.node_paid)
    assert (await http.get(f"/v1/jobs/{address}")).json()["name"] == ""
    with pytest.raises(NotAllowed):
        await stranger.outputs(address)


async def test_an_unknown_job_is_not_found(api: OrchestratorApi) -> None:
    with pytest.raises(NotFound):
        await api.job(str(Keypair().pubkey()))


async def test_an_unsigned_request_is_answered_with_a_problem(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/jobs", json={})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "the request is not signed: X-IOG-Key is missing"


async def test_a_request_made_twice_is_refused(world: World, http: httpx.AsyncClient) -> None:
    path = f"/v1/jobs?client={world.client.pubkey()}"
    headers = requests.sign(world.client, "GET", path, b"", world.clock.wall())
    assert (await http.get(path, headers=headers)).status_code == 200
    again = await http.get(path, headers=headers)
    assert (again.status_code, again.json()["detail"]) == (
        403,
        "the request was made before: its nonce is used",
    )


async def test_a_nonce_stays_used_over_a_restart(world: World) -> None:
    assert await world.store.use_nonce("key", "nonce", world.clock.wall() + 60)
    await world.restart()
    assert not await world.store.use_nonce("key", "nonce", world.clock.wall() + 60)


@pytest.mark.parametrize("seconds", [-61, 61])
async def test_an_old_or_future_request_is_refused(
    world: World, http: httpx.AsyncClient, seconds: int
) -> None:
    path = f"/v1/jobs?client={world.client.pubkey()}"
    headers = requests.sign(world.client, "GET", path, b"", world.clock.wall() + seconds)
    answer = await http.get(path, headers=headers)
    assert answer.status_code == 401


async def test_a_signature_over_another_path_is_refused(
    world: World, http: httpx.AsyncClient
) -> None:
    headers = requests.sign(world.client, "GET", "/v1/jobs", b"", world.clock.wall())
    answer = await http.get(f"/v1/jobs?client={world.client.pubkey()}", headers=headers)
    assert answer.json()["detail"] == "the signature is not over this request"


async def test_a_body_above_the_cap_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/plan", content=b"x" * (MAX_BODY + 1))
    assert answer.status_code == 413

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * (MAX_BODY // 10)

    answer = await http.post("/v1/plan", content=chunks())
    assert answer.status_code == 413


async def test_an_unknown_field_is_refused_by_name(http: httpx.AsyncClient) -> None:
    body = {"resources": {"gpus": 1}, "duration_seconds": 1, "price": 1, "colour": "red"}
    answer = await http.post("/v1/plan", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_accepted")
    assert answer.json()["detail"].startswith("colour:")


@pytest.mark.parametrize("path", ["/v1/none", "/v1/hours/1", "/v1/hours/99999"])
async def test_what_is_not_there_is_a_problem(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/hours/0", "/v1/hours/175201", "/v1/nodes/0OIl"])
async def test_what_cannot_be_is_a_problem(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 422


def test_requests_of_one_key_are_limited_and_those_of_others_are_not() -> None:
    limit = RateLimit(rate=1, burst=2)
    limit.take("a", 0)
    limit.take("a", 0)
    with pytest.raises(TooOften):
        limit.take("a", 0)
    limit.take("b", 0)
    limit.take("a", 1.5)
