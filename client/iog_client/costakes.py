"""Co-stakes: a wallet brings up to half of a node's collateral, for a share of its rewards.

An owner offers, another wallet takes the offer at exactly its terms, and both are bound until the
co-staker leaves, with seven days' notice, or the owner unstakes. Then the co-stake cools for 14
days (both scaled to the hour's length). It is slashed with the node's own stake.
"""

from __future__ import annotations

from dataclasses import dataclass

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, funds, nodes, records, stakes, tokens
from iog_client._generated.iog_staking.accounts import Node, OwnerRecord
from iog_client._generated.iog_staking.instructions.costake_accept import costake_accept
from iog_client._generated.iog_staking.instructions.costake_end import costake_end
from iog_client._generated.iog_staking.instructions.costake_leave import costake_leave
from iog_client._generated.iog_staking.instructions.costake_offer import costake_offer
from iog_client._generated.iog_staking.instructions.costake_revoke import costake_revoke
from iog_client._generated.iog_staking.instructions.costake_withdraw import costake_withdraw
from iog_client.amounts import BPS, format_amount, format_share
from iog_client.errors import NotAllowed, Refused, UsageError
from iog_client.rpc import Rpc
from iog_client.times import Now
from iog_client.transactions import Sender, Sent

NOTICE = 7 * 86_400
"""How long a co-stake goes on after its co-staker has left, seconds before scaling."""
MOST = 2
"""Taken offers of one owner."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is co-staked, in base units, for which part of the rewards, in 1/10,000."""

    amount: int
    share_bps: int

    def __str__(self) -> str:
        return f"{format_amount(self.amount)} for {format_share(self.share_bps)} of its rewards"


def offered(node: Node) -> Terms | None:
    """The node's offer that nobody has taken."""
    return Terms(node.offer_amount, node.offer_share_bps) if node.offer_amount else None


def taken(node: Node) -> bool:
    """Whether a co-stake stands. A slash case may have taken all of it: the share tells."""
    return bool(node.costake_share_bps)


def costaker(node: Node) -> Pubkey | None:
    """Who has a co-stake on the node, on its way out or not."""
    has_any = taken(node) or node.costake or node.cooling_costake
    return node.costaker if has_any else None


async def taken_by(rpc: Rpc, owner: Pubkey) -> int:
    """How many of an owner's offers are taken."""
    record = await records.find(rpc, OwnerRecord, addresses.owner_record(owner))
    return record.costakes if record else 0


async def offers(rpc: Rpc) -> list[Node]:
    """The nodes whose offers anybody may take, the largest share first."""
    found = [node for node in await nodes.search(rpc) if node.offer_amount]
    return sorted(found, key=lambda node: (-node.offer_share_bps, str(node.device)))


async def of_wallet(rpc: Rpc, wallet: Pubkey) -> list[Node]:
    """The nodes that a wallet co-stakes, and its own that offer or have a co-stake."""
    co_staked = await nodes.search(rpc, costaker=wallet)
    own = await nodes.search(rpc, wallet)
    return [*co_staked, *(node for node in own if node.offer_amount or costaker(node))]


async def offer(sender: Sender, owner: Keypair, device: Pubkey, terms: Terms) -> Sent:
    """Offer a co-stake on a node, in place of an offer that nobody has taken.

    Raises what `nodes.owned` does. UsageError: the terms are not possible for any node.
    Refused: for this one they are not, or it has a co-stake, a case, or is not active.
    """
    node = await nodes.owned(sender.rpc, owner.pubkey(), device)
    if not 1 <= terms.share_bps <= BPS:
        raise UsageError(f"a share of {format_share(terms.share_bps)} is outside 0.01% to 100%")
    most = nodes.required(node) // 2
    if not 1 <= terms.amount <= most:
        raise Refused(
            f"a co-stake of {format_amount(terms.amount)} is outside {format_amount(1)} to "
            f"{format_amount(most)}, half the requirement of the node {device}"
        )
    _require_free(node)
    wanted = costake_offer(
        {"amount": terms.amount, "share_bps": terms.share_bps},
        {
            "owner": owner.pubkey(),
            "node": addresses.node(device),
            "owner_record": addresses.owner_record(owner.pubkey()),
        },
    )
    return await sender.send([wanted], signers=[owner])


async def revoke(sender: Sender, owner: Keypair, device: Pubkey) -> Sent:
    """Withdraw an offer that nobody has taken.

    Raises what `nodes.owned` does. Refused: there is none.
    """
    node = await nodes.owned(sender.rpc, owner.pubkey(), device)
    if offered(node) is None:
        stands = f"; {costaker(node)} has taken it" if taken(node) else ""
        raise Refused(f"the node {device} offers no co-stake{stands}")
    wanted = costake_revoke(nodes.owned_accounts(owner.pubkey(), device))
    return await sender.send([wanted], signers=[owner])


async def acceptable(rpc: Rpc, wallet: Pubkey, device: Pubkey) -> Terms:
    """The offer of a node, if that wallet may take it now.

    Raises:
        NotFound: no node has that device.
        NotAllowed: the wallet owns the node.
        Refused: it offers nothing, is not active, its owner has no more room, the wallet holds too
        little, or staking is paused.
    """
    node = await nodes.get(rpc, device)
    terms = offered(node)
    if terms is None:
        raise Refused(f"the node {device} offers no co-stake (`iog costake show --offers`)")
    if node.owner == wallet:
        raise NotAllowed(f"the wallet {wallet} owns the node {device} and cannot co-stake it")
    _require_free(node)
    if (count := await taken_by(rpc, node.owner)) >= MOST:
        raise Refused(f"the owner {node.owner} has {count} taken offers, the most there may be")
    await stakes.require_open(rpc)
    await funds.require(rpc, wallet, terms.amount, "the co-stake")
    return terms


async def accept(sender: Sender, wallet: Keypair, device: Pubkey, terms: Terms) -> Sent:
    """Take a node's offer, which has to be exactly `terms`; the share counts from the next hour.

    Raises what `acceptable` does. Refused: the offer is another one.
    """
    found = await acceptable(sender.rpc, wallet.pubkey(), device)
    if found != terms:
        raise Refused(f"the node {device} offers {found}, not {terms}")
    node = await nodes.get(sender.rpc, device)
    wanted = costake_accept(
        {"amount": terms.amount, "share_bps": terms.share_bps},
        {
            "costaker": wallet.pubkey(),
            "config": addresses.staking_config(),
            "node": addresses.node(device),
            "owner_record": addresses.owner_record(node.owner),
            "costaker_tokens": addresses.tokens(wallet.pubkey()),
            "stake_vault": addresses.stake_vault(),
            "token_config": addresses.token_config(),
        },
    )
    return await sender.send([wanted], signers=[wallet])


async def leavable(rpc: Rpc, wallet: Pubkey, device: Pubkey) -> Node:
    """The node, if that wallet may give notice of its co-stake on it.

    Raises:
        NotFound: no node has that device.
        NotAllowed: somebody else co-stakes it.
        Refused: nobody does, it has left already, or the co-stake has ended.
    """
    node = await nodes.get(rpc, device)
    _require_costake(node)
    if node.costaker != wallet:
        raise NotAllowed(f"{node.costaker} co-stakes the node {device}, the wallet is {wallet}")
    if node.costake_leave_at:
        now = await Now.read(rpc)
        raise Refused(
            f"{wallet} has left the node {device} already; its co-stake ends "
            f"{now.moment(node.costake_leave_at)}"
        )
    return node


async def leave(sender: Sender, wallet: Keypair, device: Pubkey) -> Sent:
    """Give notice of a co-stake. Until that runs out it counts, and earns, as before.

    Raises what `leavable` does.
    """
    await leavable(sender.rpc, wallet.pubkey(), device)
    notice = costake_leave(
        {
            "costaker": wallet.pubkey(),
            "config": addresses.staking_config(),
            "node": addresses.node(device),
        }
    )
    return await sender.send([notice], signers=[wallet])


async def end(sender: Sender, device: Pubkey) -> Sent:
    """End a co-stake whose notice has run out, or of which slashing left nothing. Anyone may.

    Raises:
        NotFound: no node has that device.
        Refused: nobody co-stakes it, or the notice has not run out.
    """
    node = await nodes.get(sender.rpc, device)
    _require_costake(node)
    now = await Now.read(sender.rpc)
    is_burned = not node.costake and not node.case_open
    if not node.costake_leave_at and not is_burned:
        raise Refused(
            f"{node.costaker} co-stakes the node {device} and has given no notice "
            "(`iog costake leave`)"
        )
    if now.at < node.costake_leave_at and not is_burned:
        raise Refused(f"the co-stake of the node {device} ends {now.moment(node.costake_leave_at)}")
    ended = costake_end(
        {
            "config": addresses.staking_config(),
            "node": addresses.node(device),
            "owner_record": addresses.owner_record(node.owner),
            "token_config": addresses.token_config(),
        }
    )
    return await sender.send([ended])


async def withdraw(sender: Sender, device: Pubkey) -> Sent:
    """Pay a co-staker what has cooled. Anyone may; jobs of the node do not matter.

    Raises:
        NotFound: no node has that device.
        Refused: nothing is cooling, or something holds it back still.
    """
    node = await nodes.get(sender.rpc, device)
    if not node.cooling_costake:
        standing = f": {format_amount(node.costake)} are co-staked" if node.costake else ""
        raise Refused(f"no co-stake of the node {device} is on its way out{standing}")
    now = await Now.read(sender.rpc)
    cooling = format_amount(node.cooling_costake)
    if now.at < node.costake_cooling_until:
        raise Refused(
            f"{cooling} co-staked on the node {device} cool until "
            f"{now.moment(node.costake_cooling_until)}"
        )
    stakes.require_no_case(node, f"{cooling} leave after it")
    return await sender.send(await _withdraw_instructions(sender, node, device))


async def _withdraw_instructions(sender: Sender, node: Node, device: Pubkey) -> list[Instruction]:
    payer = sender.payer.pubkey()
    created = await tokens.create_missing(sender.rpc, payer, [node.costaker])
    paid = costake_withdraw(
        {
            "config": addresses.staking_config(),
            "node": addresses.node(device),
            "stake_vault": addresses.stake_vault(),
            "destination": addresses.tokens(node.costaker),
        }
    )
    return [*created, paid]


def _require_costake(node: Node) -> None:
    if not taken(node):
        cooling = format_amount(node.cooling_costake)
        ended = f"; {cooling} of one that has ended are cooling" if node.cooling_costake else ""
        raise Refused(f"nobody co-stakes the node {node.device}{ended}")


def _require_free(node: Node) -> None:
    """Raises `Refused` unless a co-stake may begin."""
    if nodes.state(node) != "active":
        raise Refused(
            f"the node {node.device} is {nodes.state(node)}, and only an active one is co-staked"
        )
    stakes.require_no_case(node, "no co-stake begins before it is decided")
    if taken(node) or node.costake or node.cooling_costake:
        held = format_amount(node.costake + node.cooling_costake)
        raise Refused(f"{node.costaker} has {held} co-staked on the node {node.device} already")
