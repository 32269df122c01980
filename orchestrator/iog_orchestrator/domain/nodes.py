"""Nodes and classes as the chain holds them, and whether a node can take work."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, get_args

from iog_client import counting
from iog_client.amounts import format_amount
from iog_client.gpu_classes import BY_SLUG
from iog_client.hours_rule import half, requirement


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
    country: str = ""
    """As its operator declares it, ISO 3166-1 alpha-2."""
    connectivity: int = 0
    """Tier, see `domain.connectivity`."""
    cpus: int = 0
    ram: int = 0
    disk: int = 0
    """What all jobs may use together; `ram` and `disk` in MiB."""


Unready = Literal[
    "paused",
    "not_active",
    "no_ask",
    "class_disabled",
    "not_connected",
    "silent",
    "gpus_missing",
    "other_class",
    "other_memory",
    "blocked",
    "draining",
    "maintenance",
    "unproven",
]
UNREADY: tuple[Unready, ...] = get_args(Unready)
"""Why a node gets no work, in words for programs, in the order in which they are looked at."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why a node gets no work: a word for programs, the fact, and what to do about
    it."""

    code: Unready
    text: str
    action: str


def blockers(
    node: ChainNode,
    node_class: ChainClass | None,
    presence: Presence | None,
    blocked: str = "",
) -> list[Blocker]:
    """Why `node` cannot take work now by the chain, its connection and its GPUs, each reason a fact
    its operator can act on; empty: it can. `blocked`: why it may not though it is connected."""
    found = []
    if node.state is not NodeState.ACTIVE:
        text = f"the node is {node.state.label} on chain, not active: {_stopped(node)}"
        code: Unready = "paused" if node.state is NodeState.PAUSED else "not_active"
        found.append(Blocker(code, text, _activate(node)))
    if node.ask == 0:
        found.append(
            Blocker("no_ask", "the node asks no price", f"iog node ask {node.device} PRICE")
        )
    if node_class is None or not node_class.enabled:
        wait = "wait for the network to enable it; its notices are in `iog network show`"
        found.append(Blocker("class_disabled", "its class is not enabled", wait))
    found += _unseen(node, node_class, presence)
    if blocked:
        stop = "stop one of the two nodes, or retire it; the other is free at its next connection"
        found.append(Blocker("blocked", blocked, stop))
    return found


def _unseen(
    node: ChainNode, node_class: ChainClass | None, presence: Presence | None
) -> list[Blocker]:
    """What the connection says against a node: at most one thing, the first that is true."""
    if presence is None or not presence.connected:
        start = "on its machine: iog node run; its log says why it is not connected"
        return [Blocker("not_connected", "it is not connected", start)]
    if not presence.heard:
        look = "look at the machine and its network; it is asked again every interval"
        return [Blocker("silent", "its heartbeats stopped", look)]
    if presence.gpu_count < node.gpus:
        text = f"it reports {presence.gpu_count} GPUs, fewer than the {node.gpus} registered"
        return [Blocker("gpus_missing", text, "look at nvidia-smi there, then start iog node run")]
    if node_class is not None and presence.gpu_class != node_class.slug:
        text = f"it reports class {presence.gpu_class or 'none'}, registered is {node_class.slug}"
        return [Blocker("other_class", text, "register these GPUs as a node of their own")]
    most = _most_memory(presence.gpu_class)
    if most and presence.memory > most:
        text = (
            f"it reports {presence.memory} MiB a GPU, and {presence.gpu_class} has {most} at most"
        )
        return [Blocker("other_memory", text, "run the iog of this network, unchanged")]
    return []


def _most_memory(slug: str) -> int:
    """MiB that a GPU of a class may report; 0 for a class that is not known here."""
    known = BY_SLUG.get(slug)
    return known.memory << 10 if known else 0


def _activate(node: ChainNode) -> str:
    if node.state is NodeState.RETIRED:
        return "iog node register REGISTRATION"
    if node.stake + node.costake < node.requirement or node.stake < half(node.requirement):
        return f"iog stake add {node.device} --required"
    return f"iog node resume {node.device}"


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
