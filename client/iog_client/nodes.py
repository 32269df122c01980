"""Nodes and their classes on chain: who registered which GPUs, at what price."""

from collections.abc import Mapping

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature as Ed25519Signature

from iog_client import addresses, records, schedule, tokens
from iog_client._generated.iog_staking.accounts import Class, Node
from iog_client._generated.iog_staking.instructions.node_register import node_register
from iog_client.errors import Refused
from iog_client.hours import STATES, requirement
from iog_client.registration import Registration
from iog_client.rpc import Rpc
from iog_client.statements import ed25519_instruction
from iog_client.transactions import Sender, Sent

_OWNER_AT = 8 + 32


def state(node: Node) -> str:
    """The node's state in a word."""
    return STATES[node.state] if node.state < len(STATES) else f"state {node.state}"


def required(node: Node) -> int:
    """The collateral that the node needs, in base units."""
    return requirement(node.multiplier, node.gpus)


def slug(record: Class) -> str:
    """The class's slug as text."""
    return bytes(record.slug).rstrip(b"\0").decode("ascii", "replace")


def class_at(record: Class, hour: int) -> tuple[int, bool]:
    """Multiplier (thousandths) of a class in an hour, and whether it is enabled then: what was
    announced counts from its hour on."""
    if record.next_from_hour and hour >= record.next_from_hour:
        return record.next_multiplier, bool(record.next_enabled)
    return record.multiplier, bool(record.enabled)


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
        Refused: it is registered already (unless retired, by the same owner), its class is
        unknown or disabled, or `Registration.check`.
        NotAllowed: the registration names another owner.
    """
    rpc = sender.rpc
    registration.check(await rpc.genesis_hash(), owner.pubkey())
    found = await records.find(rpc, Class, addresses.class_address(registration.gpu_class))
    if found is None:
        known = ", ".join(sorted(slug(each) for each in (await classes(rpc)).values()))
        raise Refused(
            f"the network has no class {registration.gpu_class}; it has {known or 'none yet'}"
        )
    settings = await tokens.config(rpc)
    now = await rpc.chain_time()
    hour = schedule.hour_at(settings.start, settings.hour_length, now)
    _, enabled = class_at(found, hour)
    if not enabled:
        raise Refused(f"the class {registration.gpu_class} is disabled")
    device = Pubkey.from_string(registration.device)
    if old := await records.find(rpc, Node, addresses.node(device)):
        if state(old) != "retired":
            raise Refused(f"the node {device} is registered already")
        if old.owner != owner.pubkey():
            raise Refused(
                f"the device {device} was a node of {old.owner}: "
                "another owner needs a new device key"
            )
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
