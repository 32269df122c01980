"""What all frames are made of."""

import json
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from solders.pubkey import Pubkey

MAX_FRAME = 1 << 20
LOG_CHUNK = 64 << 10


def _is_key(text: str) -> str:
    # base58 of the right length may still be more or less than 32 bytes
    Pubkey.from_string(text)
    return text


Key = Annotated[
    str,
    Field(min_length=32, max_length=44, pattern=r"^[1-9A-HJ-NP-Za-km-z]+$"),
    AfterValidator(_is_key),
]
"""An ed25519 public key or an account address, base58."""
Signature = Annotated[str, Field(min_length=64, max_length=88, pattern=r"^[1-9A-HJ-NP-Za-km-z]+$")]
"""An ed25519 signature, base58."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Nonce = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
ExchangeKey = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
U32 = Annotated[int, Field(ge=0, lt=1 << 32)]
U64 = Annotated[int, Field(ge=0, lt=1 << 64)]
HourLimits = list[tuple[U32, U32]]
"""Hours that are open for statements, and the most seconds that one on them may say now."""


class Frame(BaseModel):
    """Base of all frames: immutable, and nothing unknown is accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def to_json(self) -> str:
        """The frame as one line of JSON."""
        return self.model_dump_json()


def canonical(value: object) -> bytes:
    """JSON with sorted keys, no spaces, no needless escapes: one value, one byte string."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
