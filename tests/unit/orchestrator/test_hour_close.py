"""Closing hours, on real programs with hours of ten seconds."""

from dataclasses import replace

import pytest
from orchestrator_hours import close, earned, past
from orchestrator_network import HOUR
from orchestrator_world import Worker, World
from solders.pubkey import Pubkey

from iog_client import rewards, schedule
from iog_client.hours import PublishedHour
from iog_client.hours_verify import verify
from iog_client.transactions import Sender
from iog_orchestrator.adapters.chain import ProgramChain
from iog_orchestrator.domain.errors import ChainRefused, Unknown

HOUR_1 = 456_621_004_566
"""Base units emitted in the first hour."""
REWARDS_1 = HOUR_1 - HOUR_1 * 1000 // 10_000
"""Of these to rewards, at a backers' share of 10%."""


async def test_an_hour_is_closed_published_and_its_root_proposed(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    hour = PublishedHour.parse(world.publisher.documents[2])
    share = (schedule.emitted(2) - HOUR_1) * 9 // 10
    assert hour.nodes[0].reasons == ()
    assert hour.total > share
    root = await world.core.context.ports.chain.distributor()
    assert (root.pending_epoch, root.pending_root) == (2, hour.root)
    last = await world.store.last_hour()
    assert last is not None
    assert (last.hour, last.state, last.to_rewards) == (2, "proposed", hour.to_rewards_total)


async def test_the_published_file_is_verified_against_the_chain(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    facts = await rewards.chain_facts(world.rpc, 2)
    documents = world.publisher.documents
    assert verify(documents[2], documents[1], facts).problems == []


async def test_an_hour_without_recipients_has_no_root_and_carries_all(world: World) -> None:
    await past(world, 1)
    await close(world)
    last = await world.store.last_hour()
    assert last is not None
    assert (last.root, last.wallets, last.granted) == ("", 0, 0)
    assert last.carry == last.to_rewards == REWARDS_1
    assert last.emitted_total == HOUR_1
    root = await world.core.context.ports.chain.distributor()
    assert (root.epoch, root.pending_epoch) == (0, 0)
    emission = await world.core.context.ports.chain.emission()
    assert (emission.advanced_hour, emission.to_rewards) == (1, REWARDS_1)


async def test_an_hour_is_not_closed_within_its_grace(world: World) -> None:
    await past(world, 1, 0.5)
    await close(world)
    assert world.publisher.documents == {}


async def test_an_hour_that_only_a_lying_node_says_is_over_stays_open(
    world: World, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    await past(world, 1)
    await close(world)
    clock = world.core.context.ports.chain_clock
    clock.set(clock.now() + 86_400)
    await close(world)
    await close(world)
    assert list(world.publisher.documents) == [1]
    [said] = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert said.startswith("the Solana node says that hour 2 has ended")
    await world.core.sync.time()
    await earned(world, worker, 2)
    assert PublishedHour.parse(world.publisher.documents[2]).nodes[0].reasons == ()


async def test_missed_hours_are_closed_one_by_one_and_only_the_newest_root_is_sent(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    await world.restart()
    world.tick(3 * HOUR)
    await world.core.sync.everything()
    await close(world, 8)
    assert sorted(world.publisher.documents) == [1, 2, 3, 4, 5]
    last = await world.store.last_hour()
    assert last is not None
    assert last.hour == 5
    root = await world.core.context.ports.chain.distributor()
    assert root.pending_epoch == 2
    assert (await world.core.context.ports.chain.emission()).advanced_hour == 5


async def test_a_stored_hour_is_published_and_proposed_after_a_kill(
    world: World, worker: Worker
) -> None:
    class Deaf(ProgramChain):
        async def propose(self, *_: object) -> None:
            raise ChainRefused("the process is gone")

    await world.restart(Deaf(world.rpc, world.matcher, world.matcher))
    await worker.connect()
    await past(world, 1)
    await close(world)
    with pytest.raises(ChainRefused):
        await earned(world, worker, 2)
    root = world.publisher.documents.pop(2)
    await world.restart()
    assert world.publisher.documents[2] == root
    await close(world)
    found = await world.core.context.ports.chain.distributor()
    assert found.pending_epoch == 2
    assert found.pending_root == PublishedHour.parse(root).root


async def test_a_root_on_chain_already_is_not_sent_again_after_a_kill(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    await world.store.mark_hour(2, "published")

    class Mute(ProgramChain):
        async def propose(self, *_: object) -> None:
            pytest.fail("the root was sent again")

    await world.restart(Mute(world.rpc, world.matcher, world.matcher))
    await close(world)
    last = await world.store.last_hour()
    assert last is not None
    assert last.state == "proposed"


async def test_two_hours_in_a_row_both_get_their_roots(world: World, worker: Worker) -> None:
    await past(world, 1)
    await close(world)
    for hour in (2, 3):
        await earned(world, worker, hour)
    root = await world.core.context.ports.chain.distributor()
    assert (root.epoch, root.pending_epoch) == (2, 3)


async def test_a_reward_is_claimed_with_the_proof(world: World, worker: Worker) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    world.tick(2)
    await world.core.sync.everything()
    wallet = world.owner.pubkey()
    proof = await world.core.rewards.proof(str(wallet))
    hour = PublishedHour.parse(world.publisher.documents[2])
    assert proof.cumulative == dict(hour.leaves)[str(wallet)]
    before = await world.balance(world.owner)
    made = rewards.proof_of(hour, wallet)
    assert list(proof.proof) == list(made.proof)
    await rewards.claim(Sender(world.rpc, world.client), made)
    assert await world.balance(world.owner) == before + proof.cumulative


async def test_no_proof_is_given_before_a_root_is_live(world: World, worker: Worker) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    with pytest.raises(Unknown, match="fall due with the next root"):
        await world.core.rewards.proof(str(world.owner.pubkey()))


async def test_a_stranger_has_no_proof(world: World) -> None:
    with pytest.raises(Unknown, match="no root that is live has a reward"):
        await world.core.rewards.proof(str(Pubkey.default()))


async def test_a_statement_on_a_closed_hour_comes_too_late(world: World, worker: Worker) -> None:
    await past(world, 1)
    await close(world)
    await worker.hour_statement(1)
    assert await world.core.statements.counter(worker.device) == 0


async def test_an_hour_that_was_warped_over_earns_nothing(world: World, worker: Worker) -> None:
    await past(world, 1)
    await close(world)
    world.chain.warp(2 * HOUR)
    await world.core.sync.everything()
    await worker.hour_statement(2, 10)
    await worker.hour_statement(3, 10)
    assert await world.core.statements.counter(worker.device) == 0


async def test_too_few_seconds_earn_nothing_and_say_so(world: World, worker: Worker) -> None:
    await past(world, 1)
    await close(world)
    await past(world, 2, 0.4)
    await worker.hour_statement(2, 8)
    await past(world, 2)
    await close(world)
    hour = PublishedHour.parse(world.publisher.documents[2])
    assert hour.nodes[0].reasons == ("too_few_seconds",)
    assert hour.root is None


async def test_a_node_that_was_blocked_within_the_hour_earns_nothing_for_it(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    said = {worker.device: "GPU-1 is also in another node"}
    await world.store.put_blocks(world.core.context.hour, said)
    for hour in (2, 3):
        await earned(world, worker, hour)
    first, second = (PublishedHour.parse(world.publisher.documents[hour]) for hour in (2, 3))
    assert (first.nodes[0].blocked, first.leaves) == ("GPU-1 is also in another node", [])
    assert first.nodes[0].reasons == ("blocked",)
    assert (second.nodes[0].blocked, second.nodes[0].reasons) == (None, ())


async def test_a_node_needs_a_young_proof_where_the_network_asks_for_one(
    world: World, worker: Worker
) -> None:
    await past(world, 1)
    await close(world)
    guard, start = world.core.context.known.guard, world.core.context.known.emission.start
    guard.proof_max_age = 24 * HOUR
    await earned(world, worker, 2)
    guard.passed(worker.device, start + 3 * HOUR)
    guard.passed(worker.device, start + 3 * HOUR + 1)
    await earned(world, worker, 3)
    first, second = (PublishedHour.parse(world.publisher.documents[hour]) for hour in (2, 3))
    assert (first.nodes[0].proof, first.nodes[0].reasons) == (0, ("no_proof",))
    assert (second.nodes[0].proof, second.nodes[0].reasons) == (start + 3 * HOUR, ())
    facts = await rewards.chain_facts(world.rpc, 3)
    documents = world.publisher.documents
    assert verify(documents[3], documents[2], facts).problems == []


async def test_a_chain_ahead_of_the_database_gets_no_root(
    world: World, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    world.core.hour_close._done = 0
    ahead = replace(
        await world.core.context.ports.chain.distributor(),
        epoch=9,
        root="f" * 64,
        pending_epoch=0,
        pending_root="0" * 64,
    )

    class Ahead(ProgramChain):
        async def distributor(self) -> object:  # type: ignore[override]
            return ahead

        async def propose(self, *_: object) -> None:
            pytest.fail("a root was sent")

    ports = world.core.context.ports
    chain = Ahead(world.rpc, world.matcher, world.matcher)
    world.core.context.ports = replace(ports, chain=chain)
    await close(world)
    assert "the chain has a root of a later hour than this database" in caplog.text
