"""The GPU proof on CUDA, by PyTorch (extra `gpu`): the same bytes as `NumpyDevice` gives.

Words are int32 here, since PyTorch has no arithmetic on unsigned ones: sums and products wrap
alike, and a shift to the right is masked. Products are fp32 without TF32: integers below 2^24 are
then exact by IEEE 754, whatever the order of a sum.
"""

from __future__ import annotations

from typing import Any

import torch

from iog_client.gpuproof.sizes import LARGEST, MODULUS


class TorchDevice:
    """One GPU, or the processor where a test says so. Raises `RuntimeError` if it is not there."""

    block = 1 << 24

    def __init__(self, name: str = "cuda:0") -> None:
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.set_grad_enabled(False)
        self._device = torch.device(name)
        if self._device.type == "cuda" and not torch.cuda.is_available():
            raise RuntimeError("PyTorch finds no CUDA device")

    def layer(self, rows: int, width: int) -> Any:
        return torch.empty((rows, width), dtype=torch.int8, device=self._device)

    def mix(self, rows: Any, columns: Any) -> Any:
        r, c = self._words(rows), self._words(columns)
        h = r[:, 0, None] + c[None, :, 0]
        _finish(h)
        h ^= r[:, 1, None] + c[None, :, 1]
        _finish(h)
        h = _right(h, 16)
        h *= MODULUS
        h >>= 16
        h -= LARGEST
        return h.to(torch.float32)

    def product(self, left: Any, right: Any) -> Any:
        return _reduced(left @ right)

    def as_floats(self, entries: Any) -> Any:
        return entries.to(torch.float32)

    def swept(self, first: Any, second: Any, vectors: Any) -> bytes:
        width = first.shape[1]
        sums = first.to(torch.float32) @ vectors[:width]
        sums += second.to(torch.float32) @ vectors[width:]
        return bytes(_reduced(sums).cpu().numpy().tobytes())

    def to_host(self, rows: Any) -> memoryview:
        return memoryview(rows.cpu().numpy().tobytes())

    def _words(self, words: Any) -> Any:
        # a copy: the words lie in a buffer that nobody may write to
        return torch.from_numpy(words.view("<i4").copy()).to(self._device)


def _reduced(sums: Any) -> Any:
    whole = sums.to(torch.int32)
    whole += LARGEST
    whole = torch.remainder(whole, MODULUS)
    whole -= LARGEST
    return whole.to(torch.int8)


def _right(h: Any, bits: int) -> Any:
    """A shift of unsigned words."""
    return (h >> bits) & ((1 << (32 - bits)) - 1)


def _finish(h: Any) -> None:
    h ^= _right(h, 16)
    h *= 0x85EBCA6B - (1 << 32)
    h ^= _right(h, 13)
    h *= 0xC2B2AE35 - (1 << 32)
    h ^= _right(h, 16)
