"""A worker's answers to GPU challenges: its own process computes, the device key signs."""

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from iog_client.gpuproof import matrices, picks
from iog_client.gpuproof.sizes import Size
from iog_client.gpuproof.verify import verify
from iog_client.protocol import (
    Frame,
    ProofChallenge,
    ProofCommit,
    ProofRefused,
    ProofRows,
    ProofVerdict,
)
from iog_worker.gpuproof_compute import NumpyDevice, Proof
from iog_worker.testing import assignment, spec_of

if TYPE_CHECKING:
    from .conftest import Bench

SIZE = Size(384, 64, 4, 8)


def challenge(bench: "Bench", gpu: int = 0, uuid: str = "", **changes: object) -> ProofChallenge:
    assert bench.orchestrator.hello is not None
    values: dict[str, object] = {
        "challenge": f"{gpu:02x}" * 32,
        "session": bench.orchestrator.hello.nonce,
        "gpu": uuid or bench.hardware.gpus[gpu].uuid,
        "simulated": True,
        "rows": SIZE.rows,
        "width": SIZE.width,
        "sweeps": SIZE.sweeps,
        "checks": SIZE.checks,
        "seconds": 60.0,
    }
    return ProofChallenge.model_validate({**values, **changes})


async def heard(bench: "Bench", kind: type[Frame], count: int = 1) -> list[Frame]:
    """The frames of a kind, once there are so many."""
    said = bench.orchestrator.proofs

    def of_kind() -> list[Frame]:
        return [one for one in said if isinstance(one, kind)]

    await bench.orchestrator.until(lambda: len(of_kind()) >= count)
    return of_kind()


async def refusal(bench: "Bench", asked: ProofChallenge) -> ProofRefused:
    await bench.orchestrator.send(asked)
    found = (await heard(bench, ProofRefused))[0]
    assert isinstance(found, ProofRefused)
    return found


async def test_each_gpu_proves_itself(bench: "Bench") -> None:
    await bench.start()
    asked = [challenge(bench, gpu) for gpu in (0, 1)]
    for one in asked:
        await bench.orchestrator.send(one)
    commits = {one.challenge: one for one in await heard(bench, ProofCommit, 2)}  # type: ignore[attr-defined]
    openings = {one.challenge: picks.draw(one, random.Random(1).randrange) for one in asked}
    for opening in openings.values():
        await bench.orchestrator.send(opening)
    parts = await heard(bench, ProofRows, 2 * 2)
    for one in asked:
        mine = [part for part in parts if part.challenge == one.challenge]  # type: ignore[attr-defined]
        found = verify(
            bench.facts.device,
            one,
            commits[one.challenge],  # type: ignore[arg-type]
            openings[one.challenge],
            mine,  # type: ignore[arg-type]
        )
        assert found.passed, found.detail
    await bench.orchestrator.send(ProofVerdict(challenge="00" * 32, passed=True, detail="right"))
    assert bench.orchestrator.connections == 1


async def test_a_challenge_of_another_connection_is_refused(bench: "Bench") -> None:
    await bench.start()
    found = await refusal(bench, challenge(bench, session="ab" * 16))
    assert (found.busy, found.detail) == (False, "the challenge is of another connection")


async def test_a_challenge_of_a_gpu_that_is_not_here_is_refused(bench: "Bench") -> None:
    await bench.start()
    found = await refusal(bench, challenge(bench, uuid="GPU-9"))
    assert found.detail == "this node has no GPU GPU-9"


async def test_simulated_gpus_take_no_challenge_for_real_ones(bench: "Bench") -> None:
    await bench.start()
    found = await refusal(bench, challenge(bench, simulated=False))
    assert found.detail == "real GPUs and simulated ones prove different sizes"


async def test_a_size_that_cannot_be_is_refused(bench: "Bench") -> None:
    await bench.start()
    found = await refusal(bench, challenge(bench, rows=100))
    assert found.detail == "100 rows; multiples of the width to 67108864 are accepted"


async def test_a_proof_that_takes_too_long_is_given_up(bench: "Bench") -> None:
    await bench.start()
    found = await refusal(bench, challenge(bench, seconds=0.001))
    assert found.detail == "not done within 0 s"


async def test_a_proof_larger_than_its_bounds_fails_alone(bench: "Bench") -> None:
    await bench.start()
    # 16 GiB, of which a proof without CUDA is given two
    found = await refusal(bench, challenge(bench, rows=16_384 * 64, width=8192))
    assert "MemoryError" in found.detail
    await bench.orchestrator.send(challenge(bench, gpu=1))
    await heard(bench, ProofCommit)


async def test_a_node_with_a_job_is_busy(bench: "Bench") -> None:
    await bench.start()
    spec = spec_of(["sleep", "30"])
    told = await bench.orchestrator.assign(assignment(spec))
    await bench.orchestrator.until(lambda: bool(told.states))
    found = await refusal(bench, challenge(bench))
    assert (found.busy, found.detail) == (True, "a job has the GPUs")


async def test_a_lost_connection_ends_the_proof(bench: "Bench") -> None:
    await bench.start()
    await bench.orchestrator.send(challenge(bench, rows=64 * 8192, sweeps=1000))
    before = bench.orchestrator.connections
    await bench.orchestrator.disconnect()
    await bench.orchestrator.until(lambda: bench.orchestrator.connections > before)
    await bench.orchestrator.send(challenge(bench, gpu=1))
    commits = await heard(bench, ProofCommit)
    assert [one.challenge for one in commits] == ["01" * 32]  # type: ignore[attr-defined]


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 12),
    blocks=st.integers(1, 6),
    sweeps=st.integers(1, 3),
    block=st.integers(1, 200),
)
def test_a_proof_is_the_model_in_whole_numbers(
    width: int, blocks: int, sweeps: int, block: int
) -> None:
    size, device = Size(width * blocks, width, sweeps, 1), NumpyDevice()
    device.block = block
    seed = bytes(Keypair.from_seed(b"m" * 32).pubkey())
    proof = Proof(seed, size, device)
    roots = proof.commit()
    state, layer = seed, None
    layers = []
    for root in roots[:2]:
        if layer is None:
            rows = matrices.keys(state, "layer rows", size.rows)
            layer = matrices.mix(rows, matrices.keys(state, "layer columns", width)).tolist()
        right = matrices.mix(
            matrices.keys(state, "multiplier rows", width),
            matrices.keys(state, "multiplier columns", width),
        ).tolist()
        flat = [
            matrices.reduce(sum(row[k] * right[k][column] for k in range(width)))
            for column in range(width)
            for row in layer
        ]
        layer = [flat[at : at + width] for at in range(0, len(flat), width)]
        layers.append(layer)
        state = matrices.advance(state, root)
    for sweep in range(sweeps):
        vector = matrices.sweep_vector(state, width).tolist()
        sums = [
            matrices.reduce(
                sum(a * b for a, b in zip([*layers[0][i], *layers[1][i]], vector, strict=True))
            )
            for i in range(size.rows)
        ]
        found = [proof.opened([(3 + sweep, index)])[0][2] for index in range(blocks)]
        assert b"".join(found) == bytes(value & 255 for value in sums)
        state = matrices.advance(state, roots[2 + sweep])
    for number, expected in enumerate(layers, 1):
        for index, row in enumerate(expected):
            assert proof.opened([(number, index)])[0][2] == bytes(value & 255 for value in row)


@pytest.mark.parametrize("kind", ["cuda"])
def test_a_machine_without_pytorch_says_what_to_install(kind: str) -> None:
    pytest.importorskip("numpy")
    try:
        import torch  # noqa: F401
    except ImportError:
        from iog_worker.gpuproof_process import device

        with pytest.raises(RuntimeError, match=r"install `iog\[gpu\]`"):
            device(kind)
