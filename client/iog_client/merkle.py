"""The Merkle tree over everyone's cumulative reward, as iog_rewards checks it; no I/O here.

Leaf = sha256(0x00 | sha256("iog-reward-v1" | distributor | wallet | cumulative u64 LE)); inner node
= sha256(0x01 | min | max) of its two children. Leaves stand in the order of their wallets' bytes,
one a wallet; a node without a sibling is carried up unchanged, so its proof skips that level.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from solders.pubkey import Pubkey

LEAF_TAG = b"iog-reward-v1"
MAX_DEPTH = 23
MAX_LEAVES = 1 << MAX_DEPTH


def leaf(distributor: Pubkey, wallet: Pubkey, cumulative: int) -> bytes:
    """The leaf hash of one wallet's cumulative reward in base units.

    Raises:
        OverflowError: `cumulative` is not a u64.
    """
    inner = LEAF_TAG + bytes(distributor) + bytes(wallet) + cumulative.to_bytes(8, "little")
    return sha256(b"\0" + sha256(inner).digest()).digest()


def parent(left: bytes, right: bytes) -> bytes:
    """The hash over two children, whichever side they stand on."""
    return sha256(b"\1" + left + right if left < right else b"\1" + right + left).digest()


def verify(root: bytes, leaf_hash: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` leads from `leaf_hash` to `root`."""
    if len(proof) > MAX_DEPTH:
        return False
    node = leaf_hash
    for sibling in proof:
        node = parent(node, sibling)
    return node == root


def root(distributor: Pubkey, pairs: Iterable[tuple[bytes, int]]) -> bytes | None:
    """The root over wallets (32 bytes) and cumulative rewards that stand in the order of the
    wallets; None of none. Holds as many hashes as the tree is high."""
    waiting: list[tuple[int, bytes]] = []
    for hashed in _each_leaf(bytes(distributor), pairs):
        level, node = 0, hashed
        while waiting and waiting[-1][0] == level:
            level, node = level + 1, parent(waiting.pop()[1], node)
        waiting.append((level, node))
    if not waiting:
        return None
    _, node = waiting.pop()
    while waiting:
        node = parent(waiting.pop()[1], node)
    return node


class Tree:
    """The tree over `(wallet, cumulative)` pairs given in any order.

    Raises:
        ValueError: there are no pairs, more than 2^23, or two of one wallet.
    """

    def __init__(self, distributor: Pubkey, amounts: Iterable[tuple[Pubkey, int]]) -> None:
        pairs = sorted((bytes(wallet), cumulative) for wallet, cumulative in amounts)
        if not 1 <= len(pairs) <= MAX_LEAVES:
            raise ValueError(f"{len(pairs)} leaves; 1 to {MAX_LEAVES} are accepted")
        self._wallets = [wallet for wallet, _ in pairs]
        if any(a == b for a, b in zip(self._wallets, self._wallets[1:], strict=False)):
            raise ValueError("a wallet has two leaves")
        self._levels = _levels(_leaves(bytes(distributor), pairs))

    @property
    def root(self) -> bytes:
        """The hash that stands for the whole tree."""
        return self._levels[-1][0]

    @property
    def count(self) -> int:
        """How many leaves there are."""
        return len(self._wallets)

    def proof(self, wallet: Pubkey) -> list[bytes]:
        """The siblings from the wallet's leaf up to the root.

        Raises:
            KeyError: the wallet has no leaf.
        """
        key = bytes(wallet)
        at = bisect_left(self._wallets, key)
        if at == len(self._wallets) or self._wallets[at] != key:
            raise KeyError(str(wallet))
        siblings = []
        for level in self._levels[:-1]:
            if (sibling := at ^ 1) < len(level):
                siblings.append(level[sibling])
            at >>= 1
        return siblings


def _leaves(distributor: bytes, pairs: Iterable[tuple[bytes, int]]) -> list[bytes]:
    return list(_each_leaf(distributor, pairs))


def _each_leaf(distributor: bytes, pairs: Iterable[tuple[bytes, int]]) -> Iterator[bytes]:
    # Same as `leaf`, with what is equal for all hashed once: half the time at a million wallets.
    start = sha256(LEAF_TAG + distributor)
    for wallet, cumulative in pairs:
        inner = start.copy()
        inner.update(wallet + cumulative.to_bytes(8, "little"))
        yield sha256(b"\0" + inner.digest()).digest()


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    levels = [leaves]
    while len(level := levels[-1]) > 1:
        # `parent`, written out: a call for each node would cost as much as its hash.
        above = [
            sha256(b"\1" + a + b if a < b else b"\1" + b + a).digest()
            for a, b in zip(level[::2], level[1::2], strict=False)
        ]
        if len(level) % 2:
            above.append(level[-1])
        levels.append(above)
    return levels
