"""A device's consent to be registered: `iog node init` writes it, `iog node register` sends it."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature as Ed25519Signature

from iog_client import addresses, faults
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.jobspec import MAX_GPUS
from iog_client.protocol import Key, Signature
from iog_client.statements import registration_bytes

MAX_FILE = 1 << 16


class Registration(BaseModel):
    """A device's consent to be registered by `owner`: what `iog node init` writes.

    `signature` is the device's, over `statements.registration_bytes`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: Key
    owner: Key
    gpu_class: Annotated[str, Field(min_length=1, max_length=addresses.SLUG_BYTES)]
    gpus: Annotated[int, Field(ge=1, le=MAX_GPUS)]
    simulated: bool = False
    genesis_hash: Key
    staking_program: Key
    signature: Signature

    @classmethod
    def signed(
        cls,
        device: Keypair,
        owner: Pubkey,
        gpu_class: str,
        gpus: int,
        genesis_hash: Hash,
        *,
        simulated: bool = False,
        staking: Pubkey = addresses.STAKING,
    ) -> "Registration":
        """The consent of `device`; `gpu_class` is a slug, `staking` the address of iog_staking."""
        place = addresses.class_address(gpu_class)
        message = registration_bytes(genesis_hash, staking, device.pubkey(), owner, place, gpus)
        return cls(
            device=str(device.pubkey()),
            owner=str(owner),
            gpu_class=gpu_class,
            gpus=gpus,
            simulated=simulated,
            genesis_hash=str(genesis_hash),
            staking_program=str(staking),
            signature=str(device.sign_message(message)),
        )

    @classmethod
    def load(cls, path: Path) -> "Registration":
        """The registration in a file.

        Raises:
            NotFound: there is no such file.
            UsageError: it holds something else.
        """
        try:
            with path.open("rb") as file:
                data = file.read(MAX_FILE)
        except FileNotFoundError as error:
            message = f"{path} does not exist; `iog node init` writes one on the node"
            raise NotFound(message) from error
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise UsageError(f"{path} is not a registration: {fault(error)}") from error

    def message(self) -> bytes:
        """The bytes that the device has signed."""
        return registration_bytes(
            Hash.from_string(self.genesis_hash),
            Pubkey.from_string(self.staking_program),
            Pubkey.from_string(self.device),
            Pubkey.from_string(self.owner),
            addresses.class_address(self.gpu_class),
            self.gpus,
        )

    def check(self, genesis_hash: Hash, owner: Pubkey) -> None:
        """Whether the chain would take it from `owner`.

        Raises:
            Refused: it is for another network, or its signature is not the device's.
            NotAllowed: it names another owner.
        """
        if self.genesis_hash != str(genesis_hash):
            raise Refused(
                f"the registration is for the chain {self.genesis_hash}, this one is {genesis_hash}"
            )
        if self.staking_program != str(addresses.STAKING):
            raise Refused(
                f"the registration is for iog_staking {self.staking_program}, "
                f"this network has {addresses.STAKING}"
            )
        if self.owner != str(owner):
            raise NotAllowed(f"the registration names {self.owner} as owner, the wallet is {owner}")
        try:
            device = Pubkey.from_string(self.device)
            good = Ed25519Signature.from_string(self.signature).verify(device, self.message())
        except ValueError:
            good = False
        if not good:
            raise Refused("the registration's signature is not the device's over its contents")


_ADDRESS = "32 to 44 characters of base58"
WORDS = faults.Words(
    noun="a registration",
    model=Registration,
    accepted={
        "device": f"the device's key, {_ADDRESS}",
        "owner": f"a wallet's address, {_ADDRESS}",
        "gpu_class": "a class's slug, like h100-pcie",
        "gpus": f"a whole number, 1 to {MAX_GPUS}",
        "simulated": "true or false",
        "genesis_hash": f"a chain's genesis hash, {_ADDRESS}",
        "staking_program": f"the address of iog_staking, {_ADDRESS}",
        "signature": "the device's signature, 64 to 88 characters of base58",
    },
    sections={},
)


def fault(error: ValidationError) -> str:
    """The first fault in one line: the field, what was found, what is accepted."""
    return faults.line(error, WORDS)
