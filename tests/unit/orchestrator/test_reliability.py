"""Reliability: runs and hours, the older the less; with its history."""

import pytest
from orchestrator_network import HOUR
from orchestrator_world import Worker, World

from iog_orchestrator.domain.reliability import HALF_LIFE, NodeHour

NEW = NodeHour("device", 0)


def test_a_node_without_a_record_is_relied_on() -> None:
    assert NEW.score() == 1.0


@pytest.mark.parametrize(
    ("totals", "score"), [((1, 0), 1.0), ((1, 1), 0.5), ((9, 1), 0.9), ((3, 3), 0.25)]
)
def test_runs_that_failed_count_against_one_that_is_assumed_good(
    totals: tuple[int, int], score: float
) -> None:
    assert NEW.score(totals) == score


def test_a_failure_weighs_half_after_the_half_life() -> None:
    failed = NEW.after(1, (1, 1), 3600, 3600)
    later = failed.after(1 + HALF_LIFE, (1, 1), 3600, 3600)
    assert (failed.score(), later.score()) == (0.5, pytest.approx(1 / 1.5))


def test_hours_away_take_up_to_three_quarters() -> None:
    record = NEW.after(1, (0, 0), 0, 3600)
    assert record.score() == pytest.approx(1 - 0.75 / 25)
    assert NEW.after(1, (0, 0), 1800, 3600).score() == pytest.approx(1 - 0.75 / 50)
    for hour in range(2, 2000):
        record = record.after(hour, (0, 0), 0, 3600)
    # a week's half-life: no more than 168 / ln 2 hours weigh together
    assert record.score() == pytest.approx(0.25 + 0.75 * 24 / (24 + 242.87), abs=1e-3)


def test_hours_that_nobody_looked_at_count_neither_way() -> None:
    record = NEW.after(1, (0, 0), 3600, 3600)
    assert record.after(500, (0, 0), 3600, 3600).score() == 1.0


def test_runs_are_counted_in_the_hour_they_ended_in() -> None:
    first = NEW.after(1, (4, 1), 3600, 3600)
    second = first.after(2, (5, 1), 3600, 3600)
    assert (first.ended, first.failed) == (4, 1)
    assert (second.ended, second.failed) == (1, 0)


async def live(world: World, seconds: float) -> None:
    """Let time pass, with liveness looking on."""
    for _ in range(int(seconds)):
        await world.hours(1)
        await world.core.standing.step()


async def test_a_node_that_is_there_keeps_its_record_clean(world: World) -> None:
    worker = await world.node()
    await worker.connect()
    await world.core.standing.step()
    await live(world, 3 * HOUR)
    rows = await world.store.node_history(worker.device, 10)
    assert len(rows) >= 2
    assert rows[0].hour > rows[1].hour
    assert rows[0].seconds == HOUR
    assert rows[0].score() == pytest.approx(1.0)


async def test_hours_before_a_node_first_came_do_not_count_against_it(
    world: World, node: Worker
) -> None:
    await world.core.standing.step()
    await live(world, 2 * HOUR)
    assert await world.store.node_history(node.device, 10) == []
    assert world.core.context.known.reliability == {}


async def test_a_node_that_is_away_loses_by_the_hour_and_the_fleet_knows(
    world: World, worker: Worker
) -> None:
    await world.core.standing.step()
    await live(world, 2 * HOUR)
    worker.leave()
    await live(world, 3 * HOUR)
    score = world.core.context.known.reliability[worker.device]
    assert 0.9 < score < 0.96
    candidate = world.core.context.fleet.get(worker.device)
    assert candidate is not None
    assert candidate.reliability == score
    before = await world.store.node_history(worker.device, 10)
    await world.restart()
    assert world.core.context.known.reliability == {worker.device: score}
    await world.core.standing.step()
    assert await world.store.node_history(worker.device, 10) == before


async def test_a_paused_nodes_hours_do_not_count_against_it(world: World, worker: Worker) -> None:
    from solders.pubkey import Pubkey

    from iog_client import nodes
    from iog_client.transactions import Sender

    device = Pubkey.from_string(worker.device)
    await nodes.pause(Sender(world.rpc, world.owner), world.owner, device)
    await world.core.sync.everything()
    await world.core.standing.step()
    worker.leave()
    await live(world, 2 * HOUR)
    assert await world.store.node_history(worker.device, 10) == []
