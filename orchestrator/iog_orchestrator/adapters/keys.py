"""The orchestrator's key towards workers, the oracle's over hours, and checks of signatures."""

from collections.abc import Callable

from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client import hours_signature

HourSigner = Callable[[int, bytes], bytes]
"""The file of an hour's signature, from its number and document."""


class KeypairSigner:
    """`ports.Signer` over a key in memory."""

    def __init__(self, keypair: Keypair) -> None:
        self._keypair = keypair

    @property
    def address(self) -> str:
        return str(self._keypair.pubkey())

    def sign(self, message: bytes) -> str:
        return str(self._keypair.sign_message(message))

    def verify(self, key: str, message: bytes, signature: str) -> bool:
        try:
            return Signature.from_string(signature).verify(Pubkey.from_string(key), message)
        except ValueError:
            return False


def hour_signer(oracle: Keypair, genesis_hash: str, distributor: str) -> HourSigner:
    """Signs the hours of one network."""

    def sign(hour: int, document: bytes) -> bytes:
        return hours_signature.sign(oracle, genesis_hash, distributor, hour, document).to_bytes()

    return sign
