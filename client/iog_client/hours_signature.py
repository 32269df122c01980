"""The signature of a published hour, in a file beside its document; pure, no I/O.

An oracle of the network signs the hash of each document before the hour's root goes on chain, so
that whoever holds a copy knows whose it is while the chain says nothing of the hour yet. The bytes
are pinned by `tests/vectors/hour_signature.json`.
"""

from __future__ import annotations

import hashlib
import struct

from pydantic import BaseModel, ConfigDict, ValidationError
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client.errors import UsageError
from iog_client.hours_facts import ChainFacts
from iog_client.hours_parts import HourFile
from iog_client.hours_verify import Anchor
from iog_client.protocol import Key
from iog_client.protocol import Signature as SignatureText

TAG = b"iog-hour-v1\0\0\0\0\0"
_SIGNED = struct.Struct("<16s32s32sQ32s")


class HourSignature(BaseModel):
    """Who signed an hour's document; both in base58."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    signature: SignatureText

    @classmethod
    def parse(cls, data: bytes) -> HourSignature:
        """Raises `UsageError` for what is no signature's file."""
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise UsageError(f"it is no signature: {error.errors()[0]['msg']}") from None

    def to_bytes(self) -> bytes:
        """The file's contents."""
        return self.model_dump_json().encode()


def signed_bytes(genesis_hash: str, distributor: str, hour: int, document: bytes) -> bytes:
    """What is signed: tag, network, number of the hour as u64 LE, and the document's SHA-256."""
    network = bytes(Hash.from_string(genesis_hash)), bytes(Pubkey.from_string(distributor))
    return _SIGNED.pack(TAG, *network, hour, hashlib.sha256(document).digest())


def sign(
    oracle: Keypair, genesis_hash: str, distributor: str, hour: int, document: bytes
) -> HourSignature:
    """The oracle's signature of an hour's document; the same each time."""
    message = signed_bytes(genesis_hash, distributor, hour, document)
    return HourSignature(key=str(oracle.pubkey()), signature=str(oracle.sign_message(message)))


def judged(
    data: bytes | None, hour: HourFile, anchor: Anchor, facts: ChainFacts
) -> tuple[list[str], list[str]]:
    """What does not hold of an hour's signature, and what is only to be known of it.

    Of an hour whose root the chain does not show any more, the key may have been an oracle then.
    """
    number = hour.head.hour
    if data is None:
        return [], [f"hour {number} bears no signature of an oracle"]
    message = signed_bytes(facts.genesis_hash, facts.distributor, number, hour.document)
    try:
        found = HourSignature.parse(data)
        key, signature = Pubkey.from_string(found.key), Signature.from_string(found.signature)
    except (UsageError, ValueError) as error:
        return [f"the signature of hour {number} cannot be read: {error}"], []
    if not signature.verify(key, message):
        return [f"the signature by {found.key} is not over this document of hour {number}"], []
    if found.key in facts.oracles:
        return [], []
    line = f"hour {number} is signed by {found.key}, which is no oracle of this network"
    return ([], [f"{line} now"]) if anchor == "earlier" else ([line], [])
