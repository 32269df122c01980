"""The bytes of the instructions sysvar, which the runtime alone may write."""

import struct
from collections.abc import Sequence

from solders.instruction import Instruction
from solders.pubkey import Pubkey

OWNER = Pubkey.from_string("Sysvar1111111111111111111111111111111111111")


def instructions(given: Sequence[Instruction]) -> bytes:
    """What the sysvar would hold in the last of these instructions."""
    bodies = [_body(one) for one in given]
    offset = 2 + 2 * len(bodies)
    head = struct.pack("<H", len(bodies))
    for body in bodies:
        head += struct.pack("<H", offset)
        offset += len(body)
    return head + b"".join(bodies) + struct.pack("<H", len(given) - 1)


def _body(one: Instruction) -> bytes:
    made = struct.pack("<H", len(one.accounts))
    for meta in one.accounts:
        made += bytes([meta.is_signer | meta.is_writable << 1]) + bytes(meta.pubkey)
    made += bytes(one.program_id) + struct.pack("<H", len(one.data))
    return made + bytes(one.data)
