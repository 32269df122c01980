"""Nodes and classes as the chain holds them, and whether a node can take work."""

from dataclasses import dataclass
from enum import IntEnum

from iog_client import counting
from iog_client.amounts import format_amount
from iog_client.hours import half, requirement


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
    """A Node account, the fields that placing and paying need. `ask`: base units a GPU-second.

    `costaker` is None while nobody co-stakes; `costake_share_bps` is that wallet's part of the
    rewards, in 1/10,000. `cooling` and `cooling_costake` are on their way out. `case_open`: a slash
    case has taken stake out, which counts for nothing until it is decided.
    """

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

    costaker: str | None = None
    costake: int = 0
    costake_share_bps: int = 0
    prev_costake_share_bps: int = 0
    costake_from_hour: int = 0
    costake_leave_at: int = 0
    cooling: int = 0
    cooling_costake: int = 0
    case_open: bool = False

    @property
    def requirement(self) -> int:
        """The collateral that the node needs, own stake and co-stake together."""
        return requirement(self.multiplier, self.gpus)

    def payee_in(self, hour: int) -> str:
        """Who is paid for `hour`: a change counts from the hour after it."""
        return counting.payee_in(self, hour)[0]

    def stake_in(self, hour: int) -> int:
        """The least own stake during `hour`: what was added in it counts from the next."""
        return counting.stake_in(self, hour)[0]

    def costake_in(self, hour: int) -> int:
        """The co-stake that backs the node in `hour`."""
        return counting.costake_in(self, hour)[0]

    def costaker_in(self, hour: int) -> str | None:
        """Who has a part of the reward for `hour`."""
        return counting.costaker_in(self, hour)[0]

    def share_in(self, hour: int) -> int:
        """That part, in 1/10,000: a co-stake counts from the hour after it was taken."""
        return counting.share_in(self, hour)[0] if self.costaker_in(hour) else 0


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
    containers: bool = False
    """Jobs with an image are taken."""
    network: bool = False
    """Jobs that ask for the internet get it."""
    reliability: float = 1.0


def unready(node: ChainNode, node_class: ChainClass | None, presence: Presence | None) -> list[str]:
    """Why `node` cannot take work now, each reason a fact its operator can act on; empty: it
    can."""
    reasons = []
    if node.state is not NodeState.ACTIVE:
        reasons.append(f"the node is {node.state.label} on chain, not active: {_stopped(node)}")
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


def _stopped(node: ChainNode) -> str:
    """Why a node is not active, and what makes it so again."""
    if node.state is NodeState.RETIRED:
        return "it has to be registered again"
    if node.state is NodeState.PAUSED:
        return "its owner has paused it"
    if node.stake + node.costake >= node.requirement and node.stake >= half(node.requirement):
        return "its stake is met, and its owner may resume it"
    parts = [f"{format_amount(node.stake)} of its owner"]
    if node.costake:
        parts.append(f"{format_amount(node.costake)} co-staked")
    short = f"its stake is {' and '.join(parts)}; {format_amount(node.requirement)} are required"
    if node.costake:
        short += ", half of them its owner's"
    return f"{short}; a slash case is open" if node.case_open else short
