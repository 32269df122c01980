"""What comes from other machines is printed as text, and does nothing else to a terminal."""

import unicodedata

KEPT = "\n\t"
UNSEEN = frozenset({"Cc", "Cf"})
"""Categories of Unicode: control characters, such as begin a terminal's commands, and those that
change the order or the looks of what is around them."""


def harmless(text: str) -> str:
    """`text` with a question mark for each character that is not seen, but line breaks and tabs."""
    if text.isascii() and text.translate(_NO_BREAKS).isprintable():
        return text
    return "".join(
        char if char in KEPT or unicodedata.category(char) not in UNSEEN else "?" for char in text
    )


_NO_BREAKS = str.maketrans("", "", KEPT)
