"""The orchestrator's key towards workers, the oracle's over hours, and checks of signatures."""

from collections.abc import Callable, Sequence

from solders.keypair import Keypair

from iog_client import hours_signature
from iog_orchestrator.adapters.signature_checks import SignatureChecks, Signed, is_valid

HourSigner = Callable[[int, bytes], bytes]
"""The file of an hour's signature, from its number and document."""


class KeypairSigner:
    """`ports.Signer` over a key in memory."""

    def __init__(self, keypair: Keypair, checks: SignatureChecks | None = None) -> None:
        self._keypair = keypair
        self._checks = checks or SignatureChecks()

    @property
    def address(self) -> str:
        return str(self._keypair.pubkey())

    def sign(self, message: bytes) -> str:
        return str(self._keypair.sign_message(message))

    def verify(self, key: str, message: bytes, signature: str) -> bool:
        return is_valid(key, message, signature)

    async def verify_all(self, signed: Sequence[Signed]) -> list[bool]:
        return await self._checks.valid(signed)


def hour_signer(oracle: Keypair, genesis_hash: str, distributor: str) -> HourSigner:
    """Signs the hours of one network."""

    def sign(hour: int, document: bytes) -> bytes:
        return hours_signature.sign(oracle, genesis_hash, distributor, hour, document).to_bytes()

    return sign
