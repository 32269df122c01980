"""Nodes and their classes on chain: who registered which GPUs, at what price, paid to whom."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature as Ed25519Signature

from iog_client import addresses, records
from iog_client._generated.iog_staking.accounts import Class, Node
from iog_client._generated.iog_staking.instructions.node_ask import node_ask
from iog_client._generated.iog_staking.instructions.node_pause import NodePauseAccounts, node_pause
from iog_client._generated.iog_staking.instructions.node_payee import node_payee
from iog_client._generated.iog_staking.instructions.node_register import node_register
from iog_client._generated.iog_staking.instructions.node_resume import (
    NodeResumeAccounts,
    node_resume,
)
from iog_client._generated.iog_staking.instructions.node_retire import node_retire
from iog_client.amounts import format_amount
from iog_client.errors import NotAllowed, Refused, UsageError
from iog_client.hours_rule import STATES, requirement
from iog_client.registration import Registration
from iog_client.rpc import Rpc
from iog_client.statements import ed25519_instruction
from iog_client.times import Now
from iog_client.transactions import Sender, Sent

NOBODY = Pubkey.default()
_OWNER_AT = 8 + 32
_COSTAKER_AT = 8 + 160


def state(node: Node) -> str:
    """The node's state in a word."""
    return STATES[node.state] if node.state < len(STATES) else f"state {node.state}"


def required(node: Node) -> int:
    """The collateral that the node needs, in base units."""
    return requirement(node.multiplier, node.gpus)


def least_own(node: Node) -> int:
    """The part of the collateral that has to be the owner's: half of it, rounded up."""
    return -(-required(node) // 2)


def lacking(node: Node) -> int:
    """What the owner would have to add for the node's collateral to be met, in base units."""
    return max(0, required(node) - node.stake - node.costake, least_own(node) - node.stake)


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

    A retired node may be registered anew, by the wallet that owned it.

    Raises:
        Refused: it is registered already, its class is unknown or disabled, or
        `Registration.check`. NotAllowed: the registration names another owner than the wallet, or
        the device was another owner's node.
    """
    rpc = sender.rpc
    registration.check(await rpc.genesis_hash(), owner.pubkey())
    found = await records.find(rpc, Class, addresses.class_address(registration.gpu_class))
    if found is None:
        raise _unknown_class(registration.gpu_class, await classes(rpc))
    _, enabled = class_at(found, (await Now.read(rpc)).hour)
    if not enabled:
        raise Refused(f"the class {registration.gpu_class} is disabled")
    device = Pubkey.from_string(registration.device)
    before = await records.find(rpc, Node, addresses.node(device))
    if before is not None:
        _check_again(before, owner.pubkey())
    return await sender.send(register_instructions(registration, ask, payee), signers=[owner])


def _check_again(node: Node, owner: Pubkey) -> None:
    if state(node) != "retired":
        raise Refused(f"the node {node.device} is registered already")
    if node.owner != owner:
        raise NotAllowed(
            f"the device {node.device} was a node of {node.owner}, the wallet is {owner}: "
            "another owner needs a new device key"
        )


async def get(rpc: Rpc, device: Pubkey) -> Node:
    """The node of that device.

    Raises:
        NotFound: it is not registered.
    """
    return await records.get(
        rpc, Node, addresses.node(device), f"no node is registered with the device {device}"
    )


async def owned(rpc: Rpc, owner: Pubkey, device: Pubkey) -> Node:
    """The node of that device, which is the owner's and not retired.

    Raises:
        NotFound: it is not registered. NotAllowed: it is another owner's. Refused: it is retired.
    """
    node = await get(rpc, device)
    if node.owner != owner:
        raise NotAllowed(f"the node {device} belongs to {node.owner}, the wallet is {owner}")
    if state(node) == "retired":
        raise Refused(f"the node {device} is retired; `iog node register` registers it anew")
    return node


async def set_ask(sender: Sender, owner: Keypair, device: Pubkey, ask: int) -> Sent:
    """Ask another price, in base units per GPU-second; 0 offers the node for no jobs.

    Jobs that are assigned keep theirs. Raises what `owned` does.
    """
    await owned(sender.rpc, owner.pubkey(), device)
    wanted = node_ask({"ask": ask}, owned_accounts(owner.pubkey(), device))
    return await sender.send([wanted], signers=[owner])


async def set_payee(sender: Sender, owner: Keypair, device: Pubkey, payee: Pubkey) -> Sent:
    """Pay the node's rewards and jobs to another wallet; its rewards from the next hour on.

    Raises what `owned` does. UsageError: nobody has that address.
    """
    if payee == NOBODY:
        raise UsageError(f"{payee} is nobody's address: what it is paid would be lost")
    await owned(sender.rpc, owner.pubkey(), device)
    wanted = node_payee({"payee": payee}, _timed(owner.pubkey(), device))
    return await sender.send([wanted], signers=[owner])


async def pause(sender: Sender, owner: Keypair, device: Pubkey) -> Sent:
    """Stop an active node: no more jobs, no rewards. Jobs that run on it go on.

    Raises what `owned` does. Refused: it is not active.
    """
    node = await owned(sender.rpc, owner.pubkey(), device)
    if state(node) != "active":
        raise Refused(f"the node {device} is {state(node)}, and only an active one is paused")
    wanted = node_pause(owned_accounts(owner.pubkey(), device))
    return await sender.send([wanted], signers=[owner])


async def resume(sender: Sender, owner: Keypair, device: Pubkey) -> Sent:
    """Make a node active from the next hour on: one that was paused, or whose stake fell short.

    Raises what `owned` does. Refused: it is active already, or its collateral is not met.
    """
    node = await owned(sender.rpc, owner.pubkey(), device)
    if state(node) == "active":
        raise Refused(f"the node {device} is active from hour {node.active_from_hour}")
    if lacking(node):
        raise Refused(
            f"the node {device} has {format_amount(node.stake)} of its own and "
            f"{format_amount(node.costake)} co-staked of {format_amount(required(node))}: "
            f"{format_amount(lacking(node))} are missing (`iog stake add {device} --required`)"
        )
    wanted = node_resume(_timed(owner.pubkey(), device))
    return await sender.send([wanted], signers=[owner])


async def retire(sender: Sender, owner: Keypair, device: Pubkey) -> Sent:
    """End a node that nothing is left of. Its owner may register the same device anew.

    Raises what `owned` does. Refused: something is left of it.
    """
    node = await owned(sender.rpc, owner.pubkey(), device)
    left = [*leftovers(node)]
    if left:
        raise Refused(f"the node {device} cannot be retired: {', '.join(left)}")
    wanted = node_retire(owned_accounts(owner.pubkey(), device))
    return await sender.send([wanted], signers=[owner])


def leftovers(node: Node) -> Iterator[str]:
    """What keeps a node from being retired."""
    sums = {
        "are staked": node.stake,
        "of its stake are cooling": node.cooling,
        "are co-staked": node.costake,
        "of its co-stake are cooling": node.cooling_costake,
    }
    yield from (f"{format_amount(held)} {what}" for what, held in sums.items() if held)
    if node.costake_share_bps and not node.costake:
        yield "the share of its co-staker has not ended"
    if node.offer_amount:
        yield "it offers a co-stake"
    if node.case_open:
        yield "a slash case is open"
    if node.running:
        yield f"jobs hold {node.busy} of its GPUs"


def owned_accounts(owner: Pubkey, device: Pubkey) -> NodePauseAccounts:
    """The accounts of what an owner does to a node at once."""
    return {"owner": owner, "node": addresses.node(device)}


def _timed(owner: Pubkey, device: Pubkey) -> NodeResumeAccounts:
    """The accounts of what counts from an hour on."""
    return {
        "owner": owner,
        "node": addresses.node(device),
        "token_config": addresses.token_config(),
    }


async def search(
    rpc: Rpc, owner: Pubkey | None = None, *, costaker: Pubkey | None = None
) -> list[Node]:
    """All nodes, or those of one owner or co-staker, in the order of their devices."""
    where = [(_OWNER_AT, bytes(owner))] if owner else []
    where += [(_COSTAKER_AT, bytes(costaker))] if costaker else []
    found = await records.search(rpc, addresses.STAKING, Node, where)
    return sorted((node for _, node in found), key=lambda node: str(node.device))


async def classes(rpc: Rpc) -> Mapping[Pubkey, Class]:
    """All classes by address."""
    return dict(await records.search(rpc, addresses.STAKING, Class))


async def require_class(rpc: Rpc, wanted: str) -> None:
    """See that the network has a class of that slug. Raises `Refused`, which names the nearest."""
    known = await classes(rpc)
    if addresses.class_address(wanted) not in known:
        raise _unknown_class(wanted, known)


def _unknown_class(wanted: str, known: Mapping[Pubkey, Class]) -> Refused:
    there = sorted(map(slug, known.values()))
    near = get_close_matches(wanted, there, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(there) or 'none yet'}"
    return Refused(f"there is no class `{wanted}` on this network; {hint}")
