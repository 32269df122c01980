"""The mutual challenge that opens a connection, and the session key that comes of it."""

import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from iog_client.protocol.nodes import Hello

NONCE_BYTES = 16
HELLO_TAG = b"iog-hello-v1"
ANSWER_TAG = b"iog-answer-v1"


def nonce() -> str:
    """A fresh random nonce."""
    return secrets.token_hex(NONCE_BYTES)


def exchange_bytes(tag: bytes, hello: Hello, server_nonce: str, server_exchange_key: str) -> bytes:
    """What both sides sign in the challenge, under their own tag."""
    return b"|".join(
        [
            tag,
            str(hello.protocol).encode(),
            hello.device.encode(),
            hello.nonce.encode(),
            server_nonce.encode(),
            hello.exchange_key.encode(),
            server_exchange_key.encode(),
        ]
    )


def session_key(own: X25519PrivateKey, peer: str, worker_nonce: str, server_nonce: str) -> bytes:
    """The 32-byte key that both ends of a connection derive from their ephemeral keys.

    Raises:
        ValueError: the peer's key is not a point that gives a secret.
    """
    secret = own.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(peer)))
    salt = bytes.fromhex(worker_nonce + server_nonce)
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=b"iog-session-v1").derive(
        secret
    )
