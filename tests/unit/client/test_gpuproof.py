"""The GPU proof's parts against a slow model in whole numbers, and the tree against forgeries."""

import hashlib
import random
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iog_client.gpu_classes import CLASSES
from iog_client.gpuproof import matrices, picks, sizes
from iog_client.gpuproof.sizes import Size
from iog_client.gpuproof.tree import Leaves, RowTree, leads_to
from iog_client.protocol import ProofChallenge

MASK = (1 << 32) - 1


def finish(h: int) -> int:
    h ^= h >> 16
    h = h * 0x85EBCA6B & MASK
    h ^= h >> 13
    h = h * 0xC2B2AE35 & MASK
    return h ^ h >> 16


def entry(row: tuple[int, int], column: tuple[int, int]) -> int:
    h = finish(row[0] + column[0] & MASK)
    h = finish(h ^ (row[1] + column[1] & MASK))
    return ((h >> 16) * 31 >> 16) - 15


def challenge(size: Size) -> ProofChallenge:
    return ProofChallenge(
        challenge="ab" * 32,
        session="cd" * 16,
        gpu="GPU-1",
        simulated=True,
        rows=size.rows,
        width=size.width,
        sweeps=size.sweeps,
        checks=size.checks,
        seconds=60,
    )


def test_words_are_those_of_shake_256() -> None:
    raw = hashlib.shake_256(b"iog-gpu-proof-v1" + b"s" * 32 + b"label").digest(24)
    found = matrices.keys(b"s" * 32, "label", 3)
    assert found.tolist() == [list(pair) for pair in struct.iter_unpack("<II", raw)]


@settings(deadline=None)
@given(st.integers(0, 2**64), st.integers(1, 9), st.integers(1, 9))
def test_a_block_is_mixed_as_the_model_does(start: int, rows: int, columns: int) -> None:
    r = matrices.keys(struct.pack("<QQ", start & 2**64 - 1, rows), "r", rows)
    c = matrices.keys(struct.pack("<QQ", start & 2**64 - 1, columns), "c", columns)
    model = [[entry(tuple(a), tuple(b)) for b in c.tolist()] for a in r.tolist()]
    assert matrices.mix(r, c).tolist() == model


def test_every_residue_comes_about_as_often() -> None:
    r, c = matrices.keys(b"x" * 32, "r", 1000), matrices.keys(b"x" * 32, "c", 1000)
    values, counts = np.unique(matrices.mix(r, c), return_counts=True)
    assert values.tolist() == list(range(-15, 16))
    # a million draws: the standard deviation of a count is 177
    assert abs(counts - 1_000_000 / 31).max() < 900


@pytest.mark.parametrize("value", [-16, -15, -1, 0, 15, 16, 31, 46, 47, -(10**9), 10**9])
def test_a_residue_is_near_zero_and_congruent(value: int) -> None:
    found = matrices.reduce(value)
    assert -15 <= found <= 15
    assert (value - found) % 31 == 0


def test_the_seed_hangs_on_everything_that_it_is_bound_to() -> None:
    size = Size(8, 4, 2, 3)
    one = (b"c" * 32, b"d" * 32, b"s" * 16, "GPU-1", size)
    others = [
        (b"C" * 32, *one[1:]),
        (one[0], b"D" * 32, *one[2:]),
        (*one[:2], b"S" * 16, *one[3:]),
        (*one[:3], "GPU-2", size),
        (*one[:4], Size(12, 4, 2, 3)),
        (*one[:4], Size(8, 4, 3, 3)),
        (*one[:4], Size(8, 4, 2, 4)),
    ]
    assert len({matrices.seed(*each) for each in [one, *others]}) == 8


def test_the_places_of_the_next_layer_cover_the_product_once() -> None:
    size = Size(12, 4, 1, 1)
    found = {matrices.source(i, c, size) for i in range(12) for c in range(4)}
    assert found == {(row, column) for row in range(12) for column in range(4)}


def test_a_row_of_layer_two_hangs_on_all_of_layer_zero() -> None:
    # rows of a layer come from `width` rows in line before it; two steps reach all of them
    size = Size(16, 4, 1, 1)
    for index in range(size.rows):
        before = {matrices.source(index, column, size)[0] for column in range(4)}
        first = {matrices.source(row, column, size)[0] for row in before for column in range(4)}
        assert first == set(range(16))


@pytest.mark.parametrize(
    ("rows", "width", "sweeps", "checks"),
    [
        (0, 4, 1, 1),
        (6, 4, 1, 1),
        (2, 4, 1, 1),
        (4, 0, 1, 1),
        (32_768, 32_768, 1, 1),
        ((1 << 26) + 64, 64, 1, 1),
        (4, 4, 0, 1),
        (4, 4, 1025, 1),
        (4, 4, 1, 0),
        (4, 4, 1, 65),
    ],
)
def test_a_size_out_of_bounds_is_refused(rows: int, width: int, sweeps: int, checks: int) -> None:
    with pytest.raises(ValueError, match="accepted"):
        Size(rows, width, sweeps, checks)


def test_the_largest_sum_is_exact_in_fp32() -> None:
    largest = 2 * sizes.MAX_WIDTH * sizes.LARGEST**2
    assert largest == 7_372_800
    assert int(np.float32(largest)) == largest
    assert largest < 2**24


@pytest.mark.parametrize("gpu_class", CLASSES, ids=lambda one: one.slug)
def test_a_class_is_asked_to_fill_three_quarters_of_its_memory(gpu_class: object) -> None:
    slug = gpu_class.slug  # type: ignore[attr-defined]
    memory = sizes.memory_of(slug)
    real, simulated = (sizes.size_of(memory, simulated=one) for one in (False, True))
    assert 0.73 < real.memory / (memory << 20) <= 0.75
    assert simulated.memory <= 1 << 20 or slug == "b200"
    assert slug in sizes.RATES


@pytest.mark.parametrize("gpu_class", CLASSES, ids=lambda one: one.slug)
def test_two_proofs_a_day_at_their_limit_are_near_the_budget(gpu_class: object) -> None:
    slug = gpu_class.slug  # type: ignore[attr-defined]
    size = sizes.size_of(sizes.memory_of(slug), simulated=False)
    assert sizes.limit(size, slug, simulated=False) < sizes.AGE / sizes.BUDGET


def test_a_class_that_is_not_known_is_asked_little() -> None:
    assert sizes.memory_of("gpu-of-2031") == 8 << 10


def leaves_of(count: int) -> list[bytes]:
    hashed = Leaves(b"s" * 32, 1)
    return [hashed.leaf(index, bytes([index])) for index in range(count)]


def test_a_leaf_is_hashed_as_written() -> None:
    data = b"\0iog-gpu-proof-row-v1" + b"s" * 32 + struct.pack("<IQ", 7, 5) + b"row"
    assert Leaves(b"s" * 32, 7).leaf(5, b"row") == hashlib.sha256(data).digest()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_every_path_leads_to_the_root_and_no_other_does(count: int) -> None:
    leaves = leaves_of(count)
    tree = RowTree(leaves)
    for index, leaf in enumerate(leaves):
        path = tree.path(index)
        assert leads_to(tree.root, leaf, index, count, path)
        assert not leads_to(tree.root, leaf, index, count, [*path, b"x" * 32])
        assert not leads_to(tree.root, leaf, count, count, path)
        assert not leads_to(tree.root, leaf, -1, count, path)
        if path:
            assert not leads_to(tree.root, leaf, index, count, path[:-1])
            assert not leads_to(tree.root, leaf, index ^ 1, count, path)


def test_two_rows_of_one_index_cannot_both_be_opened() -> None:
    # with sorted pairs, a leaf for index 0 in the place of index 1 would be found by a path too
    hashed = Leaves(b"s" * 32, 1)
    one, other = hashed.leaf(0, b"one"), hashed.leaf(0, b"other")
    tree = RowTree([one, other])
    assert leads_to(tree.root, one, 0, 2, tree.path(0))
    assert not leads_to(tree.root, other, 0, 2, tree.path(1))


def test_an_inner_node_is_no_leaf() -> None:
    tree = RowTree(leaves_of(4))
    inner = hashlib.sha256(b"\1" + b"".join(leaves_of(2))).digest()
    assert not leads_to(tree.root, inner, 0, 4, tree.path(0)[1:])


def test_a_tree_needs_a_leaf() -> None:
    with pytest.raises(ValueError, match="at least one"):
        RowTree([])


def test_places_are_drawn_over_the_whole_of_each_layer() -> None:
    size = Size(40, 4, 3, 64)
    drawn = picks.draw(challenge(size), random.Random(5).randrange)
    assert len(drawn.first) == len(drawn.second) == len(drawn.swept) == 64
    assert {row for row, _ in drawn.first} <= set(range(40))
    assert {column for _, column in drawn.second} == set(range(4))
    assert {sweep for sweep, _ in drawn.swept} == set(range(3))


def test_what_is_needed_is_each_place_its_source_and_its_sweep() -> None:
    size = Size(40, 4, 3, 1)
    drawn = picks.draw(challenge(size), random.Random(7).randrange)
    drawn = drawn.model_copy(update={"first": [(9, 1)], "second": [(3, 2)], "swept": [(2, 17)]})
    # entry (3, 2) is at 14 of the flat layer: row 14 of the product's column 0
    assert picks.needed(drawn, size) == [(1, 9), (1, 14), (1, 17), (2, 3), (2, 17), (5, 4)]
