"""API keys: secrets that may read or submit for a wallet, for dashboards and scripts that must not
hold the wallet itself.

A key is text, `iog_ID_SECRET`, and goes in `Authorization: Bearer …`. The orchestrator keeps only
its SHA-256. No key moves money: opening a job is a transaction, which the wallet signs, or a
delegate of it within its limits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from iog_client.errors import NotAllowed

SCHEME = "Bearer "
HEADER = "authorization"
PREFIX = "iog"
ID_BYTES = 6
SECRET_BYTES = 32
MAX_SECONDS = 366 * 86_400
MAX_KEYS = 20
"""Keys of one wallet that have not expired."""

Scope = Literal["read", "submit"]
"""`read`: jobs, their logs and outputs. `submit`: that, uploads, and acknowledging jobs."""
Id = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{2 * ID_BYTES}}}$")]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Secret(NamedTuple):
    """A key as its holder has it."""

    id: str
    text: str

    @property
    def sha256(self) -> str:
        """What the orchestrator keeps of it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def is_of(self, sha256: str) -> bool:
        """Whether it is the key of that hash."""
        return hmac.compare_digest(self.sha256, sha256)


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ApiKeyRequest(Answer):
    """POST /v1/keys, signed by the wallet."""

    name: Name
    scope: Scope
    seconds: Annotated[int, Field(ge=60, le=MAX_SECONDS)]


class ApiKeyView(Answer):
    """A key without its secret; times in unix seconds."""

    id: Id
    name: Name
    scope: Scope
    created_at: float
    expires_at: float


class ApiKeyMade(ApiKeyView):
    """A new key, the only time that its secret is shown."""

    key: str


class ApiKeyList(Answer):
    """GET /v1/keys: those of the wallet that signed, newest first."""

    keys: list[ApiKeyView]


def generate() -> Secret:
    """A new key."""
    name = secrets.token_hex(ID_BYTES)
    return Secret(name, f"{PREFIX}_{name}_{secrets.token_hex(SECRET_BYTES)}")


def parse(header: str) -> Secret:
    """The key in an Authorization header. Raises `NotAllowed` for anything that is none."""
    text = header.removeprefix(SCHEME)
    prefix, _, rest = text.partition("_")
    name, _, secret = rest.partition("_")
    good = prefix == PREFIX and _is_hex(name, ID_BYTES) and _is_hex(secret, SECRET_BYTES)
    if text == header or not good:
        raise NotAllowed("the Authorization header holds no API key, such as Bearer iog_…")
    return Secret(name, text)


def _is_hex(text: str, size: int) -> bool:
    return len(text) == 2 * size and all(letter in "0123456789abcdef" for letter in text)
