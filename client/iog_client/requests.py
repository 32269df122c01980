"""Signed requests to the orchestrator's HTTP API: pure functions, used by both of its ends.

A request carries four headers: the key, the time in unix seconds, a nonce and the signature over
the method, the path with its query, the body's hash, the time and the nonce. That a nonce is used
once is for the server to see to; `verify` gives it back for that purpose.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client.errors import NotAllowed

TAG = "iog-request-v1"
TOLERANCE_SECONDS = 60
NONCE_BYTES = 16

KEY_HEADER = "X-IOG-Key"
TIME_HEADER = "X-IOG-Time"
NONCE_HEADER = "X-IOG-Nonce"
SIGNATURE_HEADER = "X-IOG-Signature"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a request's headers say of its signature, which is not checked yet."""

    key: Pubkey
    time: str
    nonce: str
    signature: Signature


@dataclass(frozen=True, slots=True)
class Signed:
    """Who sent a request, and the nonce that must not come again within twice the tolerance."""

    key: Pubkey
    nonce: str


def body_hash(body: bytes) -> str:
    """The hash of a body as requests are signed with it: lowercase hex of its SHA-256."""
    return hashlib.sha256(body).hexdigest()


def sign(
    keypair: Keypair,
    method: str,
    path: str,
    body: bytes | str,
    now: float,
    nonce: str | None = None,
) -> dict[str, str]:
    """The headers of a request at unix time `now`.

    `path` includes the query as it is sent. `body` is the body, or its hash when that is known
    already (a blob that is streamed from disk).
    """
    nonce = nonce or secrets.token_hex(NONCE_BYTES)
    time = str(int(now))
    signature = keypair.sign_message(_bytes(method, path, body, time, nonce))
    return {
        KEY_HEADER: str(keypair.pubkey()),
        TIME_HEADER: time,
        NONCE_HEADER: nonce,
        SIGNATURE_HEADER: str(signature),
    }


def claims(headers: Mapping[str, str], now: float) -> Claims:
    """What can be checked of a signed request before any of its body is read.

    Header names are compared without regard to case.

    Raises:
        NotAllowed: a header is missing or malformed, or the time is more than 60 s off.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    key_text, time, nonce, signature_text = (
        _header(lowered, name) for name in (KEY_HEADER, TIME_HEADER, NONCE_HEADER, SIGNATURE_HEADER)
    )
    try:
        key, signature = Pubkey.from_string(key_text), Signature.from_string(signature_text)
    except ValueError as error:
        raise NotAllowed(f"{KEY_HEADER} or {SIGNATURE_HEADER} is not base58") from error
    if len(nonce) != 2 * NONCE_BYTES or any(letter not in "0123456789abcdef" for letter in nonce):
        raise NotAllowed(f"{NONCE_HEADER} is not {NONCE_BYTES} bytes in lowercase hex")
    if not (time.isascii() and time.isdigit() and len(time) <= 12):
        raise NotAllowed(f"{TIME_HEADER} is not a unix time in seconds")
    if abs(int(time) - now) > TOLERANCE_SECONDS:
        raise NotAllowed(
            f"the request is {abs(int(time) - int(now))} s off the server's clock; "
            f"{TOLERANCE_SECONDS} s are accepted"
        )
    return Claims(key, time, nonce, signature)


def verify(
    headers: Mapping[str, str], method: str, path: str, body: bytes | str, now: float
) -> Signed:
    """Who signed this request.

    Raises:
        NotAllowed: the headers are not good (see `claims`), or the signature is not over this
            request.
    """
    said = claims(headers, now)
    signed = _bytes(method, path, body, said.time, said.nonce)
    if not said.signature.verify(said.key, signed):
        raise NotAllowed("the signature is not over this request")
    return Signed(said.key, said.nonce)


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name.lower())
    if not value:
        raise NotAllowed(f"the request is not signed: {name} is missing")
    return value


def _bytes(method: str, path: str, body: bytes | str, time: str, nonce: str) -> bytes:
    digest = body if isinstance(body, str) else body_hash(body)
    return "\n".join((TAG, method.upper(), path, digest, time, nonce)).encode()
