"""What the chain says of an hour and its nodes, and where a published node differs; pure, no I/O.

An account holds what is and the last change of it, not its history. So a value is compared where
the chain still knows what counted in the hour (a problem if it differs), and named where it has
forgotten (a note if it differs from the oldest value it has).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from iog_client import counting
from iog_client.counting import Known
from iog_client.hours_rule import HourNode, NodeState, Pool, requirement, stake_reason

CLASS_NOTICE_HOURS = 168
"""Hours between the announcement of a class's change and its effect (iog_staking)."""
COOLING_HOURS = 336
"""Hours for which stake cools after its end (iog_staking); no node retires before."""


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
    """A node. `gpu_class` is the Class's slug, `multiplier` that of the registration, which was in
    `registered_in_hour`."""

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
    costake: int = 0
    cooling_costake: int = 0
    costake_share_bps: int = 0
    prev_costake_share_bps: int = 0
    costake_from_hour: int = 0
    registered_in_hour: int = 0

    def is_active_in(self, hour: int) -> bool:
        """Whether the node is active, its stake met, since before `hour` began."""
        return self.state == "active" and self.active_from_hour <= hour

    def may_have_been_active_in(self, hour: int) -> bool:
        """Whether a node that is not active since then may have been so for the whole `hour`: the
        chain shows nothing that it did in the hour itself or before."""
        if hour < self.registered_in_hour <= hour + COOLING_HOURS:
            return False
        if self.state == "active":
            return self.active_from_hour > hour + 1
        if self.state == "registered":
            # what ends a node's activity takes from its stake or its co-stake
            return max(self.stake_from_hour, self.costake_from_hour) > hour + 1
        return True


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """What the chain says. Things that are None are not compared, nor are unknown classes.

    `to_rewards_total` is what was minted to rewards when the hour ended; `nodes` are all there
    are, by device; `classes` by slug; `oracles` the keys that may propose roots.
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
    oracles: Collection[str] = ()


def absent(published: Collection[str], hour: int, facts: ChainFacts) -> Iterator[str]:
    """A line for each node that is active on chain for an hour and has not been published."""
    for device, real in (facts.nodes or {}).items():
        if device not in published and real.is_active_in(hour):
            yield f"node {device}: absent from the file, active on chain for hour {hour}"


def notes(node: HourNode, hour: int, facts: ChainFacts) -> Iterator[str]:
    """What of a node the chain does not say, or does not remember any more and seems to differ."""
    if node.blocked is not None:
        yield f"blocked by the orchestrator's word alone: {node.blocked}"
    real = (facts.nodes or {}).get(node.device)
    for key, said, (known, certain) in _values(node, hour, real, facts):
        if not certain and said != known:
            yield (
                f"{key} is {said} in the file; the chain has forgotten what it was in hour {hour}"
            )
    if real is None or not _claims_active(node, hour) or real.is_active_in(hour):
        return
    if real.may_have_been_active_in(hour):
        yield f"{_state(real)} on chain now, which does not say since when"


def problems(node: HourNode, hour: int, facts: ChainFacts) -> Iterator[str]:
    """What the chain says otherwise of a published node."""
    real = None
    if facts.nodes is not None:
        real = facts.nodes.get(node.device)
        if real is None:
            yield "not registered on chain"
        else:
            yield from _fixed(node, real)
            yield from _activity(node, real, hour)
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
) -> Iterator[tuple[str, str | int | None, Known]]:
    """What can change: name, the file's value, the chain's for `hour`."""
    if real is not None:
        yield "payee", node.payee, counting.payee_in(real, hour)
        yield "stake", node.stake, counting.stake_in(real, hour)
        yield "costaker", node.costaker, counting.costaker_in(real, hour)
        yield "costake", node.costake, counting.costake_in(real, hour)
        yield "costake_share_bps", node.costake_share_bps, counting.share_in(real, hour)
    if (found := facts.classes.get(node.gpu_class)) is not None:
        yield "pool", node.pool, (found.pool, True)
        yield "multiplier", node.multiplier, found.multiplier_in(hour)
        yield "class_enabled", node.class_enabled, found.enabled_in(hour)


def _claims_active(node: HourNode, hour: int) -> bool:
    return node.state == "active" and node.active_from_hour <= hour


def _state(real: ChainNode) -> str:
    if real.state == "active":
        return f"active from hour {real.active_from_hour}"
    return real.state


def _activity(node: HourNode, real: ChainNode, hour: int) -> Iterator[str]:
    claimed, active = _claims_active(node, hour), real.is_active_in(hour)
    needed = requirement(real.multiplier, real.gpus)
    if claimed and not active and real.may_have_been_active_in(hour):
        return
    if claimed != active or (active and node.active_from_hour != real.active_from_hour):
        yield (
            f"{node.state} from hour {node.active_from_hour} in the file, "
            f"{real.state} from hour {real.active_from_hour} on chain"
        )
    elif active and stake_reason(replace(node, requirement=needed)):
        # The program keeps a node active only as long as its stake is met, in every hour since.
        both = f" and {node.costake} co-staked" if node.costake else ""
        yield f"stake is {node.stake}{both} in the file, though it was met on chain in hour {hour}"
