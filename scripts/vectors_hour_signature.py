"""Writes tests/vectors/hour_signature.json: what an oracle signs of a published hour, and its file.

The bytes are put together here from the layout alone, without any code of the project.

Usage: python scripts/vectors_hour_signature.py
"""

import hashlib
import json
import struct
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

OUT = Path(__file__).parent.parent / "tests" / "vectors" / "hour_signature.json"
DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def key(name: str) -> bytes:
    """32 bytes that stand for a key or an address of this name."""
    return hashlib.sha256(name.encode()).digest()


def base58(data: bytes) -> str:
    """Bytes that begin with no zero, in base58."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = DIGITS[digit] + text
    return text


def signature(hour: int, document: bytes) -> dict:
    """The vector of an hour's document."""
    oracle = Ed25519PrivateKey.from_private_bytes(key("oracle"))
    signed = (
        b"iog-hour-v1".ljust(16, b"\0")
        + key("genesis")
        + key("distributor")
        + struct.pack("<Q", hour)
        + hashlib.sha256(document).digest()
    )
    assert len(signed) == 120
    named = base58(oracle.public_key().public_bytes_raw()), base58(oracle.sign(signed))
    return {
        "genesis_hash": key("genesis").hex(),
        "distributor": key("distributor").hex(),
        "seed": key("oracle").hex(),
        "hour": hour,
        "document": document.decode(),
        "bytes": signed.hex(),
        "file": '{{"key":"{}","signature":"{}"}}'.format(*named),
    }


def main() -> None:
    """Write the file."""
    made = [signature(hour, b'{"hour":%d}' % hour) for hour in (1, 175_200)]
    OUT.write_text(json.dumps({"signatures": made}, indent=2) + "\n")


if __name__ == "__main__":
    main()
