"""Rows of text put together from columns, all rows of a column at once; exact, no I/O.

A piece is what stands at one place of every row: the same bytes in all of them, or an array of
letters (n rows, the widest text), in which a zero is no letter. The zeros are taken out at the end,
so a text itself must have none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Letters = NDArray[np.uint8]
Piece = bytes | Letters
BLOCK = 1000
"""Rows that are put together at once: so many stay in the processor's cache."""
_NULL = b"\0"
_FIELD = re.compile(rb"%[bd]")


def joined(count: int, pieces: Iterable[Piece]) -> bytes:
    """`count` rows, one after the other."""
    columns = [_letters(piece) for piece in pieces]
    ends = np.cumsum([one.shape[-1] for one in columns]).tolist()
    places = [slice(end - one.shape[-1], end) for end, one in zip(ends, columns, strict=True)]
    table = np.empty((min(BLOCK, count), ends[-1]), np.uint8)
    made = []
    for begin in range(0, count, BLOCK):
        rows = table[: count - begin]
        for place, one in zip(places, columns, strict=True):
            if one.ndim == 2:
                rows[:, place] = one[begin : begin + BLOCK]
            elif not begin:
                rows[:, place] = one
        made.append(rows.tobytes().translate(None, _NULL))
    return b"".join(made)


def filled(form: bytes, values: Sequence[Sequence[Piece]]) -> Iterator[Piece]:
    """The pieces of a row of a `%` form, a value for each of its fields."""
    first, *others = _FIELD.split(form)
    yield first
    for value, after in zip(values, others, strict=True):
        yield from value
        yield after


def number(column: NDArray[np.unsignedinteger]) -> Piece:
    """Decimals."""
    highest = int(column.max(initial=0))
    if highest == column.min(initial=highest):
        return b"%d" % highest
    kind = np.uint32 if highest < 1 << 32 else np.uint64
    left: NDArray[Any] = column.astype(kind)
    digits = np.empty((len(str(highest)), len(column)), np.uint8)
    for place in range(len(digits) - 1, 0, -1):
        more = left // kind(10)
        digits[place] = left - more * kind(10)
        left = more
    digits[0] = left
    ahead = np.logical_and.accumulate(digits[:-1] == 0, axis=0)
    digits += ord("0")
    digits[:-1][ahead] = 0
    return digits.T


def text(column: NDArray[np.bytes_]) -> Letters:
    """The texts as they are."""
    column = np.ascontiguousarray(column)
    return column.view(np.uint8).reshape(len(column), column.itemsize)


def choice(texts: Sequence[bytes], which: NDArray[np.integer] | NDArray[np.bool_]) -> Letters:
    """For each row the text that it chose."""
    return text(np.array(texts, np.bytes_)[which.astype(np.intp)])


def only(rows: NDArray[np.bool_], pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces in some rows, nothing in the others."""
    for piece in pieces:
        yield piece if rows.all() else _letters(piece) * rows[:, None]


def _letters(piece: Piece) -> Letters:
    return np.frombuffer(piece, np.uint8) if isinstance(piece, bytes) else piece
