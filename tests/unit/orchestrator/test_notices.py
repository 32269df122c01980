"""Drain and maintenance: announced, seen by clients, brought about, over."""

from __future__ import annotations

import httpx
import pytest
from orchestrator_api import api_of
from orchestrator_world import Worker, World
from solders.keypair import Keypair

from iog_client.api import OrchestratorApi
from iog_client.errors import IogError, NotAllowed, NotFound
from iog_client.job_models import PlanRequest
from iog_client.jobspec import Resources
from iog_client.node_models import NoticeRequest
from iog_client.protocol import Stop
from iog_orchestrator.domain.jobs import JobState
from iog_orchestrator.domain.notices import Kind, Notice

DRAIN = NoticeRequest(kind="drain", begins_in=60, reason="new driver")


def stops(worker: Worker) -> list[Stop]:
    return [one for one in worker.frames if isinstance(one, Stop)]


@pytest.mark.parametrize(
    ("kind", "begin", "end", "now", "takes", "due", "until"),
    [
        ("drain", 0, 0, 100, False, False, 0),
        ("drain", 200, 0, 199, False, False, 0),
        ("drain", 200, 0, 200, False, True, 0),
        ("maintenance", 200, 300, 199, True, False, 200),
        ("maintenance", 200, 300, 200, False, True, 0),
        ("maintenance", 200, 300, 299, False, True, 0),
        ("maintenance", 200, 300, 300, True, False, 0),
    ],
)
def test_what_a_notice_means_at_a_time(
    kind: Kind, begin: int, end: int, now: int, takes: bool, due: bool, until: int
) -> None:
    notice = Notice("device", kind, begin, end, "", 0)
    assert (notice.takes_jobs(now), notice.is_due(now), notice.until(now)) == (takes, due, until)


async def test_an_owner_drains_its_node(
    world: World, worker: Worker, stranger: OrchestratorApi
) -> None:
    # the world's owner is the wallet that is a stranger to its jobs
    shown = await stranger.announce(worker.device, DRAIN)
    assert (shown.kind, shown.end, shown.reason) == ("drain", None, "new driver")
    [reason] = world.core.context.readiness(worker.device)
    assert reason == shown.text
    assert reason.startswith("it is being drained, runs end at 20")
    plan = await stranger.plan(
        PlanRequest(resources=Resources(gpus=1), duration_seconds=60, price=9999)
    )
    assert plan.offers == []
    await stranger.withdraw_notice(worker.device)
    assert world.core.context.readiness(worker.device) == []
    with pytest.raises(NotFound, match="has no notice to cancel"):
        await stranger.withdraw_notice(worker.device)


async def test_a_node_may_drain_itself(
    world: World, worker: Worker, transport: httpx.ASGITransport
) -> None:
    async with api_of(world, transport, worker.key) as api:
        await api.announce(worker.device, NoticeRequest(kind="drain"))
    assert world.core.context.readiness(worker.device) == ["it is being drained"]


async def test_another_wallet_may_not(
    world: World, worker: Worker, api: OrchestratorApi, transport: httpx.ASGITransport
) -> None:
    with pytest.raises(NotAllowed, match="neither the owner of the node"):
        await api.announce(worker.device, DRAIN)
    with pytest.raises(NotAllowed, match="neither the owner of the node"):
        await api.withdraw_notice(worker.device)
    unsigned = OrchestratorApi("http://orchestrator", transport=transport)
    with pytest.raises(NotAllowed, match="has to be signed"):
        await unsigned.announce(worker.device, DRAIN)
    async with httpx.AsyncClient(transport=transport, base_url="http://orchestrator") as http:
        put = await http.put(f"/v1/nodes/{worker.device}/notice", json=DRAIN.model_dump())
    assert put.status_code == 401
    assert world.core.context.known.notices == {}


async def test_a_node_that_is_not_there_has_no_notice(stranger: OrchestratorApi) -> None:
    with pytest.raises(NotFound, match="there is no node with device key"):
        await stranger.announce(str(Keypair().pubkey()), DRAIN)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (NoticeRequest(kind="drain", ends_in=5), "a drain has no end"),
        (NoticeRequest(kind="maintenance", begins_in=5), "a begin and an end"),
        (NoticeRequest(kind="maintenance", begins_in=5, ends_in=5), "has to end after it begins"),
    ],
)
async def test_times_that_make_no_notice_are_refused(
    worker: Worker, stranger: OrchestratorApi, request_: NoticeRequest, why: str
) -> None:
    with pytest.raises(IogError, match=why):
        await stranger.announce(worker.device, request_)


async def test_runs_go_on_until_the_deadline_and_are_then_told_to_stop_once(
    world: World, worker: Worker, stranger: OrchestratorApi
) -> None:
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    await stranger.announce(worker.device, DRAIN)
    await world.core.standing.step()
    assert stops(worker) == []
    view = await stranger.job(job.address)
    assert view.notice is not None
    assert view.notice.reason == "new driver"
    world.tick(60)
    await world.core.sync.time()
    for _ in range(2):
        await world.core.standing.step()
    assert stops(worker) == [Stop(job=job.address, run=job.run)]


async def test_a_run_that_is_stopped_so_goes_to_another_node_unpaid(
    world: World, worker: Worker, stranger: OrchestratorApi
) -> None:
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    await stranger.announce(worker.device, NoticeRequest(kind="drain", begins_in=0))
    assert len(stops(worker)) == 1
    await worker.end(job, 0, reason="node_stopped")
    await world.step(job.address)
    await worker.sign(job, "release")
    await world.step(job.address, 2)
    after = await world.job(job.address)
    assert (after.state, after.paid) == (JobState.OPEN, 0)
    other = await world.node("other")
    await other.connect()
    await world.step(job.address, 2)
    assert world.core.matching.promised(job.address) == other.device


async def test_a_node_that_comes_back_is_told_again(
    world: World, worker: Worker, stranger: OrchestratorApi
) -> None:
    job = await world.running(await world.open(world.spec(duration_seconds=600)), worker)
    await stranger.announce(worker.device, NoticeRequest(kind="drain", begins_in=0))
    worker.leave()
    await world.core.standing.step()
    await worker.connect()
    await world.core.standing.step()
    assert stops(worker) == [Stop(job=job.address, run=job.run)]


async def test_maintenance_ends_by_itself(
    world: World, worker: Worker, stranger: OrchestratorApi
) -> None:
    request = NoticeRequest(kind="maintenance", begins_in=60, ends_in=120, reason="memory")
    shown = await stranger.announce(worker.device, request)
    assert world.core.context.readiness(worker.device) == []
    candidate = world.core.context.fleet.get(worker.device)
    assert candidate is not None
    assert candidate.until == shown.begin
    plan = await stranger.plan(
        PlanRequest(resources=Resources(gpus=1), duration_seconds=30, price=9999)
    )
    assert plan.offers[0].notice == shown
    world.tick(60)
    await world.core.sync.time()
    await world.core.standing.step()
    [text] = world.core.context.readiness(worker.device)
    assert text.startswith("it is under maintenance from ")
    assert text.endswith("(memory)")
    world.tick(60)
    await world.core.sync.time()
    await world.core.standing.step()
    assert world.core.context.readiness(worker.device) == []
    assert await world.store.notices() == []


async def test_a_restart_does_not_forget_a_notice(
    world: World, worker: Worker, stranger: OrchestratorApi
) -> None:
    await stranger.announce(worker.device, DRAIN)
    kept = world.core.context.known.notices
    await world.restart()
    assert world.core.context.known.notices == kept
