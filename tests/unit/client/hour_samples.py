"""Hours to test with: keys from fixed seeds, amounts of the real emission."""

from dataclasses import replace

from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client.hours import PublishedHour, publish, sha256_hex
from iog_client.hours_facts import ChainClass, ChainFacts, ChainNode, Root
from iog_client.hours_rule import (
    HourEvidence,
    HourInputs,
    HourNode,
    Parameters,
    Pool,
    Previous,
    requirement,
)
from iog_client.statements import Statement

GENESIS = Hash(bytes([7] * 32))
JOBS = Pubkey(bytes([8] * 32))
MINT = Pubkey(bytes([9] * 32))
DISTRIBUTOR = Pubkey(bytes([10] * 32))
LENGTH = 3600
START = 1_800_000_000
END_2 = START + 2 * LENGTH
MAX_AGE = 24 * LENGTH
FIRST_HOUR = 410_958_904_110
"""90% of what the first hour emits."""
FIRST_TWO = 821_917_808_219


def device(seed: int) -> Keypair:
    return Keypair.from_seed(bytes([seed] * 32))


def wallet(seed: int) -> str:
    return str(device(100 + seed).pubkey())


def evidence(seed: int, hour: int, seconds: int, counter: int = 60) -> HourEvidence:
    statement = Statement.for_hour(GENESIS, JOBS, device(seed).pubkey(), hour, counter, seconds)
    return HourEvidence(counter, seconds, str(statement.sign(device(seed))))


def node(
    seed: int,
    *,
    hour: int = 1,
    seconds: int | None = LENGTH,
    pool: Pool = "enterprise",
    multiplier: int = 1000,
    gpus: int = 1,
    payee: str | None = None,
) -> HourNode:
    needed = requirement(multiplier, gpus)
    return HourNode(
        device=str(device(seed).pubkey()),
        owner=wallet(seed),
        payee=payee or wallet(seed),
        gpu_class="h100-pcie" if pool == "enterprise" else "rtx-4090",
        class_enabled=True,
        pool=pool,
        multiplier=multiplier,
        gpus=gpus,
        stake=needed,
        requirement=needed,
        state="active",
        active_from_hour=1,
        statement=None if seconds is None else evidence(seed, hour, seconds),
    )


def costaked(one: HourNode, seed: int, share_bps: int) -> HourNode:
    """The node with a co-staker, who brought half of its requirement."""
    half = one.requirement // 2
    return replace(
        one,
        stake=one.requirement - half,
        costaker=wallet(seed),
        costake=half,
        costake_share_bps=share_bps,
    )


def inputs(
    nodes: list[HourNode], total: int = FIRST_HOUR, previous: Previous | None = None
) -> HourInputs:
    return HourInputs(
        genesis_hash=str(GENESIS),
        mint=str(MINT),
        distributor=str(DISTRIBUTOR),
        jobs_program=str(JOBS),
        start=START,
        hour_length=LENGTH,
        to_rewards_total=total,
        nodes=nodes,
        previous=previous or Previous(),
    )


def two_hours() -> tuple[PublishedHour, PublishedHour]:
    """An hour of three nodes in two pools, one of them late; then one with GPU proofs: one node
    co-staked, one blocked with a proof that is too old, one with the oldest that counts."""
    first = publish(
        inputs(
            [
                node(1, multiplier=10_600, gpus=8),
                node(2, multiplier=10_600, gpus=2, seconds=3000),
                node(3, pool="community", multiplier=700, seconds=2999),
            ]
        )
    )
    one = costaked(node(1, hour=2, multiplier=10_600, gpus=8, payee=wallet(2)), 4, 3333)
    two = node(9, hour=2, multiplier=10_600, gpus=2)
    three = node(3, hour=2, pool="community", multiplier=700)
    nodes = [
        replace(one, proof=END_2),
        replace(two, proof=END_2 - MAX_AGE - 1, blocked="GPU-1 is also in another node"),
        replace(three, proof=END_2 - MAX_AGE),
    ]
    asked = inputs(nodes, FIRST_TWO, first.as_previous())
    return first, publish(replace(asked, parameters=Parameters(proof_max_age=MAX_AGE)))


def chain_node(node: HourNode) -> ChainNode:
    """A node on chain that has been as `node` says since hour 1."""
    return ChainNode(
        owner=node.owner,
        gpu_class=node.gpu_class,
        multiplier=node.multiplier,
        gpus=node.gpus,
        payee=node.payee,
        prev_payee=node.payee,
        payee_from_hour=0,
        stake=node.stake,
        prev_stake=0,
        stake_from_hour=1,
        state=node.state,
        active_from_hour=node.active_from_hour,
        costaker=node.costaker,
        costake=node.costake,
        costake_share_bps=node.costake_share_bps,
    )


def facts(hour: PublishedHour, **changes: object) -> ChainFacts:
    """What the chain would say of `hour` while its root is live."""
    root = Root(
        hour.hour, hour.root or "", hour.total, sha256_hex(hour.to_bytes()), len(hour.leaves)
    )
    pools: dict[str, Pool] = {"h100-pcie": "enterprise", "rtx-4090": "community"}
    known = ChainFacts(
        genesis_hash=str(GENESIS),
        mint=str(MINT),
        distributor=str(DISTRIBUTOR),
        jobs_program=str(JOBS),
        start=START,
        hour_length=LENGTH,
        to_rewards_total=hour.to_rewards_total,
        live=root,
        nodes={item.device: chain_node(item) for item in hour.nodes},
        classes={
            item.gpu_class: ChainClass(
                pools.get(item.gpu_class, "enterprise"), item.multiplier, item.class_enabled
            )
            for item in hour.nodes
        },
    )
    return replace(known, **changes)  # type: ignore[arg-type]
