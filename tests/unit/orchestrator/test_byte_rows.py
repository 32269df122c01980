"""Rows put together from columns are what a form gives for each row."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from iog_orchestrator.domain.byte_rows import BLOCK, choice, filled, joined, number, only, text

U64 = st.one_of(st.integers(0, (1 << 64) - 1), st.integers(0, 101), st.integers(0, 1 << 33))
FORM = b"[%d,%b,%b]"


def rows(numbers: list[int]) -> bytes:
    column = np.array(numbers, np.uint64)
    words = np.array([b"a" * (one % 7) for one in numbers], "S9")
    odd = column % np.uint64(2) == 1
    value = [choice([b"no", b'"'], odd), *only(odd, [text(words), b'"'])]
    pieces = filled(FORM, ([number(column)], [text(words)], value))
    return joined(len(numbers), [*pieces, b"\n"])


def line(one: int) -> bytes:
    word = b"a" * (one % 7)
    return FORM % (one, word, b'"%b"' % word if one % 2 else b"no") + b"\n"


@settings(deadline=None)
@given(st.lists(U64))
def test_rows_are_those_of_the_form(numbers: list[int]) -> None:
    assert rows(numbers) == b"".join(map(line, numbers))


@settings(deadline=None)
@given(st.integers(-2, 2), st.integers(1, 2))
def test_blocks_follow_each_other(more: int, blocks: int) -> None:
    numbers = [7 * one for one in range(BLOCK * blocks + more)]
    assert rows(numbers) == b"".join(map(line, numbers))
