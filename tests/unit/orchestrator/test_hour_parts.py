"""Hours in parts, on real programs: closed, verified, claimed, and followed by others."""

import httpx
import pytest
from orchestrator_hours import close, earned, past
from orchestrator_world import Worker, World

from iog_client import rewards
from iog_client.errors import UsageError
from iog_client.hours import PublishedHour
from iog_client.hours_parts import HourFile, PartedHour
from iog_client.hours_verify import Verdict, verify
from iog_client.transactions import Sender
from iog_orchestrator.domain.errors import Unknown


@pytest.fixture
async def parted(world: World, worker: Worker) -> World:
    """A network whose second hour, which the worker has earned, is in parts."""
    await past(world, 1)
    await close(world)
    world.core.hour_close.inline_rows = 0
    await earned(world, worker, 2)
    return world


def file(world: World, hour: int) -> HourFile:
    return HourFile.parse(world.publisher.documents[hour], world.core.context.ports.works.part)


async def verdict(world: World, hour: int) -> Verdict:
    facts = await rewards.chain_facts(world.rpc, hour)
    return verify(file(world, hour), file(world, hour - 1), facts)


async def test_an_hour_in_parts_holds_against_the_chain(parted: World) -> None:
    hour = file(parted, 2)
    assert isinstance(hour.head, PartedHour)
    assert isinstance(file(parted, 1).head, PublishedHour)
    assert (hour.node_count, hour.leaf_count, len(hour.part_hashes())) == (1, 1, 2)
    found = await verdict(parted, 2)
    assert (found.problems, found.anchor) == ([], "pending")
    last = await parted.store.last_hour()
    assert last is not None
    assert (last.nodes, last.eligible, last.wallets) == (1, 1, 1)
    assert last.granted == last.total == hour.head.total


async def test_what_an_hour_in_parts_gives_is_claimed(parted: World) -> None:
    parted.tick(2)
    await parted.core.sync.everything()
    wallet = parted.owner.pubkey()
    proof = await parted.core.rewards.proof(str(wallet))
    made = rewards.proof_of(file(parted, 2), wallet)
    assert (list(proof.proof), proof.cumulative) == (made.proof, made.cumulative)
    before = await parted.balance(parted.owner)
    await rewards.claim(Sender(parted.rpc, parted.client), made)
    assert await parted.balance(parted.owner) == before + proof.cumulative


async def test_a_stranger_has_no_proof_from_an_hour_in_parts(parted: World) -> None:
    parted.tick(2)
    await parted.core.sync.everything()
    with pytest.raises(Unknown, match="no root that is live has a reward"):
        await parted.core.rewards.proof(str(parted.matcher.pubkey()))


async def test_hours_after_one_in_parts_are_in_parts_after_a_restart_too(
    parted: World, worker: Worker
) -> None:
    await parted.restart()
    await worker.connect()
    await past(parted, 3)
    await close(parted)
    hour = file(parted, 3)
    assert isinstance(hour.head, PartedHour)
    assert list(hour.leaves()) == list(file(parted, 2).leaves())
    assert (await verdict(parted, 3)).problems == []


async def test_a_part_is_served_by_its_hash(parted: World, transport: httpx.ASGITransport) -> None:
    [name, *_] = file(parted, 2).part_hashes()
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        found = await http.get(f"/v1/hours/parts/{name}.jsonl")
        unknown = await http.get(f"/v1/hours/parts/{'0' * 64}.jsonl")
        wrong = await http.get("/v1/hours/parts/x.jsonl")
    assert found.content == parted.core.context.ports.works.part(name)
    assert (found.status_code, unknown.status_code, wrong.status_code) == (200, 404, 422)


async def test_a_part_with_another_byte_is_refused(parted: World) -> None:
    good = file(parted, 2)

    def changed(name: str) -> bytes:
        return good.read(name).replace(b'"gpus":8', b'"gpus":9')

    with pytest.raises(UsageError, match="part 1 of nodes has SHA-256"):
        list(HourFile.parse(good.document, changed).nodes())


async def test_an_hour_without_its_parts_says_which_is_missing(parted: World) -> None:
    good = file(parted, 2)
    with pytest.raises(UsageError, match=f"there is no part {good.part_hashes()[0]} here"):
        list(HourFile.parse(good.document).nodes())
