"""What an operator reads of a node."""

import pytest
from orchestrator_network import HOUR
from orchestrator_world import Worker, World
from solders.keypair import Keypair

from iog_client.api import OrchestratorApi
from iog_client.cli import node_status
from iog_client.errors import NotFound
from iog_client.protocol import Heartbeat, RunBrief


async def test_a_node_that_never_came_is_told_what_to_do(
    node: Worker, stranger: OrchestratorApi
) -> None:
    status = await stranger.node_status(node.device)
    assert (status.connected, status.since, status.interval) == (False, None, None)
    [obstacle] = status.no_jobs
    assert (obstacle.code, obstacle.text) == ("not_connected", "it is not connected")
    assert obstacle.action.startswith("on its machine: iog node run")
    codes = [one.code for one in status.no_pay]
    # its stake is what it takes, from the next hour on
    assert codes == ["active_later", "no_statement"]


async def test_a_node_that_works_shows_its_connection_and_runs(
    world: World, worker: Worker, stranger: OrchestratorApi
) -> None:
    assert worker.session is not None
    worker.session.lost = 2
    held = RunBrief(job=worker.device, run=3, state="running")
    world.core.agents.heartbeat(worker.session, Heartbeat(counter=1, runs=[held]))
    world.tick(1.5)
    status = await stranger.node_status(worker.device)
    assert status.no_jobs == []
    assert (status.silent, status.beats_lost) == (1.5, 2)
    assert status.interval == world.core.context.pace.heartbeat
    assert [(one.job, one.run, one.state) for one in status.runs_held] == [
        (worker.device, 3, "running")
    ]
    shown = node_status.details(status)
    assert shown["for jobs"] == "ready"
    assert shown["connected"].endswith(
        "heard 2 s ago, a heartbeat every 0.833333 s, 2 of them lost"
    )
    assert shown["runs held"] == [f"{worker.device} run 3 (running)"]


async def test_seconds_that_can_still_be_reached_are_no_reason(
    world: World, worker: Worker, stranger: OrchestratorApi
) -> None:
    start = world.core.context.known.emission.start
    await world.hours(start + 2 * HOUR + 4 - world.core.context.ports.chain_clock.now())
    await worker.hour_statement(3, 4)
    await world.core.statements.flush()
    status = await stranger.node_status(worker.device)
    assert (status.hour, status.seconds, status.elapsed, status.needed) == (3, 4, 4, 9)
    assert status.no_pay == []
    await world.hours(4)
    [obstacle] = (await stranger.node_status(worker.device)).no_pay
    assert obstacle.code == "too_few_seconds"
    assert obstacle.action.endswith("this hour cannot reach them any more")


async def test_one_of_several_nodes_is_told_in_brief(
    node: Worker, stranger: OrchestratorApi
) -> None:
    shown = node_status.brief(await stranger.node_status(node.device))
    assert shown["state"].endswith(", not connected")
    assert shown["for jobs"] == ["it is not connected"]
    assert (shown["runs held"], shown["reliability"]) == ("0", "1.00")


async def test_an_unknown_node_has_no_status(stranger: OrchestratorApi) -> None:
    with pytest.raises(NotFound, match="there is no node with device key"):
        await stranger.node_status(str(Keypair().pubkey()))
