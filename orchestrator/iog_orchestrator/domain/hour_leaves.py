"""Everyone's cumulative reward as columns, the tree over it, and proofs of it by place; no I/O.

Leaves stand in the order of their wallets' bytes, as `iog_client.merkle` has them, and give the
same tree. A level is one byte string of hashes, 32 bytes each, so that a million leaves with all
levels above take 64 MB; `Work` maps a function over slices, in this process or in several.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from solders.pubkey import Pubkey

from iog_client.merkle import LEAF_TAG, MAX_LEAVES

HASH = 32
RECORD = np.dtype([("wallet", "V32"), ("cumulative", "<u8")])
"""A leaf in 40 bytes: the wallet's key, and its cumulative reward in base units."""


class Work(Protocol):
    """Applies a function to consecutive ranges of rows; the results in their order."""

    def __call__(
        self, function: Callable[[int, int], bytes], rows: int, unit: int = 1
    ) -> list[bytes]: ...


def here(function: Callable[[int, int], bytes], rows: int, unit: int = 1) -> list[bytes]:
    """`Work` in this process, in one range."""
    return [function(0, rows)]


@dataclass(frozen=True, slots=True)
class Leaves:
    """Wallets (n, 32 bytes, ascending) and what each has earned by now."""

    wallets: NDArray[np.uint8]
    cumulative: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.cumulative)

    @property
    def total(self) -> int:
        """All that was ever earned; iog_rewards keeps it below 2^64, and so does the emission."""
        return int(self.cumulative.sum(dtype=np.uint64))

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, int]]) -> "Leaves":
        """From wallets in base58, sorted."""
        both = list(pairs)
        wallets = np.frombuffer(raw([wallet for wallet, _ in both]), np.uint8)
        amounts = np.array([amount for _, amount in both], np.uint64)
        return cls(wallets.reshape(-1, HASH), amounts)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Leaves":
        """From records of 40 bytes."""
        records = np.frombuffer(data, RECORD)
        wallets = records["wallet"].copy().view(np.uint8).reshape(-1, HASH)
        return cls(wallets, records["cumulative"].astype(np.uint64))

    def to_bytes(self) -> bytes:
        """As records of 40 bytes."""
        records = np.empty(len(self), RECORD)
        records["wallet"] = np.ascontiguousarray(self.wallets).view("V32").reshape(-1)
        records["cumulative"] = self.cumulative
        return records.tobytes()

    def plus(self, wallets: bytes, amounts: NDArray[np.uint64]) -> "Leaves":
        """With amounts added to wallets (32 bytes each), in any order and any number of times."""
        if not len(amounts):
            return self
        added = np.frombuffer(wallets, np.uint8).reshape(-1, HASH)
        key = np.concatenate([self.wallets, added])
        amount = np.concatenate([self.cumulative, amounts])
        order, first = _sorted(key)
        return Leaves(key[order[first]], np.add.reduceat(amount[order], first))

    def levels(self, distributor: str, work: Work = here) -> list[bytes]:
        """The tree: leaf hashes first, the root last.

        Raises:
            ValueError: there are no leaves, or more than 2^23.
        """
        if not 1 <= len(self) <= MAX_LEAVES:
            raise ValueError(f"{len(self)} leaves; 1 to {MAX_LEAVES} are accepted")
        start = sha256(LEAF_TAG + raw([distributor]))
        body = np.empty((len(self), HASH + 8), np.uint8)
        body[:, :HASH] = self.wallets
        body[:, HASH:] = self.cumulative.astype("<u8").view(np.uint8).reshape(-1, 8)
        rows = body.tobytes()

        def hashes(begin: int, end: int) -> bytes:
            made = []
            for at in range(begin * 40, end * 40, 40):
                inner = start.copy()
                inner.update(rows[at : at + 40])
                made.append(sha256(b"\0" + inner.digest()).digest())
            return b"".join(made)

        levels = [b"".join(work(hashes, len(self)))]
        while len(levels[-1]) > HASH:
            levels.append(_above(levels[-1], work))
        return levels


def proof(sibling: Callable[[int, int], bytes], count: int, at: int) -> list[bytes]:
    """The siblings from leaf `at` of `count` up to the root; `sibling(level, place)` gives a
    hash."""
    found, level = [], 0
    while count > 1:
        if (beside := at ^ 1) < count:
            found.append(sibling(level, beside))
        at, count, level = at >> 1, (count + 1) >> 1, level + 1
    return found


def raw(addresses: Sequence[str]) -> bytes:
    """The 32 bytes of each base58 address, one after the other."""
    read = Pubkey.from_string
    return b"".join([bytes(read(one)) for one in addresses])


def _sorted(keys: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order of keys (n, 32 bytes), and where in it each different one begins."""
    limbs = np.ascontiguousarray(keys).view(">u8").astype(np.uint64)
    order = np.argsort(limbs[:, 0])
    differs = _differs(limbs[order])
    # keys that share their first 8 bytes and nothing else are as good as never met
    if (differs[:, 1:].any(axis=1) & ~differs[:, 0]).any():
        order = np.lexsort((limbs[:, 3], limbs[:, 2], limbs[:, 1], limbs[:, 0]))
        differs = _differs(limbs[order])
    return order, np.flatnonzero(np.append(True, differs.any(axis=1)))


def _differs(limbs: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """For each key but the first, which of its parts are not those of the key before it."""
    differs: NDArray[np.bool_] = limbs[1:] != limbs[:-1]
    return differs


def _above(level: bytes, work: Work) -> bytes:
    """The level over one: `iog_client.merkle.parent` of each two; the last of an odd number is
    carried up."""
    pairs = len(level) // (2 * HASH)

    def parents(begin: int, end: int) -> bytes:
        made = []
        for at in range(begin * 64, end * 64, 64):
            left, right = level[at : at + 32], level[at + 32 : at + 64]
            both = b"\1" + left + right if left < right else b"\1" + right + left
            made.append(sha256(both).digest())
        return b"".join(made)

    return b"".join([*work(parents, pairs), level[pairs * 2 * HASH :]])
