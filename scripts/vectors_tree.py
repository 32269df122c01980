"""Writes tests/vectors/tree.json: reward trees with their leaves, roots and proofs, as hex.

Everything is hashed here from the definition alone, without any code of the project: leaf =
sha256(0x00 | sha256("iog-reward-v1" | distributor | wallet | cumulative u64 LE)), inner node =
sha256(0x01 | min | max), leaves sorted by wallet, a node without a sibling carried up.

Usage: python scripts/vectors_tree.py
"""

import json
from hashlib import sha256
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "tree.json"
DISTRIBUTOR = sha256(b"distributor").digest()
AMOUNTS = [0, 1, 2**64 - 1, 456_621_004_566]


def leaf(wallet: bytes, cumulative: int) -> bytes:
    """A wallet's leaf."""
    inner = sha256(b"iog-reward-v1" + DISTRIBUTOR + wallet + cumulative.to_bytes(8, "little"))
    return sha256(b"\x00" + inner.digest()).digest()


def tree(size: int) -> dict:
    """A tree of so many wallets."""
    wallets = sorted(sha256(f"wallet {number}".encode()).digest() for number in range(size))
    amounts = [AMOUNTS[number % 4] if number < 8 else number**5 for number in range(size)]
    leaves = [leaf(wallet, amount) for wallet, amount in zip(wallets, amounts, strict=True)]
    proofs: list[list[bytes]] = [[] for _ in wallets]
    # Each node with the leaves below it: whoever is below one of a pair needs the other.
    level = [(node, [number]) for number, node in enumerate(leaves)]
    while len(level) > 1:
        above = []
        for left, right in zip(level[::2], level[1::2], strict=False):
            for side, other in ((left, right), (right, left)):
                for number in side[1]:
                    proofs[number].append(other[0])
            pair = min(left[0], right[0]) + max(left[0], right[0])
            above.append((sha256(b"\x01" + pair).digest(), left[1] + right[1]))
        level = above + level[len(above) * 2 :]
    return {
        "distributor": DISTRIBUTOR.hex(),
        "root": level[0][0].hex(),
        "leaves": [
            {
                "wallet": wallet.hex(),
                "cumulative": amount,
                "leaf": node.hex(),
                "proof": [sibling.hex() for sibling in proof],
            }
            for wallet, amount, node, proof in zip(wallets, amounts, leaves, proofs, strict=True)
        ],
    }


def main() -> None:
    """Writes the file."""
    OUT.parent.mkdir(parents=True, exist_ok=True)
    trees = [tree(size) for size in (1, 2, 3, 5, 8, 13)]
    OUT.write_text(json.dumps(trees, indent=1) + "\n")


if __name__ == "__main__":
    main()
