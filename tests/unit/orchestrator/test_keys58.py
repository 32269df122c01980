"""Keys and their texts over columns are what they are one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from iog_orchestrator.domain.keys58 import keys_of, text_of

KEYS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.builds(
        lambda zeros, rest: (bytes(zeros) + rest)[:32], st.integers(0, 32), st.just(b"\xff" * 32)
    ),
    st.builds(lambda value: value.to_bytes(32, "big"), st.integers(0, 58**3)),
    st.builds(lambda power: min(58**power, (1 << 256) - 1).to_bytes(32, "big"), st.integers(0, 44)),
)
KEY = str(Pubkey(bytes([7] * 32))).encode()


@settings(deadline=None)
@given(st.lists(KEYS))
def test_texts_are_those_of_the_library_and_lead_back(keys: list[bytes]) -> None:
    columns = np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 32)
    texts = [bytes(row).replace(b"\0", b"") for row in text_of(columns)]
    assert texts == [str(Pubkey.from_bytes(key)).encode() for key in keys]
    assert keys_of(np.array(texts, "S44")).tobytes() == b"".join(keys)


@pytest.mark.parametrize(
    "text",
    [b"", b"1" * 31, b"1" * 33, b"z" * 44, KEY[:-1], b"1" + KEY, KEY[:-1] + b"0", KEY[:-1] + b" "],
)
def test_what_is_no_key_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="not that of a key"):
        keys_of(np.array([KEY, text], "S44"))
