"""The GPU proof on the processor: each step's time for simulated sizes and one larger, and what the
verifier recomputes for the largest real one.

Where there is a GPU, `make test-gpu` computes a proof there.
"""

import base64
import os
import secrets
import subprocess
import sys
from time import perf_counter

import numpy as np
from solders.keypair import Keypair

from iog_client.gpuproof import matrices, picks, sizes, verify
from iog_client.gpuproof.sizes import Size
from iog_client.protocol import ProofChallenge, ProofCommit, ProofRow
from iog_client.protocol.proofs import signed_bytes
from iog_worker.gpuproof import in_parts
from iog_worker.gpuproof_compute import NumpyDevice, Proof

LARGER = Size(8 * 1024, 1024, 8, sizes.CHECKS)
REPEATS = 5


def main() -> None:
    """Measure in a process whose NumPy takes one thread, as a worker's process for proofs does."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "bench.gpu_proof"], env=environment, check=True)


def measure() -> None:
    """Print a line for each size."""
    for slug in ("rtx-3070", "h100-pcie", "b200"):
        size = sizes.size_of(sizes.memory_of(slug), simulated=True)
        print(f"gpu proof, simulated {slug}: {_line(size, REPEATS)}")
    print(f"gpu proof, width {LARGER.width}: {_line(LARGER, 1)}")
    for slug in ("h100-pcie", "b200"):
        size = sizes.size_of(sizes.memory_of(slug), simulated=False)
        best = min(_recomputed(size) for _ in range(REPEATS))
        print(
            f"gpu proof, what the verifier recomputes for a {slug} "
            f"({size.memory >> 30} GiB, {3 * size.checks} places): {best:.2f} s"
        )


def _line(size: Size, repeats: int) -> str:
    runs = [_whole(size) for _ in range(repeats)]
    commit, opened, judged, sent = (min(values) for values in zip(*runs, strict=True))
    return (
        f"{size.memory / 1024:.0f} KiB; commit {commit * 1000:.0f} ms, "
        f"open {opened * 1000:.1f} ms, verify {judged * 1000:.1f} ms, {sent / 1024:.0f} KiB sent"
    )


def _whole(size: Size) -> tuple[float, float, float, float]:
    """Seconds to commit, to open, to verify; bytes of the rows' frames."""
    key = Keypair()
    device = str(key.pubkey())
    challenge = ProofChallenge(
        challenge=secrets.token_hex(32),
        session=secrets.token_hex(16),
        gpu="bench",
        simulated=True,
        rows=size.rows,
        width=size.width,
        sweeps=size.sweeps,
        checks=size.checks,
        seconds=60,
    )
    began = perf_counter()
    proof = Proof(verify.seed_of(device, challenge, size), size, NumpyDevice())
    roots = [root.hex() for root in proof.commit()]
    committed = perf_counter()
    commit = ProofCommit(challenge=challenge.challenge, layers=roots[:2], sweeps=roots[2:])
    opening = picks.draw(challenge, secrets.randbelow)
    rows = [
        ProofRow(
            layer=layer,
            index=index,
            data=base64.b64encode(data).decode(),
            path=b"".join(path).hex(),
        )
        for layer, index, data, path in proof.opened(picks.needed(opening, size))
    ]
    parts = [
        part.model_copy(update={"signature": str(key.sign_message(signed_bytes(part)))})
        for part in in_parts(challenge.challenge, rows)
    ]
    opened = perf_counter()
    signature = str(key.sign_message(signed_bytes(commit)))
    found = verify.verify(
        device, challenge, commit.model_copy(update={"signature": signature}), opening, parts
    )
    judged = perf_counter()
    assert found.passed, found.detail
    sent = sum(len(part.to_json()) for part in parts)
    return committed - began, opened - committed, judged - opened, sent


def _recomputed(size: Size) -> float:
    """Seconds for all words, entries and sums that the verifier needs; hashing of rows apart."""
    state, width, checks = secrets.token_bytes(32), size.width, size.checks
    began = perf_counter()
    rows = matrices.keys(state, "layer rows", size.rows)
    columns = matrices.keys(state, "layer columns", width)
    left = matrices.mix(rows[: 2 * checks], columns)
    for stage in (left[:checks], left[checks:]):
        multiplier = matrices.keys(state, "multiplier rows", width)
        right = matrices.mix(multiplier, matrices.keys(state, "columns", width)[:checks])
        np.einsum("ck,kc->c", stage.astype(np.int64), right.astype(np.int64))
    for number in range(checks):
        vector = matrices.sweep_vector(bytes([number]) * 32, width).astype(np.int64)
        left[number].astype(np.int64) @ vector[:width]
        left[number].astype(np.int64) @ vector[width:]
    return perf_counter() - began


if __name__ == "__main__":
    measure()
