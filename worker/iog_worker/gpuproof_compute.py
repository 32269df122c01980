"""Computes a GPU proof: two products over most of a GPU's memory, then sweeps over both layers.

What runs where is the `Device`'s: NumPy here, PyTorch on CUDA in `gpuproof_torch`. Both give the
same bytes, for all numbers are integers that fp32 holds exactly. Nothing here knows keys, frames or
the orchestrator; docs/gpu-proof.md has the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from iog_client.gpuproof import matrices
from iog_client.gpuproof.sizes import LARGEST, MODULUS, SWEPT, Size
from iog_client.gpuproof.tree import Leaves, RowTree

Array = Any
"""A matrix on a device: NumPy's or PyTorch's, which slice, reshape and transpose alike."""
Words = Any
Opened = tuple[int, int, bytes, list[bytes]]
"""Layer, index, row, path."""


class Device(Protocol):
    """Where a proof is computed. `block` is how many entries are worked on at a time."""

    block: int

    def layer(self, rows: int, width: int) -> Array:
        """Room for a layer: int8, shape (rows, width)."""
        ...

    def mix(self, rows: Words, columns: Words) -> Array:
        """`matrices.mix` there, as fp32."""
        ...

    def product(self, left: Array, right: Array) -> Array:
        """The product of two matrices of small integers in fp32, reduced, as int8."""
        ...

    def as_floats(self, entries: Array) -> Array:
        """int8 as fp32."""
        ...

    def swept(self, first: Array, second: Array, vectors: Array) -> bytes:
        """A block of both layers times a column vector for each (fp32, end to end), reduced."""
        ...

    def to_host(self, rows: Array) -> memoryview:
        """The bytes of whole rows."""
        ...


class NumpyDevice:
    """This machine's processor."""

    block = 1 << 20

    def layer(self, rows: int, width: int) -> Array:
        return np.empty((rows, width), dtype=np.int8)

    def mix(self, rows: Words, columns: Words) -> Array:
        return matrices.mix(rows, columns).astype(np.float32)

    def product(self, left: Array, right: Array) -> Array:
        return _reduced(left @ right)

    def as_floats(self, entries: Array) -> Array:
        return entries.astype(np.float32)

    def swept(self, first: Array, second: Array, vectors: Array) -> bytes:
        width = first.shape[1]
        sums = first.astype(np.float32) @ vectors[:width]
        sums += second.astype(np.float32) @ vectors[width:]
        return bytes(_reduced(sums).tobytes())

    def to_host(self, rows: Array) -> memoryview:
        return memoryview(rows.tobytes())


def _reduced(sums: Array) -> Array:
    whole = sums.astype(np.int32)
    whole += LARGEST
    whole %= MODULUS
    whole -= LARGEST
    return whole.astype(np.int8)


class Proof:
    """One GPU's answer to one challenge: `commit` first, then `opened`."""

    def __init__(self, seed: bytes, size: Size, device: Device) -> None:
        self._seed = seed
        self._size = size
        self._device = device
        self._layers: list[Array] = []
        self._sweeps: list[bytes] = []
        self._trees: list[RowTree] = []

    def commit(self) -> list[bytes]:
        """Compute all of it: the roots of layers 1 and 2, then of each sweep."""
        state = self._seed
        for compute in (self._first, self._second):
            self._layers.append(compute(state))
            self._trees.append(self._hashed(len(self._layers), self._layers[-1]))
            state = matrices.advance(state, self._trees[-1].root)
        for number in range(self._size.sweeps):
            self._sweeps.append(self._sweep(state))
            self._trees.append(self._hashed_sweep(number))
            state = matrices.advance(state, self._trees[-1].root)
        return [tree.root for tree in self._trees]

    def opened(self, wanted: Iterable[tuple[int, int]]) -> list[Opened]:
        """Rows by layer and index, each with its path."""
        return [
            (layer, index, self._row(layer, index), self._trees[layer - 1].path(index))
            for layer, index in wanted
        ]

    def _row(self, layer: int, index: int) -> bytes:
        width = self._size.width
        if layer >= SWEPT:
            return self._sweeps[layer - SWEPT][index * width : (index + 1) * width]
        return bytes(self._device.to_host(self._layers[layer - 1][index : index + 1]))

    def _blocks(self) -> Iterator[tuple[int, int]]:
        step = max(1, self._device.block // self._size.width)
        for begin in range(0, self._size.rows, step):
            yield begin, min(begin + step, self._size.rows)

    def _first(self, state: bytes) -> Array:
        size = self._size
        rows = matrices.keys(state, "layer rows", size.rows)
        columns = matrices.keys(state, "layer columns", size.width)
        return self._multiplied(
            state, (self._device.mix(rows[begin:end], columns) for begin, end in self._blocks())
        )

    def _second(self, state: bytes) -> Array:
        layer = self._layers[0]
        return self._multiplied(
            state, (self._device.as_floats(layer[begin:end]) for begin, end in self._blocks())
        )

    def _multiplied(self, state: bytes, left: Iterable[Array]) -> Array:
        """The next layer: the product's columns, end to end, cut into rows."""
        size = self._size
        # first, so that what does not fit fails before there was any work
        found = self._device.layer(size.rows, size.width)
        multiplier = self._device.mix(
            matrices.keys(state, "multiplier rows", size.width),
            matrices.keys(state, "multiplier columns", size.width),
        )
        columns = found.reshape(size.width, size.rows)
        for (begin, end), block in zip(self._blocks(), left, strict=True):
            columns[:, begin:end] = self._device.product(block, multiplier).T
        return found

    def _hashed(self, number: int, layer: Array) -> RowTree:
        width, leaves = self._size.width, Leaves(self._seed, number)
        found = []
        for begin, end in self._blocks():
            data = self._device.to_host(layer[begin:end])
            for index in range(begin, end):
                at = (index - begin) * width
                found.append(leaves.leaf(index, data[at : at + width]))
        return RowTree(found)

    def _sweep(self, state: bytes) -> bytes:
        first, second = self._layers
        width = self._size.width
        columns = matrices.keys(state, "sweep columns", 2 * width)
        vectors = self._device.mix(matrices.keys(state, "sweep row", 1), columns)[0]
        return b"".join(
            self._device.swept(first[begin:end], second[begin:end], vectors)
            for begin, end in self._blocks()
        )

    def _hashed_sweep(self, number: int) -> RowTree:
        width, data = self._size.width, memoryview(self._sweeps[number])
        leaves = Leaves(self._seed, SWEPT + number)
        return RowTree(
            leaves.leaf(index, data[index * width : (index + 1) * width])
            for index in range(self._size.rows // width)
        )
