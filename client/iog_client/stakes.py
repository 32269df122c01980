"""A node's collateral: adding to it, taking out what is more than needed, and leaving.

Own stake that its owner unstakes cools for 14 days (scaled to the hour's length) before it may be
withdrawn; what is above the requirement may be taken out at once.
"""

from collections.abc import Iterator

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, funds, nodes, records, tokens
from iog_client._generated.iog_staking.accounts import Config, Node, OwnerRecord
from iog_client._generated.iog_staking.instructions.stake_add import stake_add
from iog_client._generated.iog_staking.instructions.stake_reduce import stake_reduce
from iog_client._generated.iog_staking.instructions.stake_unstake import stake_unstake
from iog_client._generated.iog_staking.instructions.stake_withdraw import stake_withdraw
from iog_client.amounts import format_amount
from iog_client.errors import Refused, UsageError
from iog_client.rpc import Rpc
from iog_client.times import Now
from iog_client.transactions import Sender, Sent

COOLING = 14 * 86_400
"""How long stake cools, seconds before scaling."""


def missing(node: Node) -> int:
    """What the node lacks of its requirement, in base units."""
    return nodes.lacking(node)


def reducible(node: Node) -> int:
    """What its owner may take out at once, in base units."""
    if any(_held(node)):
        return 0
    spare = node.stake + node.costake - nodes.required(node)
    return max(0, min(spare, node.stake - nodes.least_own(node)))


async def config(rpc: Rpc) -> Config:
    """The program's configuration and sums.

    Raises:
        NotFound: there is no network on this chain.
    """
    return await records.get(
        rpc,
        Config,
        addresses.staking_config(),
        "there is no staking on this chain; `iog network init` makes it",
    )


async def require_open(rpc: Rpc) -> None:
    """See that stake may come in. Raises `Refused` while the network's staking is paused."""
    if (await config(rpc)).paused:
        raise Refused("staking is paused: nothing comes in, everything may leave")


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
        Refused: nothing is lacking, the wallet holds too little, or staking is paused.
        UsageError: the amount is 0.
    """
    node = await nodes.owned(sender.rpc, owner.pubkey(), device)
    if amount is None:
        amount = missing(node)
        if not amount:
            held = format_amount(node.stake + node.costake)
            raise Refused(f"the node {device} lacks nothing: {held} are staked")
    if amount < 1:
        raise UsageError(f"a stake of {format_amount(amount)} is not accepted; more than 0 IO is")
    await require_open(sender.rpc)
    await funds.require(sender.rpc, owner.pubkey(), amount, "the stake")
    return await sender.send([add_instruction(owner.pubkey(), device, amount)], signers=[owner])


async def unstakable(rpc: Rpc, owner: Pubkey, device: Pubkey) -> Node:
    """The node, if `unstake` by that wallet would do something to it now.

    Raises what `nodes.owned` does. Refused: nothing is staked.
    """
    node = await nodes.owned(rpc, owner, device)
    # Also with all of it frozen by a case: if that is dropped, it has left with its owner.
    if not node.stake and not node.costake_share_bps and not node.case_open:
        cooling = f"; {format_amount(node.cooling)} are cooling" if node.cooling else ""
        raise Refused(f"nothing is staked on the node {device}{cooling}")
    return node


async def unstake(sender: Sender, owner: Keypair, device: Pubkey) -> Sent:
    """Send all own stake on its way out. The node stops counting now, and a co-stake ends too.

    What was cooling already goes on cooling with it, until the new end.

    Raises what `unstakable` does.
    """
    await unstakable(sender.rpc, owner.pubkey(), device)
    # Not only while somebody co-stakes: the offer may be taken before this arrives.
    record = addresses.owner_record(owner.pubkey())
    has_record = await records.find(sender.rpc, OwnerRecord, record) is not None
    wanted = stake_unstake(
        {
            "owner": owner.pubkey(),
            "config": addresses.staking_config(),
            "node": addresses.node(device),
            "owner_record": record if has_record else None,
            "token_config": addresses.token_config(),
        }
    )
    return await sender.send([wanted], signers=[owner])


async def withdraw(sender: Sender, device: Pubkey) -> Sent:
    """Pay a node's owner the stake that has cooled. Anyone may.

    Raises:
        NotFound: no node has that device.
        Refused: nothing is cooling, or something holds it back still.
    """
    node = await nodes.get(sender.rpc, device)
    if not node.cooling:
        raise Refused(f"no stake of the node {device} is on its way out")
    now = await Now.read(sender.rpc)
    cooling = format_amount(node.cooling)
    if now.at < node.cooling_until:
        raise Refused(f"{cooling} of the node {device} cool until {now.moment(node.cooling_until)}")
    if node.running:
        raise Refused(f"jobs hold {node.busy} GPUs of the node {device}: {cooling} leave after it")
    require_no_case(node, f"{cooling} leave after it")
    payer = sender.payer.pubkey()
    created = await tokens.create_missing(sender.rpc, payer, [node.owner])
    paid = stake_withdraw(
        {
            "config": addresses.staking_config(),
            "node": addresses.node(device),
            "stake_vault": addresses.stake_vault(),
            "destination": addresses.tokens(node.owner),
        }
    )
    return await sender.send([*created, paid])


async def reduce(sender: Sender, owner: Keypair, device: Pubkey, amount: int | None) -> Sent:
    """Take out own stake above the requirement at once; None for all of it.

    Raises what `nodes.owned` does. Refused: less may be taken out now.
    UsageError: the amount is 0.
    """
    node = await nodes.owned(sender.rpc, owner.pubkey(), device)
    for why in _held(node):
        raise Refused(f"nothing of the node {device} may be taken out at once: {why}")
    spare = reducible(node)
    if amount == 0:
        raise UsageError("an amount of 0 IO is nothing to take out")
    if not spare or (amount or 0) > spare:
        raise Refused(
            f"of {format_amount(node.stake)} own stake of the node {device} "
            f"{format_amount(spare)} may be taken out at once: its requirement is "
            f"{format_amount(nodes.required(node))}, {format_amount(nodes.least_own(node))} of it "
            "its owner's"
        )
    wanted = await _reduce_instructions(sender, owner, device, amount or spare)
    return await sender.send(wanted, signers=[owner])


async def _reduce_instructions(
    sender: Sender, owner: Keypair, device: Pubkey, amount: int
) -> list[Instruction]:
    key = owner.pubkey()
    created = await tokens.create_missing(sender.rpc, sender.payer.pubkey(), [key])
    reduced = stake_reduce(
        {"amount": amount},
        {
            "owner": key,
            "config": addresses.staking_config(),
            "node": addresses.node(device),
            "stake_vault": addresses.stake_vault(),
            "destination": addresses.tokens(key),
            "token_config": addresses.token_config(),
        },
    )
    return [*created, reduced]


def require_no_case(node: Node, then: str) -> None:
    """Raises `Refused` while a slash case is open, with what happens `then`."""
    if node.case_open:
        raise Refused(
            f"a slash case against the node {node.device} is open (`iog slash show "
            f"{node.device}`): {then}"
        )


def _held(node: Node) -> Iterator[str]:
    """Why nothing may be taken out at once."""
    if nodes.state(node) not in ("active", "paused"):
        yield f"it is {nodes.state(node)}"
    if node.case_open:
        yield "a slash case against it is open"
    if node.costake_leave_at:
        yield "its co-staker is leaving"
