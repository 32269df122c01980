"""The tree gives the roots and proofs that iog_rewards accepts."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from iog_client.merkle import Tree, leaf, parent, verify

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/tree.json").read_text())
DISTRIBUTOR = Pubkey(bytes([9] * 32))


def wallet(number: int) -> Pubkey:
    return Pubkey(number.to_bytes(32, "big"))


def tree_of(count: int) -> Tree:
    return Tree(DISTRIBUTOR, [(wallet(number), 100 + number) for number in range(count)])


def key(text: str) -> Pubkey:
    return Pubkey(bytes.fromhex(text))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{len(vector['leaves'])} leaves")
def test_leaves_proofs_and_root_are_those_of_the_vector(vector: dict[str, Any]) -> None:
    distributor, entries = key(vector["distributor"]), vector["leaves"]
    tree = Tree(distributor, [(key(one["wallet"]), one["cumulative"]) for one in entries])
    assert tree.root.hex() == vector["root"]
    for one in entries:
        owner = key(one["wallet"])
        assert leaf(distributor, owner, one["cumulative"]).hex() == one["leaf"]
        assert [sibling.hex() for sibling in tree.proof(owner)] == one["proof"]


def test_a_leaf_is_hashed_twice_over_its_tags() -> None:
    inner = sha256(b"iog-reward-v1" + bytes([9] * 32) + bytes(wallet(1)) + b"\x05" + bytes(7))
    assert leaf(DISTRIBUTOR, wallet(1), 5) == sha256(b"\0" + inner.digest()).digest()


def test_a_parent_does_not_depend_on_sides() -> None:
    low, high = bytes(32), bytes([1] * 32)
    assert parent(high, low) == parent(low, high) == sha256(b"\1" + low + high).digest()


def test_one_leaf_is_its_own_root_with_an_empty_proof() -> None:
    tree = tree_of(1)
    assert tree.root == leaf(DISTRIBUTOR, wallet(0), 100)
    assert tree.proof(wallet(0)) == []


def test_an_odd_leaf_is_carried_up_unchanged() -> None:
    a, b, c = (leaf(DISTRIBUTOR, wallet(number), 100 + number) for number in range(3))
    tree = tree_of(3)
    assert tree.root == parent(parent(a, b), c)
    assert tree.proof(wallet(2)) == [parent(a, b)]
    assert tree.proof(wallet(0)) == [b, c]


def test_the_order_given_does_not_matter() -> None:
    pairs = [(wallet(number), number) for number in range(7)]
    assert Tree(DISTRIBUTOR, pairs).root == Tree(DISTRIBUTOR, reversed(pairs)).root


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 70), other=st.integers(0, 69))
def test_every_proof_leads_to_the_root_and_to_no_other_amount(count: int, other: int) -> None:
    tree = tree_of(count)
    number = other % count
    proof = tree.proof(wallet(number))
    assert verify(tree.root, leaf(DISTRIBUTOR, wallet(number), 100 + number), proof)
    assert not verify(tree.root, leaf(DISTRIBUTOR, wallet(number), 101 + number), proof)


def test_a_proof_for_another_distributor_does_not_hold() -> None:
    tree = tree_of(4)
    foreign = leaf(wallet(3), wallet(0), 100)
    assert not verify(tree.root, foreign, tree.proof(wallet(0)))


def test_a_proof_longer_than_23_is_not_looked_at() -> None:
    root = leaf(DISTRIBUTOR, wallet(0), 100)
    longer = root
    for _ in range(24):
        longer = parent(longer, bytes(32))
    assert not verify(longer, root, [bytes(32)] * 24)


def test_an_inner_node_is_not_accepted_as_a_leaf() -> None:
    tree = tree_of(4)
    inner = tree.proof(wallet(0))[1]
    assert all(leaf(DISTRIBUTOR, wallet(number), 100 + number) != inner for number in range(4))


@pytest.mark.parametrize(
    ("pairs", "message"),
    [([], "0 leaves"), ([(wallet(1), 1), (wallet(1), 2)], "two leaves")],
)
def test_a_tree_without_leaves_or_with_two_of_a_wallet_is_refused(
    pairs: list[tuple[Pubkey, int]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Tree(DISTRIBUTOR, pairs)


def test_a_wallet_without_a_leaf_has_no_proof() -> None:
    with pytest.raises(KeyError):
        tree_of(3).proof(wallet(3))


def test_an_amount_beyond_64_bits_is_refused() -> None:
    with pytest.raises(OverflowError):
        leaf(DISTRIBUTOR, wallet(1), 1 << 64)
