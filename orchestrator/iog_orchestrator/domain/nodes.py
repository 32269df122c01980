"""Nodes and classes as the chain holds them, and whether a node can take work."""

from dataclasses import dataclass
from enum import IntEnum


class NodeState(IntEnum):
    """State of a Node account; codes as in the program iog_staking."""

    REGISTERED = 0
    ACTIVE = 1
    PAUSED = 2
    RETIRED = 3

    @property
    def label(self) -> str:
        """The state as people and JSON read it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class ChainClass:
    """A Class account as it counts in an hour: `multiplier` in thousandths, `pool` 0 enterprise or
    1 community."""

    address: str
    slug: str
    multiplier: int
    pool: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class ChainNode:
    """A Node account, the fields that placing and paying need. `ask`: base units a GPU-second."""

    address: str
    device: str
    owner: str
    payee: str
    node_class: str
    gpus: int
    busy: int
    running: int
    ask: int
    stake: int
    multiplier: int
    state: NodeState
    active_from_hour: int = 0
    prev_payee: str = ""
    payee_from_hour: int = 0
    prev_stake: int = 0
    stake_from_hour: int = 0

    def payee_in(self, hour: int) -> str:
        """Who is paid for `hour`: a change counts from the hour after it."""
        return self.payee if hour >= self.payee_from_hour else self.prev_payee

    def stake_in(self, hour: int) -> int:
        """The least own stake during `hour`: what was added in it counts from the next."""
        if hour >= self.stake_from_hour:
            return self.stake
        return min(self.stake, self.prev_stake)


@dataclass(frozen=True, slots=True)
class Presence:
    """What the orchestrator sees of a node over its connection.

    `memory`: MiB of the smallest GPU. `reliability`: runs that did not fail by the node's fault,
    over all, from 0 to 1.
    """

    device: str
    connected: bool
    heard: bool
    """A heartbeat came within the allowed number of intervals."""
    memory: int = 0
    gpu_count: int = 0
    gpu_class: str = ""
    simulated: bool = False
    confinement: str = "none"
    reliability: float = 1.0


def unready(node: ChainNode, node_class: ChainClass | None, presence: Presence | None) -> list[str]:
    """Why `node` cannot take work now, each reason a fact its operator can act on; empty: it
    can."""
    reasons = []
    if node.state is not NodeState.ACTIVE:
        reasons.append(f"the node is {node.state.label} on chain, not active")
    if node.ask == 0:
        reasons.append("the node asks no price")
    if node_class is None or not node_class.enabled:
        reasons.append("its class is not enabled")
    if presence is None or not presence.connected:
        reasons.append("it is not connected")
    elif not presence.heard:
        reasons.append("its heartbeats stopped")
    elif presence.gpu_count < node.gpus:
        reasons.append(
            f"it reports {presence.gpu_count} GPUs, fewer than the {node.gpus} registered"
        )
    elif node_class is not None and presence.gpu_class != node_class.slug:
        reasons.append(
            f"it reports class {presence.gpu_class or 'none'}, registered is {node_class.slug}"
        )
    return reasons
