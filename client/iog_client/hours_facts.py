"""What the chain says of an hour and its nodes, and where a published node differs; pure, no I/O.

An account holds what is and the last change of it, not its history. So a value is compared where
the chain still knows what counted in the hour (a problem if it differs), and named where it has
forgotten (a note if it differs from the oldest value it has).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from iog_client.hours import HourNode, NodeState, Pool, PublishedHour, requirement

CLASS_NOTICE_HOURS = 168
"""Hours between the announcement of a class's change and its effect (iog_staking)."""

Known = tuple[str | int, bool]
"""A value, and whether the chain still knows that it counted in the hour asked for."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root as the Distributor holds it; hashes in hex."""

    epoch: int
    root: str
    total: int
    data_hash: str
    count: int


@dataclass(frozen=True, slots=True)
class ChainClass:
    """A class of GPU. `next_from_hour` 0: no change was announced since the first hour."""

    pool: Pool
    multiplier: int
    enabled: bool = True
    next_multiplier: int = 0
    next_enabled: bool = False
    next_from_hour: int = 0

    def multiplier_in(self, hour: int) -> Known:
        """The weight of one GPU in `hour`."""
        value = self.next_multiplier if self._is_changed(hour) else self.multiplier
        return value, self._remembers(hour)

    def enabled_in(self, hour: int) -> Known:
        """Whether nodes of the class earn in `hour`."""
        value = self.next_enabled if self._is_changed(hour) else self.enabled
        return value, self._remembers(hour)

    def _is_changed(self, hour: int) -> bool:
        return 0 < self.next_from_hour <= hour

    def _remembers(self, hour: int) -> bool:
        # an announcement overwrites what the one before it had replaced
        return hour >= self.next_from_hour - CLASS_NOTICE_HOURS


@dataclass(frozen=True, slots=True)
class ChainNode:
    """A node. `gpu_class` is the Class's slug, `multiplier` that of the registration."""

    owner: str
    gpu_class: str
    multiplier: int
    gpus: int
    payee: str
    prev_payee: str
    payee_from_hour: int
    stake: int
    prev_stake: int
    stake_from_hour: int
    state: NodeState
    active_from_hour: int
    costaker: str | None = None
    costake_share_bps: int = 0
    prev_costake_share_bps: int = 0

    def payee_in(self, hour: int) -> Known:
        """Who is paid for `hour`."""
        if hour >= self.payee_from_hour:
            return self.payee, True
        return self.prev_payee, hour == self.payee_from_hour - 1

    def stake_in(self, hour: int) -> Known:
        """The least own stake during `hour`."""
        if hour >= self.stake_from_hour:
            return self.stake, True
        return min(self.stake, self.prev_stake), hour == self.stake_from_hour - 1

    def is_active_in(self, hour: int) -> bool:
        """Whether the node is active, its stake met, since before `hour` began."""
        return self.state == "active" and self.active_from_hour <= hour


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """What the chain says. Things that are None are not compared, nor are unknown classes.

    `to_rewards_total` is what was minted to rewards when the hour ended; `nodes` are all there
    are, by device; `classes` by slug.
    """

    genesis_hash: str
    mint: str
    distributor: str
    jobs_program: str
    start: int
    hour_length: int
    to_rewards_total: int | None = None
    live: Root | None = None
    pending: Root | None = None
    nodes: Mapping[str, ChainNode] | None = None
    classes: Mapping[str, ChainClass] = field(default_factory=dict)


def problems(hour: PublishedHour, facts: ChainFacts) -> Iterator[str]:
    """A line for each thing about the hour's nodes that the chain says otherwise."""
    for node in hour.nodes:
        for line in _node_problems(node, hour.hour, facts):
            yield f"node {node.device}: {line}"
    published = {node.device for node in hour.nodes}
    for device, real in (facts.nodes or {}).items():
        if device not in published and real.is_active_in(hour.hour):
            yield f"node {device}: absent from the file, active on chain for hour {hour.hour}"


def notes(hour: PublishedHour, facts: ChainFacts) -> Iterator[str]:
    """A line for each thing that the chain does not remember any more and that seems to differ."""
    for node in hour.nodes:
        real = (facts.nodes or {}).get(node.device)
        for key, said, (known, certain) in _values(node, hour.hour, real, facts):
            if not certain and said != known:
                yield (
                    f"node {node.device}: {key} is {said} in the file; "
                    f"the chain has forgotten what it was in hour {hour.hour}"
                )
        if real is None:
            continue
        if _claims_active(node, hour.hour) and real.state in ("paused", "retired"):
            yield f"node {node.device}: {real.state} on chain now, which does not say since when"
        if node.costaker is None and real.costaker is not None:
            yield (
                f"node {node.device}: has the co-staker {real.costaker} on chain, "
                "which does not say since when"
            )


def _node_problems(node: HourNode, hour: int, facts: ChainFacts) -> Iterator[str]:
    if node.blocked:
        yield "blocked, and no account on chain says so"
    real = None
    if facts.nodes is not None:
        real = facts.nodes.get(node.device)
        if real is None:
            yield "not registered on chain"
        else:
            yield from _fixed(node, real)
            yield from _activity(node, real, hour)
            yield from _costaker(node, real)
    for key, said, (known, certain) in _values(node, hour, real, facts):
        if certain and said != known:
            yield f"{key} is {said} in the file, {known} on chain"


def _fixed(node: HourNode, real: ChainNode) -> Iterator[str]:
    """What cannot change as long as a node is registered."""
    for key in ("owner", "gpu_class", "gpus"):
        if (said := getattr(node, key)) != (known := getattr(real, key)):
            yield f"{key} is {said} in the file, {known} on chain"
    if node.requirement != (needed := requirement(real.multiplier, real.gpus)):
        yield f"requirement is {node.requirement} in the file, {needed} by its registration"


def _values(
    node: HourNode, hour: int, real: ChainNode | None, facts: ChainFacts
) -> Iterator[tuple[str, str | int, Known]]:
    """What can change: name, the file's value, the chain's for `hour`."""
    if real is not None:
        yield "payee", node.payee, real.payee_in(hour)
        yield "stake", node.stake, real.stake_in(hour)
    if (found := facts.classes.get(node.gpu_class)) is not None:
        yield "pool", node.pool, (found.pool, True)
        yield "multiplier", node.multiplier, found.multiplier_in(hour)
        yield "class_enabled", node.class_enabled, found.enabled_in(hour)


def _claims_active(node: HourNode, hour: int) -> bool:
    return node.state == "active" and node.active_from_hour <= hour


def _activity(node: HourNode, real: ChainNode, hour: int) -> Iterator[str]:
    if real.state in ("paused", "retired"):
        return
    claimed, active = _claims_active(node, hour), real.is_active_in(hour)
    needed = requirement(real.multiplier, real.gpus)
    if claimed != active or (active and node.active_from_hour != real.active_from_hour):
        yield (
            f"{node.state} from hour {node.active_from_hour} in the file, "
            f"{real.state} from hour {real.active_from_hour} on chain"
        )
    elif active and real.costaker is None and node.stake < needed:
        # The program keeps a node active only as long as its stake is met, in every hour since.
        yield f"stake is {node.stake} in the file, though it was met on chain in hour {hour}"


def _costaker(node: HourNode, real: ChainNode) -> Iterator[str]:
    if node.costaker is None:
        shares = {0}
    elif node.costaker == real.costaker:
        shares = {real.costake_share_bps, real.prev_costake_share_bps}
    else:
        yield f"costaker is {node.costaker} in the file, {real.costaker} on chain"
        return
    if node.costake_share_bps not in shares:
        known = " or ".join(str(share) for share in sorted(shares))
        yield f"costake_share_bps is {node.costake_share_bps} in the file, {known} on chain"
