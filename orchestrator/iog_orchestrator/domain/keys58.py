"""Keys of 32 bytes as base58 text and back, many at once; exact, no I/O.

Both ways a number in one base is put together from products of its digits in another: groups of
five base58 digits (below 2^30) with 32-bit words of their powers, and the other way round. The
sums of these tables stay below 2^63.1, so that carries fit beside them in 64 bits.
"""

import numpy as np
from numpy.typing import NDArray

KEY = 32
TEXT = 44
"""Letters of the longest text of a key."""
ALPHABET = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
GROUP = 58**5
GROUPS, WORDS = 9, 8
_DIGITS = 5 * GROUPS
_LETTERS = np.frombuffer(ALPHABET, np.uint8)
_NO_DIGIT = 255


def text_of(keys: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The letters of keys (n, 32) as (n, 45): text that is shorter has zeros before it."""
    words = np.ascontiguousarray(keys).view(">u4").astype(np.uint64).T
    groups = _GROUPS_OF_WORDS @ words
    for at in range(GROUPS - 1, 0, -1):
        carry = groups[at] // GROUP
        groups[at] -= carry * GROUP
        groups[at - 1] += carry
    digits = np.empty((_DIGITS, len(keys)), np.uint8)
    left = groups.astype(np.uint32)
    for place in range(4, -1, -1):
        more = left // np.uint32(58)
        digits[place::5] = left - more * np.uint32(58)
        left = more
    # a zero byte in front is a letter of its own, zero digits in front are none
    absent = _zeros(digits) - _zeros(np.ascontiguousarray(keys.T))
    letters = _LETTERS[digits]
    letters[np.arange(_DIGITS)[:, None] < absent] = 0
    return letters.T


def keys_of(texts: NDArray[np.bytes_]) -> NDArray[np.uint8]:
    """The keys (n, 32) of texts.

    Raises:
        ValueError: one of them is not the text of a key.
    """
    digits = _digits(texts)
    groups = np.zeros((GROUPS, len(texts)), np.uint64)
    for place in range(5):
        groups = groups * np.uint64(58) + digits[place::5]
    words = _WORDS_OF_GROUPS @ groups
    for at in range(WORDS - 1, 0, -1):
        words[at - 1] += words[at] >> np.uint64(32)
    if (words[0] >> np.uint64(32)).any():
        raise ValueError("a text is not that of a key: it is too large")
    keys = np.ascontiguousarray(words.T).astype(">u4").view(np.uint8).reshape(-1, KEY)
    ones = _DIGITS - np.char.str_len(texts)
    if (_zeros(digits) - ones != _zeros(np.ascontiguousarray(keys.T))).any():
        raise ValueError("a text is not that of a key of 32 bytes")
    return keys


def _digits(texts: NDArray[np.bytes_]) -> NDArray[np.uint8]:
    """(45, n): the digits of each text, zeros before it."""
    letters = texts.astype(f"S{TEXT}").view(np.uint8).reshape(-1, TEXT)
    sizes = np.char.str_len(texts)
    digits = np.zeros((_DIGITS, len(texts)), np.uint8)
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        digits[_DIGITS - size :, rows] = _VALUES[letters[rows, :size].T]
    if (digits == _NO_DIGIT).any():
        raise ValueError("a text is not that of a key: it has a letter that base58 has not")
    return digits


def _zeros(rows: NDArray[np.uint8]) -> NDArray[np.intp]:
    """How many zeros are on top of each column."""
    other = rows != 0
    return np.where(other.any(axis=0), other.argmax(axis=0), len(rows))


def _in_base(value: int, base: int, places: int) -> list[int]:
    return [value // base ** (places - 1 - at) % base for at in range(places)]


def _table(powers: list[int], base: int, places: int) -> NDArray[np.uint64]:
    """(places, powers): each power written in a base."""
    return np.array([_in_base(power, base, places) for power in powers], np.uint64).T


_VALUES = np.full(256, _NO_DIGIT, np.uint8)
_VALUES[_LETTERS] = np.arange(58)
_GROUPS_OF_WORDS = _table([1 << 32 * at for at in range(WORDS)][::-1], GROUP, GROUPS)
_WORDS_OF_GROUPS = _table([GROUP**at for at in range(GROUPS)][::-1], 1 << 32, WORDS)
