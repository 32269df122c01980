"""Hourly rewards on chain: claiming, and what `hours_verify` compares published hours with."""

from collections.abc import Sequence
from dataclasses import dataclass

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, hours, merkle, nodes, records, schedule, tokens
from iog_client._generated.iog_rewards.accounts import Distributor, Recipient
from iog_client._generated.iog_rewards.instructions.reward_claim import reward_claim
from iog_client._generated.iog_rewards.instructions.root_veto import root_veto
from iog_client._generated.iog_staking.accounts import Class, Node
from iog_client._generated.iog_token.accounts import Config
from iog_client.amounts import format_amount
from iog_client.api_models import RewardProof
from iog_client.errors import NotAllowed, NotFound, Refused
from iog_client.hours import PublishedHour
from iog_client.hours_facts import ChainClass, ChainFacts, ChainNode, Root
from iog_client.hours_parts import HourFile
from iog_client.hours_rule import POOLS, STATES
from iog_client.rpc import Rpc
from iog_client.transactions import Sender, Sent


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim paid (base units) and to whom."""

    wallet: Pubkey
    amount: int
    cumulative: int
    epoch: int
    sent: Sent


async def distributor(rpc: Rpc) -> Distributor:
    """The account that holds the roots.

    Raises:
        NotFound: there is no network on this chain.
    """
    return await records.get(
        rpc,
        Distributor,
        addresses.distributor(),
        "there is no distributor of rewards on this chain; `iog network init` makes one",
    )


async def claimed(rpc: Rpc, wallet: Pubkey) -> int:
    """What the wallet has claimed so far, in base units."""
    recipient = await records.find(rpc, Recipient, addresses.recipient(wallet))
    return int(recipient.claimed) if recipient else 0


def due_root(record: Distributor, now: int) -> Root | None:
    """The root that a claim at chain time `now` is checked against: a due pending one goes
    first."""
    pending, live = roots(record)
    return pending if pending and record.active_at <= now else live


def roots(record: Distributor) -> tuple[Root | None, Root | None]:
    """The pending and the live root, as far as there are."""
    pending = Root(
        epoch=record.pending_epoch,
        root=bytes(record.pending_root).hex(),
        total=record.pending_total,
        data_hash=bytes(record.pending_data_hash).hex(),
        count=record.pending_count,
    )
    live = Root(
        epoch=record.epoch,
        root=bytes(record.root).hex(),
        total=record.total,
        data_hash=bytes(record.data_hash).hex(),
        count=record.count,
    )
    return pending if pending.epoch else None, live if live.epoch else None


def proof_of(hour: PublishedHour | HourFile, wallet: Pubkey) -> RewardProof:
    """The wallet's proof by a published hour: claiming needs no orchestrator.

    Raises:
        NotFound: the wallet has earned nothing by then.
    """
    head = hour.head if isinstance(hour, HourFile) else hour
    leaves = list(hour.leaves() if isinstance(hour, HourFile) else hour.leaves)
    cumulative = dict(leaves).get(str(wallet))
    if cumulative is None or head.root is None:
        raise NotFound(f"{wallet} has earned nothing by hour {head.hour}")
    proof = [sibling.hex() for sibling in hours.tree(head.distributor, leaves).proof(wallet)]
    return RewardProof(
        wallet=str(wallet), epoch=head.hour, root=head.root, cumulative=cumulative, proof=proof
    )


def claim_instruction(
    payer: Pubkey, wallet: Pubkey, root: bytes, cumulative: int, proof: Sequence[bytes]
) -> Instruction:
    """Pays `wallet` what it has not claimed of `cumulative`; `payer` pays fee and rent."""
    return reward_claim(
        {"expected_root": root, "cumulative": cumulative, "proof": list(proof)},
        {
            "payer": payer,
            "distributor": addresses.distributor(),
            "recipient": addresses.recipient(wallet),
            "wallet": wallet,
            "vault": addresses.rewards_vault(),
            "destination": addresses.tokens(wallet),
        },
    )


async def claim(sender: Sender, proof: RewardProof) -> Claim:
    """Claim for the proof's wallet, after the checks that the program would make.

    Raises:
        NotFound: there is no root yet.
        Refused: the proof is for another root or does not hold, or nothing is left to claim.
    """
    rpc, wallet = sender.rpc, Pubkey.from_string(proof.wallet)
    root = due_root(await distributor(rpc), await rpc.chain_time())
    if root is None:
        raise NotFound("there is no root of rewards on chain yet; the first comes with an hour")
    if proof.root != root.root:
        raise Refused(f"the proof is for the root of hour {proof.epoch}, live is hour {root.epoch}")
    leaf = merkle.leaf(addresses.distributor(), wallet, proof.cumulative)
    siblings = [bytes.fromhex(sibling) for sibling in proof.proof]
    if not merkle.verify(bytes.fromhex(root.root), leaf, siblings):
        raise Refused(
            f"the proof does not lead from {format_amount(proof.cumulative)} for {wallet} "
            f"to the root of hour {root.epoch}"
        )
    before = await claimed(rpc, wallet)
    if proof.cumulative <= before:
        raise Refused(
            f"nothing to claim: {wallet} has earned {format_amount(proof.cumulative)} "
            f"by hour {root.epoch} and claimed {format_amount(before)}"
        )
    payer, expected = sender.payer.pubkey(), bytes.fromhex(root.root)
    paid = claim_instruction(payer, wallet, expected, proof.cumulative, siblings)
    sent = await sender.send([*await tokens.create_missing(rpc, payer, [wallet]), paid])
    return Claim(wallet, proof.cumulative - before, proof.cumulative, root.epoch, sent)


def veto_instruction(guardian: Pubkey) -> Instruction:
    """Drops the pending root."""
    return root_veto({"guardian": guardian, "distributor": addresses.distributor()})


async def veto(sender: Sender, guardian: Keypair) -> tuple[Root, Sent]:
    """Drop the pending root, and say which. The same hour may be proposed again.

    Raises:
        NotAllowed: another key is the guardian.
        Refused: no root is pending, or its time to be vetoed is over.
    """
    record = await distributor(sender.rpc)
    if record.guardian != guardian.pubkey():
        raise NotAllowed(
            f"the guardian of iog_rewards is {record.guardian}, not {guardian.pubkey()}"
        )
    pending, live = roots(record)
    if pending is None:
        last = f"; the live one is of hour {live.epoch}" if live else ""
        raise Refused(f"no root of rewards is pending{last}")
    late = await sender.rpc.chain_time() - record.active_at
    if late >= 0:
        raise Refused(f"the root of hour {pending.epoch} is live since {late} s: no veto any more")
    sent = await sender.send([veto_instruction(guardian.pubkey())], signers=[guardian])
    return pending, sent


async def chain_facts(rpc: Rpc, hour: int) -> ChainFacts:
    """What the chain says that a published `hour` can be compared with.

    Raises:
        NotFound: there is no network on this chain.
    """
    config = await tokens.config(rpc)
    record = await distributor(rpc)
    pending, live = roots(record)
    classes = await nodes.classes(rpc)
    slugs = {address: nodes.slug(record) for address, record in classes.items()}
    found = await records.search(rpc, addresses.STAKING, Node)
    return ChainFacts(
        genesis_hash=str(await rpc.genesis_hash()),
        mint=str(addresses.mint()),
        distributor=str(addresses.distributor()),
        jobs_program=str(addresses.JOBS),
        start=config.start,
        hour_length=config.hour_length,
        to_rewards_total=to_rewards_by(config, hour),
        live=live,
        pending=pending,
        nodes={
            str(node.device): _chain_node(
                node,
                slugs.get(node.class_, ""),
                schedule.hour_at(config.start, config.hour_length, node.registered_at),
            )
            for _, node in found
        },
        classes={nodes.slug(one): _chain_class(one) for one in classes.values()},
        oracles=[str(key) for key in record.oracles[: record.oracle_count]],
    )


def _chain_node(node: Node, slug: str, registered_in_hour: int) -> ChainNode:
    return ChainNode(
        owner=str(node.owner),
        gpu_class=slug,
        multiplier=node.multiplier,
        gpus=node.gpus,
        payee=str(node.payee),
        prev_payee=str(node.prev_payee),
        payee_from_hour=node.payee_from_hour,
        stake=node.stake,
        prev_stake=node.prev_stake,
        stake_from_hour=node.stake_from_hour,
        state=STATES[node.state],
        active_from_hour=node.active_from_hour,
        costaker=None if node.costaker == Pubkey.default() else str(node.costaker),
        costake=node.costake,
        cooling_costake=node.cooling_costake,
        costake_share_bps=node.costake_share_bps,
        prev_costake_share_bps=node.prev_costake_share_bps,
        costake_from_hour=node.costake_from_hour,
        registered_in_hour=registered_in_hour,
    )


def _chain_class(record: Class) -> ChainClass:
    return ChainClass(
        pool=POOLS[record.pool],
        multiplier=record.multiplier,
        enabled=bool(record.enabled),
        next_multiplier=record.next_multiplier,
        next_enabled=bool(record.next_enabled),
        next_from_hour=record.next_from_hour,
    )


def to_rewards_by(config: Config, hour: int) -> int | None:
    """All that the emission gives to rewards by the end of `hour`, in base units.

    None for hours before the present split between rewards and the backers' pool, which the chain
    does not remember. The formula is iog_token's: the pool has its sum up to the split, and of what
    came since then `pool_bps`, rounded down; the rest is for rewards.
    """
    if hour < config.split_from_hour:
        return None
    return schedule.split(
        hour,
        config.pool_bps,
        split_from_hour=config.split_from_hour,
        pool_base=config.pool_base,
        next_split_hour=config.next_split_hour,
        next_pool_bps=config.next_pool_bps,
    )[0]
