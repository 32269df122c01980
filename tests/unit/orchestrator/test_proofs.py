"""The loop of GPU proofs: when a node is asked, what comes of the answer, what is kept."""

import random

import pytest
from orchestrator_proofs import Gpu, Skips
from orchestrator_world import Worker, World

from iog_client.gpuproof.evidence import Evidence
from iog_client.hours import PublishedHour
from iog_client.protocol import ProofChallenge, ProofOpen, ProofRefused, ProofVerdict, RunBrief
from iog_orchestrator.core.proofs import Chance
from iog_orchestrator.domain.proofs import ProofResult

MAX_AGE = 24 * 10
"""Seconds: a day, scaled to the test network's hours."""


@pytest.fixture
async def proving(world: World) -> World:
    """A network that asks for proofs."""
    world.record = world.record.model_copy(update={"proof": "required"})
    await world.restart()
    chance = random.Random(1)
    world.core.proofs.chance = Chance(chance.randrange, chance)
    return world


async def asked(world: World, worker: Worker) -> list[ProofChallenge]:
    """The challenges that the node was sent since the last look."""
    for seconds in (0.9, 0.1):
        # the first step draws the moment, the second is after it
        world.tick(seconds)
        await worker.beat()
        await world.core.proofs.step()
    return [one for one in worker.frames if isinstance(one, ProofChallenge)]


async def answer(worker: Worker, gpu: Gpu | None = None) -> None:
    """Have the node answer all its challenges."""
    gpu = gpu or Gpu(worker.key)
    challenges = [one for one in worker.frames if isinstance(one, ProofChallenge)]
    worker.frames.clear()
    for challenge in challenges:
        await worker.say(gpu.commit(challenge))
        openings = [one for one in worker.frames if isinstance(one, ProofOpen)]
        if openings and openings[-1].challenge == challenge.challenge:
            for part in gpu.open(challenge, openings[-1]):
                await worker.say(part)


async def one_gpu(world: World) -> Worker:
    worker = await world.node(gpus=1)
    await connect(worker)
    return worker


async def connect(worker: Worker) -> None:
    hello = worker.hello()
    worker.world.link.frames[worker.device] = []
    worker.session, _ = await worker.world.core.agents.connected(hello)


async def fail(world: World, worker: Worker, tries: int = 2) -> None:
    """Have the node fail its proof so often."""
    for _ in range(tries):
        assert await asked(world, worker)
        await answer(worker, Skips(worker.key, random.Random(2), 1.0))


async def test_a_new_node_is_asked_at_once_and_ready_when_it_has_passed(proving: World) -> None:
    worker = await one_gpu(proving)
    assert proving.core.context.readiness(worker.device) == ["its GPUs are not proven yet"]
    (challenge,) = await asked(proving, worker)
    assert proving.core.context.readiness(worker.device) == ["its GPUs are being proven"]
    assert worker.session is not None
    assert challenge.session == worker.session.nonce
    assert (challenge.simulated, challenge.rows, challenge.width) == (True, 3840, 64)
    await answer(worker)
    assert proving.core.context.readiness(worker.device) == []
    (verdict,) = [one for one in worker.frames if isinstance(one, ProofVerdict)]
    assert (verdict.passed, verdict.challenge) == (True, challenge.challenge)
    (kept,) = await proving.store.proofs(worker.device, 9)
    assert (kept.code, kept.gpus, kept.evidence) == ("passed", 1, "")
    assert kept.at == int(proving.core.context.ports.chain_clock.now())


async def test_each_gpu_of_a_node_is_asked_at_the_same_time(proving: World) -> None:
    worker = await proving.node(gpus=2)
    await worker.connect()
    challenges = await asked(proving, worker)
    assert len({one.challenge for one in challenges}) == 2
    await answer(worker)
    assert proving.core.context.known.proofs[worker.device].gpus == 2


async def test_one_gpu_that_fails_fails_the_node(proving: World) -> None:
    worker = await proving.node(gpus=2)
    await worker.connect()
    for _ in range(2):
        first, second = await asked(proving, worker)
        worker.frames.clear()
        honest = Gpu(worker.key)
        await worker.say(honest.commit(first))
        (opening,) = [one for one in worker.frames if isinstance(one, ProofOpen)]
        for part in honest.open(first, opening):
            await worker.say(part)
        await worker.say(ProofRefused(challenge=second.challenge, detail="no such card"))
    result = proving.core.context.known.proofs[worker.device]
    assert (result.code, result.detail) == ("refused", "the worker did not prove: no such card")


async def test_a_network_without_the_policy_asks_nobody(world: World) -> None:
    worker = await world.node()
    await worker.connect()
    assert await asked(world, worker) == []
    assert world.core.context.readiness(worker.device) == []


async def test_a_failed_proof_is_repeated_once_with_another_challenge(proving: World) -> None:
    worker = await one_gpu(proving)
    (first,) = await asked(proving, worker)
    await answer(worker, Skips(worker.key, random.Random(2), 1.0))
    assert worker.device not in proving.core.context.known.proofs
    worker.frames.clear()
    (second,) = await asked(proving, worker)
    assert second.challenge != first.challenge
    await answer(worker)
    assert proving.core.context.readiness(worker.device) == []


async def test_a_second_failure_stands_and_its_evidence_convinces_anybody(proving: World) -> None:
    worker = await one_gpu(proving)
    await fail(proving, worker)
    result = proving.core.context.known.proofs[worker.device]
    assert result.code == "wrong_product"
    assert proving.core.context.readiness(worker.device) == [
        f"its GPU proof failed: {result.detail}"
    ]
    document = await proving.store.proof_evidence(result.evidence)
    assert document is not None
    evidence = Evidence.parse(document)
    assert evidence.device == worker.device
    assert evidence.judged() is not None
    assert evidence.judged().code == "wrong_product"  # type: ignore[union-attr]


async def test_a_node_that_failed_may_try_again_after_an_hour_scaled(proving: World) -> None:
    worker = await one_gpu(proving)
    await fail(proving, worker)
    worker.frames.clear()
    proving.tick(MAX_AGE / 24 - 2)
    assert await asked(proving, worker) == []
    proving.tick(1)
    assert len(await asked(proving, worker)) == 1
    await answer(worker)
    assert proving.core.context.readiness(worker.device) == []


async def test_a_passed_proof_is_repeated_at_a_random_moment_in_time(proving: World) -> None:
    moments = []
    for name in ("one", "two", "three"):
        worker = await proving.node(name, gpus=1)
        await connect(worker)
        await asked(proving, worker)
        await answer(worker)
        worker.frames.clear()
        passed = 0
        while not await asked(proving, worker):
            passed += 1
        moments.append(passed)
        await answer(worker)
        worker.leave()
    assert all(0.4 * MAX_AGE - 2 <= one <= 0.6 * MAX_AGE + 2 for one in moments)
    assert len(set(moments)) == 3


async def test_a_proof_outlives_the_orchestrator(proving: World) -> None:
    worker = await one_gpu(proving)
    await asked(proving, worker)
    await answer(worker)
    await proving.restart()
    await connect(worker)
    assert proving.core.context.readiness(worker.device) == []
    assert await asked(proving, worker) == []


async def test_a_failure_outlives_the_orchestrator(proving: World) -> None:
    worker = await one_gpu(proving)
    await fail(proving, worker)
    await proving.restart()
    await connect(worker)
    assert "its GPU proof failed" in proving.core.context.readiness(worker.device)[0]


async def test_a_node_with_a_job_is_not_asked(proving: World) -> None:
    worker = await one_gpu(proving)
    await asked(proving, worker)
    await answer(worker)
    worker.frames.clear()
    assert worker.session is not None
    worker.session.runs = {"job": RunBrief(job=worker.device, run=1, state="running")}
    worker.runs = list(worker.session.runs.values())
    proving.tick(2 * MAX_AGE)
    assert await asked(proving, worker) == []
    # its proof is too old for rewards now; it stays ready for jobs
    assert proving.core.context.readiness(worker.device) == []


async def test_a_node_that_is_busy_after_all_is_asked_again_later(proving: World) -> None:
    worker = await one_gpu(proving)
    (challenge,) = await asked(proving, worker)
    await worker.say(ProofRefused(challenge=challenge.challenge, busy=True, detail="a job"))
    assert worker.device not in proving.core.context.known.proofs
    worker.frames.clear()
    await proving.core.proofs.step()
    assert worker.frames == []
    assert len(await asked(proving, worker)) == 1


async def test_a_node_of_which_nothing_is_heard_fails_after_its_limit(proving: World) -> None:
    worker = await one_gpu(proving)
    for _ in range(2):
        (challenge,) = await asked(proving, worker)
        worker.frames.clear()
        proving.tick(challenge.seconds + 0.1)
        await worker.beat()
        await proving.core.proofs.step()
    result = proving.core.context.known.proofs[worker.device]
    assert (result.code, result.detail) == ("no_commitment", "no commitment came in time")
    document = await proving.store.proof_evidence(result.evidence)
    assert document is not None
    assert Evidence.parse(document).judged() is None


async def test_a_commitment_after_the_limit_is_no_answer(proving: World) -> None:
    worker = await one_gpu(proving)
    (challenge,) = await asked(proving, worker)
    proving.tick(challenge.seconds + 0.1)
    await worker.say(Gpu(worker.key).commit(challenge))
    assert not [one for one in worker.frames if isinstance(one, ProofOpen)]


async def test_who_leaves_before_the_opening_has_not_failed(proving: World) -> None:
    worker = await one_gpu(proving)
    await asked(proving, worker)
    worker.leave()
    await proving.core.proofs.step()
    await connect(worker)
    assert len(await asked(proving, worker)) == 1
    await answer(worker)
    assert proving.core.context.readiness(worker.device) == []


async def test_who_leaves_once_the_places_are_known_has_failed(proving: World) -> None:
    worker = await one_gpu(proving)
    for _ in range(2):
        (challenge,) = await asked(proving, worker)
        await worker.say(Gpu(worker.key).commit(challenge))
        worker.leave()
        await proving.core.proofs.step()
        await connect(worker)
    assert proving.core.context.known.proofs[worker.device].code == "gone"


async def test_an_answer_to_nothing_is_passed_over(proving: World) -> None:
    worker = await one_gpu(proving)
    await worker.say(ProofRefused(challenge="00" * 32, detail="nothing"))
    (challenge,) = await asked(proving, worker)
    await answer(worker)
    await worker.say(Gpu(worker.key).commit(challenge))
    assert proving.core.context.readiness(worker.device) == []


async def test_the_answer_of_another_connection_is_passed_over(proving: World) -> None:
    worker = await one_gpu(proving)
    (challenge,) = await asked(proving, worker)
    worker.leave()
    await connect(worker)
    await worker.say(Gpu(worker.key).commit(challenge))
    assert not [one for one in worker.frames if isinstance(one, ProofOpen)]


async def test_proofs_take_less_than_a_hundredth_of_a_nodes_time(proving: World) -> None:
    worker = await one_gpu(proving)
    await asked(proving, worker)
    # 2.4 s in 240 s are allowed: one proof of 2 s, and no second
    proving.tick(2)
    await worker.beat()
    await answer(worker)
    spending = proving.core.proofs.spending(worker.device)
    now = proving.clock.monotonic()
    assert spending.budget == 2.4
    assert 2.0 <= spending.spent(now) <= 2.2
    proving.tick(0.7 * MAX_AGE)
    assert await asked(proving, worker) == []
    # once in the age is allowed in any case, or a slow node could never stay eligible
    proving.tick(0.1 * MAX_AGE)
    assert len(await asked(proving, worker)) == 1


async def test_a_node_is_not_given_a_job_while_it_proves(proving: World) -> None:
    worker = await one_gpu(proving)
    await asked(proving, worker)
    address = await proving.open()
    await proving.step(address, 2)
    why = proving.core.matching.why(address)
    assert why is not None
    assert why.rejected == {"unproven": 1}


async def test_the_newest_results_of_each_device_are_taken_up(proving: World) -> None:
    for number in range(3):
        for device in ("one", "two"):
            await proving.store.put_proof(
                ProofResult(device, 100 + number, "passed", "", 1, 1.0), None
            )
    found = await proving.store.last_proofs(2)
    assert [(one.device, one.at) for one in found] == [
        ("one", 101),
        ("two", 101),
        ("one", 102),
        ("two", 102),
    ]


async def test_of_a_device_so_many_results_and_documents_are_kept(proving: World) -> None:
    for at in range(70):
        failure = ProofResult("one", at, "late", "", 1, 1.0, f"{at:064x}")
        await proving.store.put_proof(failure, b"evidence")
    kept = await proving.store.proofs("one", 100)
    assert [one.at for one in kept] == list(range(69, 5, -1))
    assert [one.at for one in kept if one.evidence] == [69, 68, 67, 66]
    assert await proving.store.proof_evidence(f"{65:064x}") is None
    assert await proving.store.proof_evidence(f"{66:064x}") == b"evidence"


async def reasons_in(world: World, hour: int) -> dict[str, tuple[str, ...]]:
    """Why nodes earn nothing in a closed hour, as it was published."""
    while hour not in world.publisher.documents:
        await world.hours(1)
        await world.core.hour_close.step()
    published = PublishedHour.parse(world.publisher.documents[hour])
    assert published.parameters.proof_max_age == MAX_AGE
    return {node.device: node.reasons for node in published.nodes}


def hour_now(world: World) -> int:
    return world.core.context.hour


async def test_an_hour_counts_the_newest_result_before_its_end(proving: World) -> None:
    honest, cheat, silent = [await proving.node(name, gpus=1) for name in ("a", "b", "c")]
    for worker in (honest, cheat, silent):
        await connect(worker)
    await asked(proving, honest)
    await answer(honest)
    await answer(cheat)
    hour = hour_now(proving)
    found = await reasons_in(proving, hour)
    assert "no_proof" not in found[honest.device]
    assert "no_proof" not in found[cheat.device]
    assert "no_proof" in found[silent.device]
    # the one that fails later earns nothing from the hour on in which it did
    proving.core.proofs._due.clear()
    cheat.frames.clear()
    while not [one for one in cheat.frames if isinstance(one, ProofChallenge)]:
        proving.tick(2)
        await cheat.beat()
        await proving.core.proofs.step()
    await answer(cheat, Skips(cheat.key, random.Random(2), 1.0))
    await asked(proving, cheat)
    await answer(cheat, Skips(cheat.key, random.Random(2), 1.0))
    assert not proving.core.context.known.proofs[cheat.device].passed
    found = await reasons_in(proving, hour_now(proving))
    assert "no_proof" in found[cheat.device]
    assert "no_proof" not in found[honest.device]


async def test_what_counted_for_an_hour_counts_after_a_restart(proving: World) -> None:
    worker = await one_gpu(proving)
    await asked(proving, worker)
    await answer(worker)
    hour = hour_now(proving)
    await proving.restart()
    assert "no_proof" not in (await reasons_in(proving, hour))[worker.device]


async def test_hours_know_when_a_proof_was_passed_and_how_old_it_may_be(proving: World) -> None:
    worker = await one_gpu(proving)
    await asked(proving, worker)
    await answer(worker)
    at = proving.core.context.known.proofs[worker.device].at
    guard = proving.core.context.known.guard
    assert (guard.proof_max_age, guard.proof_by(worker.device, at)) == (MAX_AGE, at)
    assert guard.proof_by(worker.device, at - 1) == 0
