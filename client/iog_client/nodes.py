"""Nodes and their classes on chain: who registered which GPUs, at what price."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature as Ed25519Signature

from iog_client import addresses, records
from iog_client._generated.iog_staking.accounts import Class, Node
from iog_client._generated.iog_staking.instructions.node_register import node_register
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.hours import STATES, requirement
from iog_client.protocol import Key, Signature
from iog_client.rpc import Rpc
from iog_client.statements import ed25519_instruction, registration_bytes
from iog_client.transactions import Sender, Sent

MAX_FILE = 1 << 16
MAX_GPUS = 1024
_OWNER_AT = 8 + 32


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
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "file"
            raise UsageError(f"{path} is not a registration: {where}: {first['msg']}") from error

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


def state(node: Node) -> str:
    """The node's state in a word."""
    return STATES[node.state] if node.state < len(STATES) else f"state {node.state}"


def required(node: Node) -> int:
    """The collateral that the node needs, in base units."""
    return requirement(node.multiplier, node.gpus)


def slug(record: Class) -> str:
    """The class's slug as text."""
    return bytes(record.slug).rstrip(b"\0").decode("ascii", "replace")


def register_instructions(registration: Registration, ask: int, payee: Pubkey) -> list[Instruction]:
    """Registers the node at `ask` base units per GPU-second: to be signed by the owner."""
    device = Pubkey.from_string(registration.device)
    signature = Ed25519Signature.from_string(registration.signature)
    return [
        ed25519_instruction(registration.message(), [(device, signature)]),
        node_register(
            {"gpus": registration.gpus, "ask": ask, "payee": payee},
            {
                "owner": Pubkey.from_string(registration.owner),
                "config": addresses.staking_config(),
                "class_": addresses.class_address(registration.gpu_class),
                "node": addresses.node(device),
                "token_config": addresses.token_config(),
                "instructions": addresses.INSTRUCTIONS_SYSVAR,
                "device": device,
            },
        ),
    ]


async def register(
    sender: Sender, owner: Keypair, registration: Registration, ask: int, payee: Pubkey
) -> Sent:
    """Register a node, after the checks that the chain would make.

    Raises:
        Refused: it is registered already, its class is unknown or disabled, or
        `Registration.check`. NotAllowed: the registration names another owner.
    """
    rpc = sender.rpc
    registration.check(await rpc.genesis_hash(), owner.pubkey())
    found = await records.find(rpc, Class, addresses.class_address(registration.gpu_class))
    if found is None:
        known = ", ".join(sorted(slug(each) for each in (await classes(rpc)).values()))
        raise Refused(
            f"the network has no class {registration.gpu_class}; it has {known or 'none yet'}"
        )
    if not found.enabled:
        raise Refused(f"the class {registration.gpu_class} is disabled")
    device = Pubkey.from_string(registration.device)
    if await records.find(rpc, Node, addresses.node(device)):
        raise Refused(f"the node {device} is registered already")
    return await sender.send(register_instructions(registration, ask, payee), signers=[owner])


async def get(rpc: Rpc, device: Pubkey) -> Node:
    """The node of that device.

    Raises:
        NotFound: it is not registered.
    """
    return await records.get(
        rpc, Node, addresses.node(device), f"no node is registered with the device {device}"
    )


async def search(rpc: Rpc, owner: Pubkey | None = None) -> list[Node]:
    """All nodes, or those of one owner, in the order of their devices."""
    where = [(_OWNER_AT, bytes(owner))] if owner else []
    found = await records.search(rpc, addresses.STAKING, Node, where)
    return sorted((node for _, node in found), key=lambda node: str(node.device))


async def classes(rpc: Rpc) -> Mapping[Pubkey, Class]:
    """All classes by address."""
    return dict(await records.search(rpc, addresses.STAKING, Class))
