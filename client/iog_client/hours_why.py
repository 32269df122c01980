"""How a node's share of an hour came about, from the published hour alone; pure, no I/O.

Everything is counted again from the node's own inputs and the pool's other nodes; `published` is
what the file says it was granted.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from iog_client.amounts import BPS, format_amount
from iog_client.errors import NotFound
from iog_client.hours_parts import HourFile
from iog_client.hours_rule import (
    HourNode,
    Parameters,
    Period,
    Pool,
    PoolAmounts,
    half,
    pool_shares,
    reasons,
    score_of,
)
from iog_client.hours_text import explain

Said = Callable[[HourNode, Period, Parameters], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, whether the node kept it, and the numbers."""

    rule: str
    passed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Paid:
    """A wallet's part of the grant (base units), and its cumulative reward by the hour: its
    leaf."""

    wallet: str
    part: int
    cumulative: int


@dataclass(frozen=True, slots=True)
class Why:
    """A node in an hour. Amounts in base units; `share`, `carry` and `released` are the pool's, as
    is `pool_score`, the sum over its `pool_nodes` eligible nodes."""

    hour: int
    data_hash: str
    root: str | None
    device: str
    owner: str
    gpu_class: str
    pool: Pool
    multiplier: int
    gpus: int
    seconds: int
    simulated: bool
    rules: list[Rule]
    score: int
    pool_score: int
    pool_nodes: int
    share: int
    carry: int
    released: int
    granted: int
    published: int
    payee: Paid
    costaker: Paid | None
    costake_share_bps: int


@dataclass(frozen=True, slots=True)
class _Rule:
    """`broken` are the reasons by which it is not kept."""

    name: str
    broken: Collection[str]
    kept: Said


def why(hour: HourFile, device: str | None, owner: str | None = None) -> list[Why]:
    """How the share of a device came about, or those of all nodes of an owner.

    Raises:
        NotFound: the hour has no such node.
    """
    head = hour.head
    found, scores, counts = [], {"enterprise": 0, "community": 0}, {"enterprise": 0, "community": 0}
    for node in hour.nodes():
        if node.device == device or (device is None and node.owner == owner):
            found.append(node)
        if not reasons(node, head.period, head.parameters):
            scores[node.pool] += score_of(node, head.hour_length)
            counts[node.pool] += 1
    if not found:
        whom = f"node {device}" if device else f"node of {owner}"
        raise NotFound(f"hour {head.hour} has no {whom} among its {hour.node_count} nodes")
    paid = {who for node in found for who in (node.payee, node.costaker)}
    leaves = {wallet: amount for wallet, amount in hour.leaves() if wallet in paid}
    pools = pool_shares(head.to_rewards, head.carry_before, head.parameters)
    return [_why(hour, node, pools, scores[node.pool], counts[node.pool], leaves) for node in found]


def _why(
    hour: HourFile,
    node: HourNode,
    pools: tuple[PoolAmounts, PoolAmounts],
    pool_score: int,
    pool_nodes: int,
    leaves: dict[str, int],
) -> Why:
    head = hour.head
    out = reasons(node, head.period, head.parameters)
    score = 0 if out else score_of(node, head.hour_length)
    shares, released = pools
    granted = released.of(node.pool) * score // pool_score if score else 0
    costaked = granted * node.costake_share_bps // BPS if node.costaker else 0
    return Why(
        hour=head.hour,
        data_hash=hour.data_hash,
        root=head.root,
        device=node.device,
        owner=node.owner,
        gpu_class=node.gpu_class,
        pool=node.pool,
        multiplier=node.multiplier,
        gpus=node.gpus,
        seconds=node.statement.seconds if node.statement else 0,
        simulated=node.simulated,
        rules=[_rule(one, out, node, hour) for one in RULES],
        score=score,
        pool_score=pool_score,
        pool_nodes=pool_nodes,
        share=shares.of(node.pool),
        carry=head.carry_before.of(node.pool),
        released=released.of(node.pool),
        granted=granted,
        published=node.granted,
        payee=Paid(node.payee, granted - costaked, leaves.get(node.payee, 0)),
        costaker=None
        if node.costaker is None
        else Paid(node.costaker, costaked, leaves.get(node.costaker, 0)),
        costake_share_bps=node.costake_share_bps,
    )


def _rule(rule: _Rule, out: Collection[str], node: HourNode, hour: HourFile) -> Rule:
    period, parameters = hour.head.period, hour.head.parameters
    broken = [one for one in out if one in rule.broken]
    if broken:
        return Rule(rule.name, False, explain(broken[0], node, period, parameters))
    return Rule(rule.name, True, rule.kept(node, period, parameters))


def _stake(node: HourNode, _period: Period, _rule: Parameters) -> str:
    both = f" and {format_amount(node.costake)} co-staked" if node.costake else ""
    required = format_amount(node.requirement)
    return (
        f"its stake is {format_amount(node.stake)}{both}; {required} are required, "
        f"{format_amount(half(node.requirement))} of them the owner's"
    )


def _statement(node: HourNode, period: Period, rule: Parameters) -> str:
    seconds = node.statement.seconds if node.statement else 0
    needed = -(-rule.proven_numerator * period.length // rule.proven_denominator)
    return f"it has proven {seconds} s of the hour's {period.length} s; {needed} s are needed"


def _proof(node: HourNode, period: Period, rule: Parameters) -> str:
    if not rule.proof_max_age:
        return "the network asks for no GPU proof"
    return (
        f"its last GPU proof was {period.end - node.proof} s old at the end of the hour; "
        f"{rule.proof_max_age} s are accepted"
    )


RULES = (
    _Rule(
        "active",
        ("not_active", "active_later"),
        lambda node, _period, _rule: f"it is active from hour {node.active_from_hour}",
    ),
    _Rule("stake", ("stake_short", "own_stake_short"), _stake),
    _Rule(
        "class",
        ("class_disabled",),
        lambda node, _period, _rule: f"the class {node.gpu_class} is enabled",
    ),
    _Rule(
        "not blocked",
        ("blocked",),
        lambda _node, _period, _rule: "the orchestrator has not blocked it",
    ),
    _Rule("proven", ("no_statement", "too_few_seconds"), _statement),
    _Rule("GPU proof", ("no_proof", "proof_old"), _proof),
)
"""All of them have to be kept, in the order of `hours_rule.reasons`."""
