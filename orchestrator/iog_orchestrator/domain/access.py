"""Who may ask for what over the API."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A secret that stands for a wallet, by its SHA-256; times in unix seconds of this machine."""

    id: str
    wallet: str
    name: str
    scope: Literal["read", "submit"]
    sha256: str
    created_at: float
    expires_at: float

    def allows(self, method: str) -> bool:
        """Whether requests with that HTTP method are within the key's scope."""
        return method in ("GET", "HEAD") or self.scope == "submit"
