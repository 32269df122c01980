"""What the generated packages share."""

from dataclasses import dataclass
from typing import Any

from construct import Adapter, Bytes, ConstructError
from solders.pubkey import Pubkey

TOKEN_PROGRAM_ID = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
ASSOCIATED_TOKEN_PROGRAM_ID = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")


class _PubkeyAdapter(Adapter):
    def _decode(self, obj: bytes, context: Any, path: Any) -> Pubkey:
        return Pubkey.from_bytes(obj)

    def _encode(self, obj: Pubkey, context: Any, path: Any) -> bytes:
        return bytes(obj)


BorshPubkey = _PubkeyAdapter(Bytes(32))


@dataclass(frozen=True)
class ProgramInfo:
    """What this client was generated for.

    `idl_hash` is the sha256 of idl/<name>.json; `instructions` maps discriminators to names and
    `errors` codes to a name and a message.
    """

    name: str
    address: Pubkey
    idl_hash: str
    instructions: dict[bytes, str]
    errors: dict[int, tuple[str, str]]


def parse(layout: Any, discriminator: bytes, data: bytes, name: str) -> Any:
    """The fields behind a discriminator. Raises `ValueError` for other or too few bytes."""
    if not data.startswith(discriminator):
        raise ValueError(f"these bytes are not a {name}")
    try:
        return layout.parse(data[len(discriminator) :])
    except ConstructError as error:
        raise ValueError(f"these bytes are too short for a {name}") from error
