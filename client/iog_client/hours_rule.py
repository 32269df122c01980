"""What one hour gives to whom; pure, exact, no I/O. `hours` has the file that is published of it.

The rule (version 1), all in integers of base units, rounded down to whoever is paid:

    share(enterprise) = floor(to_rewards * 9500 / 10000), share(community) = to_rewards - that
    released(pool)    = share(pool) + min(carry(pool), share(pool))
    score(node)       = multiplier * gpus * min(seconds, hour_length), 0 unless eligible
    grant(node)       = floor(released(pool) * score(node) / sum of the pool's scores)
    carry(pool)'      = carry(pool) + share(pool) - sum of the pool's grants

so that after every hour: sum of all cumulative rewards + carry = all that was ever minted to
rewards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from solders.pubkey import Pubkey

from iog_client import schedule
from iog_client.amounts import BPS, IO
from iog_client.protocol import U32, U64, Key, Signature

Pool = Literal["enterprise", "community"]
POOLS: tuple[Pool, Pool] = ("enterprise", "community")
"""In the order of the programs' numbers: 0 enterprise, 1 community."""
NodeState = Literal["registered", "active", "paused", "retired"]
STATES: tuple[NodeState, ...] = ("registered", "active", "paused", "retired")
"""In the order of iog_staking's numbers."""

COLLATERAL: int = 200 * IO
MAX_BLOCKED = 200
"""Letters of the reason for which a node is blocked."""
PROOF_MAX_AGE_HOURS = 24
"""Hours for which a GPU proof counts where a network asks for one."""
Leaf = tuple[Key, U64]


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers of the rule. A node has to prove `proven_numerator / proven_denominator`
    hours, and its GPUs within `proof_max_age` seconds before the hour's end (0: it has not to)."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    enterprise_bps: Annotated[int, Field(ge=0, le=BPS)] = 9500
    proven_numerator: Annotated[int, Field(ge=0)] = 5
    proven_denominator: Annotated[int, Field(ge=1)] = 6
    proof_max_age: U64 = 0


@dataclass(frozen=True, slots=True)
class PoolAmounts:
    """An amount for each pool."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    enterprise: U64 = 0
    community: U64 = 0

    def of(self, pool: Pool) -> int:
        """The amount of `pool`."""
        return self.enterprise if pool == "enterprise" else self.community

    @property
    def total(self) -> int:
        """Both together."""
        return self.enterprise + self.community


@dataclass(frozen=True, slots=True)
class HourEvidence:
    """The device's last statement about the hour."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    counter: U64
    seconds: U64
    signature: Signature


@dataclass(frozen=True, slots=True)
class HourNode:
    """A node as the hour found it, and (last three fields) what the rule made of it.

    `payee`, `stake` and the co-stake are those that count for this hour: `stake` is the owner's,
    the least it was in it, `costake` what a co-staker had in the node for all or a part of it.
    `multiplier` (thousandths) is the class's in this hour, `requirement` that of the registration.
    `blocked` is why the orchestrator has set it aside in the hour, None if it has not. `proof` is
    the chain time (unix seconds) at which it passed its newest GPU proof of those before the hour's
    end, 0 if there is none.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    device: Key
    owner: Key
    payee: Key
    gpu_class: Annotated[str, Field(max_length=16)]
    class_enabled: bool
    pool: Pool
    multiplier: U32
    gpus: Annotated[int, Field(ge=1, lt=1 << 16)]
    stake: U64
    requirement: U64
    state: NodeState
    active_from_hour: U32
    statement: HourEvidence | None
    simulated: bool = False
    blocked: Annotated[str, Field(min_length=1, max_length=MAX_BLOCKED)] | None = None
    proof: U64 = 0
    costaker: Key | None = None
    costake: U64 = 0
    costake_share_bps: Annotated[int, Field(ge=0, le=BPS)] = 0
    eligible: bool = False
    reasons: tuple[str, ...] = ()
    granted: U64 = 0


@dataclass(frozen=True, slots=True)
class Period:
    """The hour that a rule is asked of. `end` is chain time in unix seconds."""

    hour: int
    length: int
    end: int


@dataclass(frozen=True, slots=True)
class Previous:
    """What an hour takes over from the one before; `leaves` as that one published them."""

    hour: int = 0
    to_rewards_total: int = 0
    root: str | None = None
    data_hash: str | None = None
    leaves: Sequence[Leaf] = ()
    carry: PoolAmounts = field(default_factory=PoolAmounts)


@dataclass(frozen=True, slots=True)
class HourInputs:
    """Everything the rule needs. `to_rewards_total` is all minted to rewards when the hour
    ended."""

    genesis_hash: str
    mint: str
    distributor: str
    jobs_program: str
    start: int
    hour_length: int
    to_rewards_total: int
    nodes: Sequence[HourNode]
    previous: Previous = field(default_factory=Previous)
    parameters: Parameters = field(default_factory=Parameters)

    @property
    def hour(self) -> int:
        """The hour's number: one after the previous."""
        return self.previous.hour + 1

    @property
    def period(self) -> Period:
        """The hour with its length and end."""
        end = schedule.hour_end(self.start, self.hour_length, self.hour)
        return Period(self.hour, self.hour_length, end)

    @property
    def to_rewards(self) -> int:
        """What this hour alone brings."""
        return self.to_rewards_total - self.previous.to_rewards_total


@dataclass(frozen=True, slots=True)
class Allocation:
    """What the rule gives; `reasons` and `grants` in the order of the nodes, leaves by wallet."""

    released: PoolAmounts
    reasons: list[tuple[str, ...]]
    grants: list[int]
    carry: PoolAmounts
    leaves: list[Leaf]


def requirement(multiplier: int, gpus: int) -> int:
    """The collateral of a node in base units: 200 IO a GPU, times the multiplier if that is above
    1.

    Raises:
        OverflowError: never for a u32 and a u16.
    """
    return COLLATERAL * max(1000, multiplier) * gpus // 1000


def reasons(node: HourNode, period: Period, rule: Parameters) -> tuple[str, ...]:
    """Why `node` earns nothing in an hour: words of `hours_text`, none if it is eligible."""
    found = []
    if node.state != "active":
        found.append("not_active")
    elif node.active_from_hour > period.hour:
        found.append("active_later")
    if short := stake_reason(node):
        found.append(short)
    if not node.class_enabled:
        found.append("class_disabled")
    if node.blocked is not None:
        found.append("blocked")
    if node.statement is None:
        found.append("no_statement")
    elif node.statement.seconds * rule.proven_denominator < rule.proven_numerator * period.length:
        found.append("too_few_seconds")
    if lacking := proof_reason(node, period, rule):
        found.append(lacking)
    return tuple(found)


def proof_reason(node: HourNode, period: Period, rule: Parameters) -> str | None:
    """What is wrong with the node's GPU proof, where the network asks for one."""
    if not rule.proof_max_age:
        return None
    if node.proof == 0 or node.proof > period.end:
        return "no_proof"
    return "proof_old" if period.end - node.proof > rule.proof_max_age else None


def stake_reason(node: HourNode) -> str | None:
    """What of the requirement is not met: the whole of it by own stake and co-stake, half of it by
    own stake alone."""
    if node.stake + node.costake < node.requirement:
        return "stake_short"
    if node.stake < half(node.requirement):
        return "own_stake_short"
    return None


def half(needed: int) -> int:
    """The part of a requirement that has to be the owner's: half of it, rounded up."""
    return needed - needed // 2


def allocate(inputs: HourInputs) -> Allocation:
    """What the hour gives to whom: the rule at the head of this module.

    Raises:
        ValueError: less was minted than before, or a device stands twice.
    """
    if inputs.to_rewards < 0:
        raise ValueError("less was minted to rewards than in the hour before")
    if len({node.device for node in inputs.nodes}) != len(inputs.nodes):
        raise ValueError("a device stands twice")
    rule, length = inputs.parameters, inputs.hour_length
    why = [reasons(node, inputs.period, rule) for node in inputs.nodes]
    scores = [
        0 if out else score_of(node, length) for node, out in zip(inputs.nodes, why, strict=True)
    ]
    carry = inputs.previous.carry
    shares, released = pool_shares(inputs.to_rewards, carry, rule)
    totals = dict.fromkeys(POOLS, 0)
    for node, score in zip(inputs.nodes, scores, strict=True):
        totals[node.pool] += score
    grants = [
        released.of(node.pool) * score // totals[node.pool] if score else 0
        for node, score in zip(inputs.nodes, scores, strict=True)
    ]
    given = dict.fromkeys(POOLS, 0)
    for node, grant in zip(inputs.nodes, grants, strict=True):
        given[node.pool] += grant
    after = PoolAmounts(*(carry.of(pool) + shares.of(pool) - given[pool] for pool in POOLS))
    leaves = _leaves(inputs.previous.leaves, inputs.nodes, grants)
    return Allocation(released, why, grants, after, leaves)


def pool_shares(
    to_rewards: int, carry: PoolAmounts, rule: Parameters
) -> tuple[PoolAmounts, PoolAmounts]:
    """Each pool's share of the hour, and what it hands out: the share and as much carry at most."""
    enterprise = to_rewards * rule.enterprise_bps // BPS
    shares = PoolAmounts(enterprise, to_rewards - enterprise)
    more = (min(carry.of(pool), shares.of(pool)) for pool in POOLS)
    released = PoolAmounts(*(shares.of(pool) + one for pool, one in zip(POOLS, more, strict=True)))
    return shares, released


def score_of(node: HourNode, hour_length: int) -> int:
    """What an eligible node's share follows."""
    seconds = node.statement.seconds if node.statement else 0
    return node.multiplier * node.gpus * min(seconds, hour_length)


def parts_of(node: HourNode, grant: int) -> list[tuple[str, int]]:
    """Who has what of a node's grant: the co-staker's part, rounded down, and the payee's; no
    zeros."""
    costaked = grant * node.costake_share_bps // BPS if node.costaker else 0
    both = ((node.costaker, costaked), (node.payee, grant - costaked))
    return [(wallet, amount) for wallet, amount in both if wallet and amount]


def _leaves(before: Sequence[Leaf], nodes: Sequence[HourNode], grants: Sequence[int]) -> list[Leaf]:
    cumulative = dict(before)
    for node, grant in zip(nodes, grants, strict=True):
        for wallet, amount in parts_of(node, grant):
            cumulative[wallet] = cumulative.get(wallet, 0) + amount
    return sorted(cumulative.items(), key=lambda leaf: bytes(Pubkey.from_string(leaf[0])))
