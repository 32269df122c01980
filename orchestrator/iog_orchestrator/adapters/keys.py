"""The orchestrator's key towards workers, and checks of signatures."""

from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature


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
