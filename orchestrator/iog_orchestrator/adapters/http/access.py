"""Who asks: signed requests used once, and how often one key or address may ask."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

from iog_client import api_keys, requests
from iog_client.errors import NotAllowed
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.domain.errors import Forbidden, RequestRefused

RATE = 200.0
BURST = 1000.0
"""Requests a second that one key may make; and at once."""
ADDRESS_RATE = 1000.0
ADDRESS_BURST = 5000.0
"""The same for one network address, behind which there may be many keys."""
MAX_BUCKETS = 10_000


class TooOften(RequestRefused):
    """too many requests; wait a second"""

    status = 429


class RateLimit:
    """A token bucket for each name, the longest unused forgotten first."""

    def __init__(self, rate: float = RATE, burst: float = BURST) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, now: float) -> None:
        """Count a request at monotonic time `now`. Raises `TooOften`."""
        left, since = self._buckets.pop(name, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        self._buckets[name] = (max(0.0, left - 1), now)
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        if left < 1:
            raise TooOften


def core_of(request: Request) -> Core:
    """The core that the application serves."""
    core: Core = request.app.state.core
    return core


def limited(request: Request) -> None:
    """Count the request for the address that it comes from."""
    host = request.client.host if request.client else "?"
    limit: RateLimit = request.app.state.address_limit
    limit.take(host, time.monotonic())


async def check(request: Request, body: bytes | str) -> str:
    """Whose request this is: the key that signed it, or the wallet whose API key it brings.

    `body` is the body or its hash. Raises `NotAllowed` or `Forbidden`.
    """
    if brings_api_key(request.headers):
        return await _by_api_key(request)
    return await _by_signature(request, body)


def brings_api_key(headers: Mapping[str, str]) -> bool:
    """Whether a request comes with an API key instead of a signature."""
    return api_keys.HEADER in headers and requests.KEY_HEADER not in headers


async def _by_api_key(request: Request) -> str:
    core = core_of(request)
    secret = api_keys.parse(request.headers[api_keys.HEADER])
    clock = core.context.ports.clock
    key = await core.context.ports.store.api_key(secret.id)
    if key is None or not secret.is_of(key.sha256):
        raise NotAllowed("there is no such API key; it was revoked, or never made here")
    if clock.wall() >= key.expires_at:
        raise NotAllowed(f"the API key {key.name} has expired")
    limit: RateLimit = request.app.state.rate_limit
    limit.take(f"key {key.id}", clock.monotonic())
    if not key.allows(request.method):
        raise Forbidden(f"the API key {key.name} may only read")
    return key.wallet


async def _by_signature(request: Request, body: bytes | str) -> str:
    """The key that signed this request, whose nonce is used up by it."""
    core = core_of(request)
    clock = core.context.ports.clock
    signed = requests.verify(request.headers, request.method, _path(request), body, clock.wall())
    key = str(signed.key)
    limit: RateLimit = request.app.state.rate_limit
    limit.take(key, clock.monotonic())
    until = clock.wall() + 2 * requests.TOLERANCE_SECONDS
    if not await core.context.ports.store.use_nonce(key, signed.nonce, until):
        raise Forbidden("the request was made before: its nonce is used")
    return key


async def signer(request: Request) -> str:
    """Whose request with a small body this is."""
    if not brings_api_key(request.headers):
        requests.claims(request.headers, core_of(request).context.ports.clock.wall())
    return await check(request, await request.body())


async def signer_if_any(request: Request) -> str | None:
    """Whose request this is; None for one that neither is signed nor brings an API key."""
    if requests.KEY_HEADER not in request.headers and api_keys.HEADER not in request.headers:
        return None
    return await signer(request)


async def wallet(request: Request) -> str:
    """The key that signed a request which no API key may make."""
    if brings_api_key(request.headers):
        raise Forbidden("an API key makes and ends no API keys; the wallet signs that")
    return await signer(request)


def _path(request: Request) -> str:
    query = request.url.query
    raw = request.scope.get("raw_path") or request.url.path.encode()
    path = raw.split(b"?")[0].decode("ascii", "replace")
    return f"{path}?{query}" if query else path


CoreOf = Annotated[Core, Depends(core_of)]
Signer = Annotated[str, Depends(signer)]
Wallet = Annotated[str, Depends(wallet)]
SignerIfAny = Annotated[str | None, Depends(signer_if_any)]
