"""A node's collateral."""

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, funds, nodes
from iog_client._generated.iog_staking.accounts import Node
from iog_client._generated.iog_staking.instructions.stake_add import stake_add
from iog_client.amounts import format_amount
from iog_client.errors import NotAllowed, Refused, UsageError
from iog_client.transactions import Sender, Sent


def missing(node: Node) -> int:
    """What the owner has still to add, in base units: a co-stake counts, but half of the
    requirement is the owner's own."""
    needed, own = nodes.required(node), int(node.stake)
    return max(0, needed - own - int(node.costake), needed - needed // 2 - own)


def add_instruction(owner: Pubkey, device: Pubkey, amount: int) -> Instruction:
    """Moves `amount` base units from the owner's tokens to the node's stake."""
    return stake_add(
        {"amount": amount},
        {
            "owner": owner,
            "config": addresses.staking_config(),
            "node": addresses.node(device),
            "owner_tokens": addresses.tokens(owner),
            "stake_vault": addresses.stake_vault(),
            "token_config": addresses.token_config(),
        },
    )


async def add(sender: Sender, owner: Keypair, device: Pubkey, amount: int | None) -> Sent:
    """Add `amount` base units to a node's stake; None for what it lacks of its requirement.

    Raises:
        NotFound: no node has that device.
        NotAllowed: it is another owner's.
        Refused: nothing is lacking, or the wallet holds too little.
        UsageError: the amount is 0.
    """
    node = await nodes.get(sender.rpc, device)
    if node.owner != owner.pubkey():
        raise NotAllowed(
            f"the node {device} belongs to {node.owner}, the wallet is {owner.pubkey()}"
        )
    if amount is None:
        amount = missing(node)
        if not amount:
            held = format_amount(int(node.stake) + int(node.costake))
            raise Refused(f"the node {device} lacks nothing: {held} are staked")
    if amount < 1:
        raise UsageError(f"a stake of {format_amount(amount)} is not accepted; more than 0 IO is")
    await funds.require(sender.rpc, owner.pubkey(), amount, "the stake")
    return await sender.send([add_instruction(owner.pubkey(), device, amount)], signers=[owner])
