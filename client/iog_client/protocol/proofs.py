"""Frames of the GPU proof (docs/gpu-proof.md): challenge, commitment, opening, verdict.

1. server -> `ProofChallenge`  what to compute on one GPU, from randomness drawn just now
2. worker -> `ProofCommit`     the roots of everything it computed, signed by the device
3. server -> `ProofOpen`       places drawn after the commitment came
4. worker -> `ProofRows`       the rows around those places with their paths, in parts, signed
5. server -> `ProofVerdict`    what came of it

`ProofRefused` stands for 2 or 4 where the worker cannot do it.
"""

import base64
import binascii
from typing import Annotated, Literal

from pydantic import Field

from iog_client.protocol.base import Frame, Nonce, Sha256, Signature, canonical

SIGN_TAG = b"iog-gpu-proof-frame-v1|"
ROWS_A_FRAME = 24
"""Rows of the largest width that one frame holds: under two thirds of `MAX_FRAME`."""
MAX_PARTS = 64

RowIndex = Annotated[int, Field(ge=0, lt=1 << 26)]
Column = Annotated[int, Field(ge=0, lt=1 << 14)]


class ProofChallenge(Frame):
    """Compute this on `gpu` (its UUID); the commitment has to be here within `seconds`.

    `challenge` is 32 random bytes, and names the proof in all later frames. `session` is the nonce
    of this connection's hello.
    """

    type: Literal["proof_challenge"] = "proof_challenge"
    challenge: Sha256
    session: Nonce
    gpu: Annotated[str, Field(max_length=100)]
    simulated: bool
    rows: Annotated[int, Field(ge=1, le=1 << 26)]
    width: Annotated[int, Field(ge=1, le=1 << 14)]
    sweeps: Annotated[int, Field(ge=1, le=1024)]
    checks: Annotated[int, Field(ge=1, le=64)]
    seconds: Annotated[float, Field(gt=0, le=86_400)]


class ProofCommit(Frame):
    """The roots of layers 1 and 2, and of each sweep's result, in their order."""

    type: Literal["proof_commit"] = "proof_commit"
    challenge: Sha256
    layers: Annotated[list[Sha256], Field(min_length=2, max_length=2)]
    sweeps: Annotated[list[Sha256], Field(min_length=1, max_length=1024)]
    signature: Signature = "1" * 64


class ProofOpen(Frame):
    """Entries (row, column) of layer 1 and of layer 2, and (sweep, row) of the sweeps."""

    type: Literal["proof_open"] = "proof_open"
    challenge: Sha256
    first: Annotated[list[tuple[RowIndex, Column]], Field(max_length=64)]
    second: Annotated[list[tuple[RowIndex, Column]], Field(max_length=64)]
    swept: Annotated[list[tuple[Column, RowIndex]], Field(max_length=64)]


class ProofRow(Frame):
    """A row of layer 1, 2 or, for sweep r, 3 + r: one byte an entry, signed, base64; siblings from
    its leaf up, hex, end to end."""

    layer: Annotated[int, Field(ge=1, le=1026)]
    index: RowIndex
    data: Annotated[str, Field(max_length=21_848)]
    path: Annotated[str, Field(max_length=64 * 26, pattern=r"^([0-9a-f]{64})*$")]

    def entries(self) -> bytes:
        """The row's bytes. Raises `ValueError`."""
        try:
            return base64.b64decode(self.data, validate=True)
        except binascii.Error as error:
            raise ValueError(f"row {self.index} of layer {self.layer} is not base64") from error

    def siblings(self) -> list[bytes]:
        """The path."""
        raw = bytes.fromhex(self.path)
        return [raw[at : at + 32] for at in range(0, len(raw), 32)]


class ProofRows(Frame):
    """Part `part` of `parts` (counted from 0) of the rows that the opening needs."""

    type: Literal["proof_rows"] = "proof_rows"
    challenge: Sha256
    part: Annotated[int, Field(ge=0, lt=MAX_PARTS)]
    parts: Annotated[int, Field(ge=1, le=MAX_PARTS)]
    rows: Annotated[list[ProofRow], Field(max_length=ROWS_A_FRAME)]
    signature: Signature = "1" * 64


class ProofRefused(Frame):
    """The worker does not prove: `busy` while a job has its GPUs, else for a reason of its own."""

    type: Literal["proof_refused"] = "proof_refused"
    challenge: Sha256
    busy: bool = False
    detail: Annotated[str, Field(max_length=300)]


class ProofVerdict(Frame):
    """What came of a proof; `detail` says what was found."""

    type: Literal["proof_verdict"] = "proof_verdict"
    challenge: Sha256
    passed: bool
    detail: Annotated[str, Field(max_length=300)]


def signed_bytes(frame: ProofCommit | ProofRows) -> bytes:
    """What the device signs of a frame: all of it but the signature."""
    return SIGN_TAG + canonical(frame.model_dump(mode="json", exclude={"signature"}))
