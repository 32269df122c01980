"""Records of placements: in the database, and as the API shows them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from orchestrator_api import submit
from orchestrator_store import open_store
from orchestrator_world import ASK, PRICE, Worker, World
from solders.pubkey import Pubkey

from iog_client import nodes, times
from iog_client.api import OrchestratorApi
from iog_client.errors import NotAllowed
from iog_client.job_models import PlanRequest
from iog_client.jobspec import Resources
from iog_client.node_models import NoticeRequest
from iog_client.transactions import Sender
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.domain import placements
from iog_orchestrator.domain.jobs import ChainJob, JobState
from iog_orchestrator.domain.placements import Placement

FACTS = {"genesis_hash": "genesis", "mint": "mint"}
JOB = ChainJob("job", "client", "client", "matcher", 0, "0" * 64, 1, 1, 60, JobState.OPEN, 10, 5)
FIRST = Placement("a", 1, "device", 10, "a", 1, "{}")


@pytest.fixture
async def store(tmp_path: Path, database: str | None) -> SqlStore:
    return await open_store(tmp_path, FACTS, database)


async def test_a_record_comes_back_and_the_newest_run_is_the_default(store: SqlStore) -> None:
    second = Placement("a", 2, "other", 11, "a", 2, "{}")
    await store.put_placements([FIRST, second])
    assert await store.placement("a") == second
    assert await store.placement("a", 1) == FIRST
    assert await store.placement("b") is None
    await store.put_placements([])
    await store.close()


async def test_the_newer_record_of_a_run_replaces_the_older(store: SqlStore) -> None:
    again = Placement("a", 1, "other", 12, "b", 1, "")
    await store.put_placements([FIRST])
    await store.put_placements([again])
    assert await store.placement("a") == again
    await store.close()


async def test_old_records_are_forgotten(store: SqlStore) -> None:
    later = Placement("b", 1, "device", 20, "b", 1, "{}")
    await store.put_placements([FIRST, later])
    assert await store.forget_placements(20) == 1
    assert (await store.placement("a"), await store.placement("b")) == (None, later)
    await store.close()


async def test_members_come_by_their_numbers_and_settled_ones_too(store: SqlStore) -> None:
    jobs = [
        replace(JOB, address=f"job-{number}", number=number, gang="gang", state=state)
        for number, state in ((11, JobState.SETTLED), (2, JobState.OPEN))
    ]
    for one in (*jobs, replace(JOB, address="alone")):
        await store.put_job(one, 1)
    assert [row.job for row in await store.members("gang")] == [jobs[1], jobs[0]]
    assert await store.members("other") == []
    await store.close()


async def test_why_a_job_waits_is_told_to_its_client(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    address = await world.open(world.spec(price=ASK - 1, priority=7))
    await world.step(address, 2)
    why = await api.why(address)
    assert (why.state, why.place, why.queue, why.priority) == ("open", 1, 1, 7)
    assert [(one.code, one.nodes) for one in why.waiting] == [("price", 1)]
    assert [one.key for one in why.changes] == ["price"]
    assert why.changes[0].text == "with price 0.036 IO/h, 1 node would fit"
    assert why.decision is None


async def test_why_a_job_got_its_node_is_told_from_the_record(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    other = await world.node("other", ask=ASK + 1)
    await other.connect()
    address = await world.open()
    await world.handed_out(address, worker)
    await world.core.matching.save()
    why = await api.why(address)
    assert (why.place, why.changes) == (None, [])
    decision = why.decision
    assert decision is not None
    assert (decision.run, decision.device, decision.nodes) == (1, worker.device, 2)
    assert [one.device for one in decision.ranked] == [worker.device, other.device]
    assert [one.chosen for one in decision.ranked] == [True, False]
    best = decision.ranked[0]
    parts = best.by_price + best.by_reliability + best.by_locality + best.by_fit
    assert best.score == pytest.approx(parts)
    assert (best.by_reliability, best.by_fit, best.gpus_free) == (0.3, 0.1 / 8, 8)
    assert decision.replayed


async def test_a_record_of_before_says_true_of_a_node_that_is_ready(
    world: World, worker: Worker
) -> None:
    address = await world.open()
    await world.handed_out(address, worker)
    await world.core.matching.save()
    record = await world.store.placement(address)
    assert record is not None
    found = json.loads(record.body)
    assert [row[9] for row in found["rows"]] == [""]
    found["rows"][0][9] = True
    decision = placements.read(json.dumps(found))
    assert decision.replay() == (worker.device,)


async def test_nodes_that_take_no_work_are_counted_by_their_cause(
    world: World, worker: Worker, api: OrchestratorApi, stranger: OrchestratorApi
) -> None:
    others = [await world.node(name, ask=ask) for name, ask in (("a", ASK), ("b", ASK), ("c", 0))]
    await others[0].connect()
    await stranger.announce(worker.device, NoticeRequest(kind="drain"))
    sender, owner = Sender(world.rpc, world.owner), world.owner
    await nodes.pause(sender, owner, Pubkey.from_string(others[0].device))
    await world.core.sync.everything()
    asked = PlanRequest(resources=Resources(), duration_seconds=60, price=PRICE)
    told = {one.code: one.text for one in (await api.plan(asked)).rejected}
    assert told == {
        "paused": "1 paused by the owner",
        "no_ask": "1 asking no price",
        "not_connected": "1 away: not connected",
        "draining": "1 being drained",
    }
    address = await world.open()
    await world.step(address, 2)
    assert {one.code: one.text for one in (await api.why(address)).waiting} == told


async def test_a_job_past_its_deadline_says_so_and_no_nodes(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    address = await world.open(world.spec(price=ASK - 1), wait=5)
    await world.step(address, 2)
    deadline = (await world.job(address)).opened_at + 5
    end = deadline + world.core.context.network.grace
    world.tick(5)
    # before and after the orchestrator has looked at it again
    for _ in range(2):
        why = await api.why(address)
        assert [one.code for one in why.waiting] == ["too_late"]
        assert why.waiting[0].text == (
            f"it was to be placed by {times.date(deadline)}: no node gets it any more; "
            f"it ends at {times.date(end)}, and its escrow comes back"
        )
        assert (why.place, why.changes) == (None, [])
        assert (await api.job(address)).waiting == why.waiting
        await world.step(address)


@pytest.mark.parametrize(
    ("changes", "late"),
    [
        ({}, True),
        ({"deadline": 101}, False),
        ({"state": JobState.ASSIGNED, "run": 1, "max_runs": 2, "place_by": 101}, False),
        ({"state": JobState.ASSIGNED, "run": 1, "max_runs": 2, "place_by": 100}, True),
        ({"state": JobState.ASSIGNED, "run": 2, "max_runs": 2, "place_by": 101}, True),
        ({"state": JobState.JOINED}, False),
        ({"state": JobState.RUNNING}, False),
        ({"state": JobState.EXPIRED}, False),
    ],
)
def test_a_job_is_too_late_once_no_node_can_get_it(changes: dict[str, Any], late: bool) -> None:
    assert replace(JOB, **{"deadline": 100, **changes}).is_too_late(100) is late


async def test_why_is_not_told_to_others(
    world: World, worker: Worker, api: OrchestratorApi, stranger: OrchestratorApi
) -> None:
    address = await submit(world, api)
    await world.open_on_chain(world.spec())
    with pytest.raises(NotAllowed, match="only the job's client"):
        await stranger.why(address)


async def test_a_plan_of_a_gang_is_for_all_of_its_jobs(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    fits = await api.plan(_gang(2))
    assert (fits.fits, fits.nodes, fits.placed) == (True, 2, [worker.device] * 2)
    assert fits.quote.gross == 2 * 4 * PRICE * 60
    lacks = await api.plan(_gang(3))
    assert (lacks.fits, lacks.placed, len(lacks.offers)) == (False, [], 1)
    assert lacks.rejected[0].text == "the 3 jobs of the gang have no room at once"
    assert lacks.change is not None
    assert (lacks.change.key, lacks.change.value) == ("resources.nodes", "2")


async def test_a_gang_is_acknowledged_with_all_its_numbers(
    world: World, worker: Worker, api: OrchestratorApi
) -> None:
    await submit(world, api, resources=Resources(gpus=1, nodes=3, country=["DE"]), priority=9)
    client, chain = str(world.client.pubkey()), world.core.context.ports.chain
    for number in range(3):
        request = await world.store.request(chain.job_address(client, number))
        assert request is not None
        assert (request.number, request.priority, request.needs.country) == (number, 9, ("DE",))
    assert await world.store.request(chain.job_address(client, 3)) is None


def _gang(nodes: int) -> PlanRequest:
    resources = Resources(gpus=4, nodes=nodes)
    return PlanRequest(resources=resources, duration_seconds=60, price=PRICE)
