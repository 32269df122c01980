"""Workers that cheat at the GPU proof, against the orchestrator's own verifier over real frames."""

import base64
import random
from math import comb

import pytest
from orchestrator_network import key_of
from orchestrator_proofs import (
    CHECKS,
    SMALL,
    Borrowed,
    Corrects,
    Edits,
    Gpu,
    Precomputed,
    Replaying,
    Skips,
    SkipsSweeps,
    Smaller,
    challenge_of,
    judged,
)

from iog_client.gpuproof.evidence import Evidence
from iog_client.protocol import ProofOpen, ProofRow, ProofRows
from iog_orchestrator.core.proof_round import GpuProof

KEY, OTHER = key_of("device"), key_of("other")
GENESIS = str(key_of("genesis").pubkey())
TRIALS = 200
UNLUCKY = 1e-6


async def code_of(gpu: Gpu, seed: int = 1) -> str:
    proof = await judged(gpu, random.Random(seed))
    assert proof.verdict is not None
    # whatever the orchestrator found, its evidence shows to everybody
    evidence = Evidence.parse(proof.evidence(GENESIS, 5).to_bytes())
    again = evidence.judged()
    assert again is not None
    assert again == proof.verdict
    return proof.verdict.code


def tails(count: int, trials: int, chance: float) -> float:
    """How likely it is that so many, or fewer, or so many or more come about (the smaller)."""
    terms = [comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(trials + 1)]
    return min(sum(terms[: count + 1]), sum(terms[count:]))


async def passes(make: object) -> int:
    """How many of the trials a cheat gets through."""
    found = 0
    for number in range(TRIALS):
        chance = random.Random(number)
        proof = await judged(make(chance), chance)  # type: ignore[operator]
        assert proof.verdict is not None
        assert proof.verdict.code in ("passed", "wrong_product")
        found += proof.verdict.passed
    return found


async def test_an_honest_gpu_passes() -> None:
    assert await code_of(Gpu(KEY)) == "passed"


@pytest.mark.parametrize("share", [0.05, 0.125])
async def test_skipped_rows_are_caught_as_often_as_derived(share: float) -> None:
    # docs/gpu-proof.md: each place of each product is right with probability 1 - s * 30 / 31
    exact = round(share * SMALL.rows) / SMALL.rows
    expected = (1 - exact * 30 / 31) ** (2 * CHECKS)
    found = await passes(lambda chance: Skips(KEY, chance, share))
    assert tails(found, TRIALS, expected) > UNLUCKY
    # the test would see a frequency that is 20 points beside it
    assert tails(found, TRIALS, expected + 0.2) < UNLUCKY
    assert tails(found, TRIALS, expected - 0.2) < UNLUCKY


async def test_skipped_entries_are_caught_as_often_as_rows() -> None:
    exact = round(0.125 * SMALL.rows * SMALL.width) / (SMALL.rows * SMALL.width)
    expected = (1 - exact * 30 / 31) ** (2 * CHECKS)
    found = await passes(lambda chance: Skips(KEY, chance, 0.125, by_rows=False))
    assert tails(found, TRIALS, expected) > UNLUCKY


async def test_skipping_half_of_the_work_is_as_good_as_never_missed() -> None:
    # at 32 places of each product: 0.516 ** 64 = 4e-19
    assert (1 - 0.5 * 30 / 31) ** 64 < 1e-18
    found = await passes(lambda chance: Skips(KEY, chance, 0.5))
    assert tails(found, TRIALS, (1 - 0.5 * 30 / 31) ** 8) > UNLUCKY


def test_a_retry_lets_at_most_twice_as_many_through() -> None:
    once = (1 - 0.1 * 30 / 31) ** 64
    assert once == pytest.approx(0.00148, rel=0.01)
    assert 1 - (1 - once) ** 2 < 2 * once


async def test_sweeps_over_what_is_no_longer_there_are_caught() -> None:
    # four places are all guessed right with probability 31 ** -4
    assert await code_of(SkipsSweeps(KEY)) == "wrong_sweep"


async def test_a_smaller_matrix_is_no_answer() -> None:
    assert await code_of(Smaller(KEY)) == "wrong_path"


async def test_what_was_computed_beforehand_is_no_answer() -> None:
    assert await code_of(Precomputed(KEY, random.Random(9))) == "wrong_path"


async def test_what_another_node_computed_is_no_answer() -> None:
    assert await code_of(Borrowed(KEY, OTHER)) == "wrong_path"


async def test_another_nodes_frames_are_not_signed_by_the_device() -> None:
    assert await code_of(Replaying(KEY, OTHER)) == "bad_signature"


async def test_places_that_are_computed_once_they_are_known_were_not_committed() -> None:
    assert await code_of(Corrects(KEY, random.Random(3), 1.0)) == "wrong_path"


def changed(row: ProofRow, data: bytes) -> ProofRow:
    return row.model_copy(update={"data": base64.b64encode(data).decode()})


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda rows: rows[1:], "wrong_rows"),
        (lambda rows: [*rows, rows[0]], "wrong_rows"),
        (lambda rows: [rows[0].model_copy(update={"layer": 9}), *rows[1:]], "wrong_rows"),
        (lambda rows: [changed(rows[0], rows[0].entries()[1:]), *rows[1:]], "wrong_shape"),
        (lambda rows: [changed(rows[0], b"\x40" * 16), *rows[1:]], "wrong_path"),
        (lambda rows: [rows[0].model_copy(update={"data": "*"}), *rows[1:]], "wrong_shape"),
        (lambda rows: [rows[0].model_copy(update={"path": ""}), *rows[1:]], "wrong_path"),
        (
            lambda rows: [rows[0].model_copy(update={"path": rows[0].path + "ab" * 32}), *rows[1:]],
            "wrong_path",
        ),
        (lambda rows: [rows[1].model_copy(update={"index": rows[0].index}), *rows], "wrong_rows"),
    ],
)
async def test_rows_that_are_not_those_asked_for_are_refused(edit: object, code: str) -> None:
    assert await code_of(Edits(KEY, edit)) == code


async def test_entries_that_are_no_residues_are_refused_though_committed() -> None:
    class Outside(Skips):
        def computes(self, challenge: object) -> object:  # type: ignore[override]
            found = super().computes(challenge)  # type: ignore[arg-type]
            inner = found._multiplied
            found._multiplied = lambda state, left: inner(state, left) * 0 + 16  # type: ignore[method-assign]
            return found

    assert await code_of(Outside(KEY, random.Random(1), 0.0)) == "wrong_shape"


async def opened() -> tuple[GpuProof, Gpu, ProofOpen]:
    """A proof whose places are known to the worker."""
    gpu, chance = Gpu(KEY), random.Random(4)
    challenge = challenge_of(chance)
    proof = GpuProof(str(KEY.pubkey()), challenge, 0.0, challenge.seconds)
    opening = await proof.take(gpu.commit(challenge), 1.0, chance.randrange)
    assert isinstance(opening, ProofOpen)
    return proof, gpu, opening


def code(proof: GpuProof) -> str:
    assert proof.verdict is not None
    return proof.verdict.code


async def test_a_commitment_after_the_opening_is_refused() -> None:
    proof, gpu, _ = await opened()
    again = await proof.take(gpu.commit(proof.challenge), 2.0, random.Random(5).randrange)
    assert again is None
    assert code(proof) == "second_commitment"


async def test_a_commitment_to_another_challenge_is_refused() -> None:
    gpu, chance = Gpu(KEY), random.Random(4)
    one, other = challenge_of(chance), challenge_of(chance)
    proof = GpuProof(str(KEY.pubkey()), one, 0.0, 60.0)
    assert await proof.take(gpu.commit(other), 1.0, chance.randrange) is None
    assert code(proof) == "wrong_challenge"


async def test_a_commitment_of_too_few_sweeps_is_refused() -> None:
    gpu, chance = Gpu(KEY), random.Random(4)
    challenge = challenge_of(chance)
    proof = GpuProof(str(KEY.pubkey()), challenge, 0.0, 60.0)
    commit = gpu.commit(challenge)
    short = gpu.signed(commit.model_copy(update={"sweeps": commit.sweeps[1:]}))
    assert await proof.take(short, 1.0, chance.randrange) is None
    assert code(proof) == "wrong_shape"


async def test_a_card_that_has_to_compute_everything_twice_is_too_late() -> None:
    gpu, chance = Gpu(KEY), random.Random(4)
    challenge = challenge_of(chance, seconds=10)
    proof = GpuProof(str(KEY.pubkey()), challenge, 100.0, 110.0)
    assert await proof.take(gpu.commit(challenge), 110.1, chance.randrange) is None
    assert proof.verdict is not None
    assert (proof.verdict.code, proof.verdict.detail) == (
        "late",
        "the commitment took 10.1 s of 10 s",
    )


def halves(gpu: Gpu, whole: ProofRows) -> list[ProofRows]:
    """The same rows in two parts."""
    rows = [whole.rows[:3], whole.rows[3:]]
    return [
        gpu.signed(whole.model_copy(update={"part": part, "parts": 2, "rows": one}))
        for part, one in enumerate(rows)
    ]


async def test_rows_in_two_parts_are_put_together() -> None:
    proof, gpu, opening = await opened()
    for part in reversed(halves(gpu, gpu.open(proof.challenge, opening)[0])):
        assert proof.verdict is None
        await proof.take(part, 2.0, random.Random(1).randrange)
    assert code(proof) == "passed"


async def test_parts_that_do_not_fit_together_are_refused() -> None:
    proof, gpu, opening = await opened()
    parts = halves(gpu, gpu.open(proof.challenge, opening)[0])
    other = gpu.signed(parts[1].model_copy(update={"parts": 9}))
    await proof.take(parts[0], 2.0, random.Random(1).randrange)
    await proof.take(other, 2.0, random.Random(1).randrange)
    assert code(proof) == "wrong_rows"


async def test_one_part_twice_is_refused() -> None:
    proof, gpu, opening = await opened()
    part = halves(gpu, gpu.open(proof.challenge, opening)[0])[0]
    for _ in range(2):
        await proof.take(part, 2.0, random.Random(1).randrange)
    assert code(proof) == "wrong_rows"


async def test_rows_before_a_commitment_are_refused() -> None:
    challenge = challenge_of(random.Random(1))
    proof = GpuProof(str(KEY.pubkey()), challenge, 0.0, 60.0)
    rows = ProofRows(challenge=challenge.challenge, part=0, parts=1, rows=[])
    await proof.take(rows, 1.0, random.Random(1).randrange)
    assert code(proof) == "no_commitment"


async def test_rows_that_never_come_are_a_failure() -> None:
    proof, _, _ = await opened()
    proof.overdue(proof.deadline)
    assert proof.verdict is None
    proof.overdue(proof.deadline + 0.1)
    assert code(proof) == "no_rows"
