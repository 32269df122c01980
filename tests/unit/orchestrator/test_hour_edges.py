"""Hours that something happened in: each edge case of docs/rewards.md."""

from typing import Any

import pytest
from orchestrator_hours import close, earned, past
from orchestrator_network import HOUR
from orchestrator_world import Worker, World

from iog_client import rewards
from iog_client.hours import PublishedHour
from iog_client.hours_rule import PoolAmounts
from iog_client.hours_verify import verify
from iog_orchestrator.adapters.chain import ProgramChain


def published(world: World, hour: int) -> PublishedHour:
    return PublishedHour.parse(world.publisher.documents[hour])


async def test_a_day_away_is_published_hour_by_hour_carried_and_covered_by_one_root(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    world.tick(24 * HOUR)
    epochs = []

    class Counted(ProgramChain):
        async def propose(self, epoch: int, *rest: object) -> None:
            epochs.append(epoch)
            await super().propose(epoch, *rest)  # type: ignore[arg-type]

    await world.restart(Counted(world.rpc, world.matcher, world.matcher))
    world.tick(2)
    await world.core.sync.everything()
    await close(world, 30)
    last = max(world.publisher.documents)
    assert sorted(world.publisher.documents) == list(range(1, last + 1))
    assert last >= 26
    assert epochs == []  # nobody has earned anything since: the root is the same
    before, after = published(world, 2), published(world, last)
    assert (after.total, after.root) == (before.total, before.root)
    away = after.to_rewards_total - before.to_rewards_total
    assert after.carry_after.total == before.carry_after.total + away
    facts = await rewards.chain_facts(world.rpc, last)
    documents = world.publisher.documents
    assert verify(documents[last], documents[last - 1], facts).problems == []
    assert (await world.core.context.ports.chain.emission()).advanced_hour == last
    await worker.connect()
    await past(world, last + 1)
    await close(world)
    await earned(world, worker, last + 2)
    assert epochs == [last + 2]


async def test_what_a_day_away_has_carried_comes_back_at_one_extra_share_an_hour(
    world: World, worker: Worker
) -> None:
    world.tick(5 * HOUR)
    await world.core.sync.everything()
    await close(world, 12)
    await worker.connect()
    hour = max(world.publisher.documents) + 2
    await past(world, hour - 1)
    await close(world)
    carried = published(world, hour - 1).carry_after
    await earned(world, worker, hour)
    made = published(world, hour)
    share = made.to_rewards * 95 // 100
    assert carried.enterprise > 3 * share
    assert made.released == PoolAmounts(2 * share, 2 * (made.to_rewards - share))
    assert made.nodes[0].granted == 2 * share
    assert made.carry_after.enterprise == carried.enterprise - share


async def test_a_node_that_joins_in_mid_hour_counts_from_the_next(world: World) -> None:
    await past(world, 1)
    await close(world)
    joined = await world.node()
    await joined.connect()
    for hour in (2, 3):
        await earned(world, joined, hour)
    first, second = published(world, 2).nodes[0], published(world, 3).nodes[0]
    assert "active_later" in first.reasons
    assert first.active_from_hour == 3
    assert (first.granted, second.reasons) == (0, ())
    assert second.granted == published(world, 3).released.enterprise


@pytest.mark.parametrize(("after", "reasons"), [(0.4, ()), (2.0, ("no_statement",))])
async def test_a_late_statement_counts_until_the_grace_is_over(
    world: World, worker: Worker, after: float, reasons: tuple[str, ...]
) -> None:
    await past(world, 1)
    await close(world)
    await past(world, 2, after)
    if reasons:
        await close(world)
    await worker.hour_statement(2)
    await past(world, 2, 2.0)
    await close(world)
    assert published(world, 2).nodes[0].reasons == reasons


async def test_an_hour_in_which_nobody_earned_carries_its_share_and_keeps_the_root(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    await past(world, 3)
    await close(world)
    before, empty = published(world, 2), published(world, 3)
    assert (empty.root, empty.leaves, empty.total) == (before.root, before.leaves, before.total)
    assert empty.carry_after.total == before.carry_after.total + empty.to_rewards
    assert empty.nodes[0].reasons == ("no_statement",)


class Ahead:
    """A Solana node that is a day ahead of its chain."""

    def __init__(self, chain: ProgramChain) -> None:
        self._chain = chain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chain, name)

    async def time(self) -> float:
        return await self._chain.time() + 86_400


async def test_a_node_that_is_ahead_leaves_no_reading_for_hours_to_come(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    chain = ProgramChain(world.rpc, world.matcher, world.matcher)
    await world.restart(Ahead(chain))  # type: ignore[arg-type]
    await world.core.sync.everything()
    advanced = world.core.context.known.emission.advanced_hour
    assert max(world.core.context.known.after) <= advanced + 1
