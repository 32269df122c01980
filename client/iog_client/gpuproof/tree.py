"""The Merkle tree over a layer's rows.

leaf = sha256(0x00 | "iog-gpu-proof-row-v1" | seed | layer u32 LE | index u64 LE | row), inner =
sha256(0x01 | left | right); a node without a sibling is carried up. As in `iog_client.merkle`, but
a path goes left and right by the index and the count: were the children sorted, one tree could hold
several rows of one index, and its maker would open whichever suits.
"""

import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256

ROW_TAG = b"iog-gpu-proof-row-v1"


class Leaves:
    """Hashes rows of one layer; what all leaves share is hashed once."""

    def __init__(self, seed: bytes, layer: int) -> None:
        self._start = sha256(b"\0" + ROW_TAG + seed + struct.pack("<I", layer))

    def leaf(self, index: int, row: bytes | memoryview) -> bytes:
        """The leaf of a row."""
        found = self._start.copy()
        found.update(struct.pack("<Q", index))
        found.update(row)
        return found.digest()


class RowTree:
    """The tree over leaves in the order of their rows. Raises `ValueError` if there are none."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [list(leaves)]
        if not self._levels[0]:
            raise ValueError("a tree has at least one leaf")
        while len(level := self._levels[-1]) > 1:
            above = [
                sha256(b"\1" + level[at] + level[at + 1]).digest()
                for at in range(0, len(level) - 1, 2)
            ]
            if len(level) % 2:
                above.append(level[-1])
            self._levels.append(above)

    @property
    def root(self) -> bytes:
        """The hash that stands for the layer."""
        return self._levels[-1][0]

    def path(self, index: int) -> list[bytes]:
        """The siblings from a row's leaf up to the root."""
        found = []
        for level in self._levels[:-1]:
            if (sibling := index ^ 1) < len(level):
                found.append(level[sibling])
            index >>= 1
        return found


def leads_to(root: bytes, leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bool:
    """Whether `path` leads from the leaf at `index` of `count` to `root`, using all of it."""
    if not 0 <= index < count:
        return False
    node, left = leaf, list(reversed(path))
    while count > 1:
        if (index ^ 1) < count:
            if not left:
                return False
            sibling = left.pop()
            pair = sibling + node if index & 1 else node + sibling
            node = sha256(b"\1" + pair).digest()
        index, count = index >> 1, (count + 1) >> 1
    return not left and node == root
