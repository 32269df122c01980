"""GPUs that prove themselves, and those that cheat, over the frames of the protocol."""

from __future__ import annotations

import base64
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from solders.keypair import Keypair

from iog_client.gpuproof import picks
from iog_client.gpuproof.sizes import Size
from iog_client.gpuproof.verify import seed_of
from iog_client.protocol import ProofChallenge, ProofCommit, ProofOpen, ProofRow, ProofRows
from iog_client.protocol.proofs import signed_bytes
from iog_orchestrator.core.proof_round import GpuProof
from iog_worker.gpuproof import in_parts
from iog_worker.gpuproof_compute import NumpyDevice, Opened, Proof

CHECKS = 4
SMALL = Size(128, 16, 2, CHECKS)


def challenge_of(chance: random.Random, size: Size = SMALL, seconds: float = 60) -> ProofChallenge:
    """A challenge as the orchestrator draws it."""
    return ProofChallenge(
        challenge=f"{chance.getrandbits(256):064x}",
        session=f"{chance.getrandbits(128):032x}",
        gpu="GPU-1",
        simulated=True,
        rows=size.rows,
        width=size.width,
        sweeps=size.sweeps,
        checks=size.checks,
        seconds=seconds,
    )


class Gpu:
    """An honest GPU: its answer to one challenge, signed by the device."""

    def __init__(self, key: Keypair, chance: random.Random | None = None) -> None:
        self.key = key
        self.chance = chance or random.Random(0)
        self.proof: Proof

    def computes(self, challenge: ProofChallenge) -> Proof:
        """What it computes; a cheat computes something else."""
        size = picks.size_of(challenge)
        return Proof(seed_of(str(self.key.pubkey()), challenge, size), size, NumpyDevice())

    def commit(self, challenge: ProofChallenge) -> ProofCommit:
        self.proof = self.computes(challenge)
        roots = [root.hex() for root in self.proof.commit()]
        return self.signed(
            ProofCommit(challenge=challenge.challenge, layers=roots[:2], sweeps=roots[2:])
        )

    def open(self, challenge: ProofChallenge, opening: ProofOpen) -> list[ProofRows]:
        wanted = picks.needed(opening, picks.size_of(challenge))
        rows = [self.row(*one) for one in self.proof.opened(wanted)]
        return [self.signed(part) for part in in_parts(challenge.challenge, rows)]

    def row(self, layer: int, index: int, data: bytes, path: Sequence[bytes]) -> ProofRow:
        encoded = base64.b64encode(data).decode()
        return ProofRow(layer=layer, index=index, data=encoded, path=b"".join(path).hex())

    def signed(self, frame: Any) -> Any:
        signature = str(self.key.sign_message(signed_bytes(frame)))
        return frame.model_copy(update={"signature": signature})


class _Skipping(Proof):
    """Leaves out a share of the rows, or of the entries, of each product."""

    share = 0.0
    by_rows = True
    chance = random.Random(0)

    def _multiplied(self, state: bytes, left: Any) -> Any:
        layer = super()._multiplied(state, left)
        garbage = np.random.default_rng(self.chance.getrandbits(64))
        count = self._size.rows if self.by_rows else self._size.rows * self._size.width
        skipped = garbage.permutation(count)[: round(self.share * count)]
        flat = layer if self.by_rows else layer.reshape(-1)
        flat[skipped] = garbage.integers(-15, 16, flat[skipped].shape, dtype=np.int8)
        return layer


class Skips(Gpu):
    """Computes all but a share of the rows, or of the entries, and guesses those."""

    def __init__(
        self, key: Keypair, chance: random.Random, share: float, *, by_rows: bool = True
    ) -> None:
        super().__init__(key, chance)
        self.share, self.by_rows = share, by_rows

    def computes(self, challenge: ProofChallenge) -> Proof:
        size = picks.size_of(challenge)
        found = _Skipping(seed_of(str(self.key.pubkey()), challenge, size), size, NumpyDevice())
        found.share, found.by_rows, found.chance = self.share, self.by_rows, self.chance
        return found


class _NoSweeps(Proof):
    def _sweep(self, state: bytes) -> bytes:
        return bytes(
            random.Random(state).choices([*range(16), *range(241, 256)], k=self._size.rows)
        )


class SkipsSweeps(Gpu):
    """Computes the products and forgets them: its sweeps are guesses."""

    def computes(self, challenge: ProofChallenge) -> Proof:
        size = picks.size_of(challenge)
        return _NoSweeps(seed_of(str(self.key.pubkey()), challenge, size), size, NumpyDevice())


class Smaller(Gpu):
    """Has memory for half the matrix, and answers with a whole proof of that."""

    def computes(self, challenge: ProofChallenge) -> Proof:
        size = picks.size_of(challenge)
        half = Size(size.rows // 2, size.width, size.sweeps, size.checks)
        return Proof(seed_of(str(self.key.pubkey()), challenge, half), half, NumpyDevice())

    def open(self, challenge: ProofChallenge, opening: ProofOpen) -> list[ProofRows]:
        size = picks.size_of(challenge)
        rows = []
        for layer, index in picks.needed(opening, size):
            there = index % (picks.rows_of(layer, size) // 2)
            ((_, _, data, path),) = self.proof.opened([(layer, there)])
            rows.append(self.row(layer, index, data, path))
        return [self.signed(part) for part in in_parts(challenge.challenge, rows)]


class Precomputed(Gpu):
    """Computed an answer before it was asked, to a challenge of its own making."""

    def __init__(self, key: Keypair, chance: random.Random) -> None:
        super().__init__(key, chance)
        self.guess = challenge_of(chance)

    def computes(self, challenge: ProofChallenge) -> Proof:
        return super().computes(self.guess)


class Borrowed(Gpu):
    """Has the answer computed by another node, for that one's key."""

    def __init__(self, key: Keypair, other: Keypair) -> None:
        super().__init__(key)
        self.other = Gpu(other)

    def computes(self, challenge: ProofChallenge) -> Proof:
        return self.other.computes(challenge)


class Replaying(Gpu):
    """Passes on another node's frames as they are."""

    def __init__(self, key: Keypair, other: Keypair) -> None:
        super().__init__(key)
        self.other = Gpu(other)

    def commit(self, challenge: ProofChallenge) -> ProofCommit:
        return self.other.commit(challenge)

    def open(self, challenge: ProofChallenge, opening: ProofOpen) -> list[ProofRows]:
        return self.other.open(challenge, opening)


class Corrects(Skips):
    """Skips everything; computes the places only once it knows them."""

    def open(self, challenge: ProofChallenge, opening: ProofOpen) -> list[ProofRows]:
        honest = Gpu(self.key)
        honest.commit(challenge)
        wanted = picks.needed(opening, picks.size_of(challenge))
        right = {(layer, index): data for layer, index, data, _ in honest.proof.opened(wanted)}
        rows = [
            self.row(layer, index, right[layer, index], path)
            for layer, index, _, path in self.proof.opened(wanted)
        ]
        return [self.signed(part) for part in in_parts(challenge.challenge, rows)]


class Edits(Gpu):
    """Does something to the rows that it opens."""

    def __init__(self, key: Keypair, edit: Any) -> None:
        super().__init__(key)
        self.edit = edit

    def open(self, challenge: ProofChallenge, opening: ProofOpen) -> list[ProofRows]:
        rows = [row for part in super().open(challenge, opening) for row in part.rows]
        return [self.signed(part) for part in in_parts(challenge.challenge, self.edit(rows))]


async def judged(gpu: Gpu, chance: random.Random, size: Size = SMALL) -> GpuProof:
    """One GPU through a whole proof, against the orchestrator's own verifier."""
    challenge = challenge_of(chance, size)
    proof = GpuProof(str(gpu.key.pubkey()), challenge, 0.0, challenge.seconds)
    opening = await proof.take(gpu.commit(challenge), 1.0, chance.randrange)
    if isinstance(opening, ProofOpen):
        for part in gpu.open(challenge, opening):
            await proof.take(part, 2.0, chance.randrange)
    return proof


__all__ = [
    "CHECKS",
    "SMALL",
    "Borrowed",
    "Corrects",
    "Edits",
    "Gpu",
    "Opened",
    "Precomputed",
    "Replaying",
    "Skips",
    "SkipsSweeps",
    "Smaller",
    "challenge_of",
    "judged",
]
