"""What every part of the core works with: the ports, the network's facts, and what is known now."""

from dataclasses import dataclass, field

from iog_client import schedule
from iog_orchestrator.core.guard import Guard
from iog_orchestrator.core.wake import Gate, Wake
from iog_orchestrator.domain.jobs import ChainJob
from iog_orchestrator.domain.matching import Candidate, Fleet
from iog_orchestrator.domain.network import Distributor, Emission, Network
from iog_orchestrator.domain.nodes import (
    Blocker,
    ChainClass,
    ChainNode,
    Presence,
    blockers,
)
from iog_orchestrator.domain.notices import Notice
from iog_orchestrator.domain.proofs import ProofResult, unproven
from iog_orchestrator.ports import (
    BlobStore,
    Chain,
    ChainClock,
    Clock,
    HourWorks,
    LogStore,
    Publisher,
    Signer,
    WorkerLink,
)
from iog_orchestrator.ports_stores import Store


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world."""

    chain: Chain
    store: Store
    blobs: BlobStore
    logs: LogStore
    publisher: Publisher
    works: HourWorks
    link: WorkerLink
    signer: Signer
    clock: Clock
    chain_clock: ChainClock


@dataclass(frozen=True, slots=True)
class Pace:
    """Intervals, in real seconds unless said otherwise."""

    heartbeat: float
    statement: float
    hour_grace: float
    """After an hour's end, for its last statements."""
    sync: float
    prove: float
    """Between two proofs of a running job on chain."""
    missed_heartbeats: int = 3
    beats_per_second: float = 1000.0
    """Heartbeats that all nodes together may send: with more nodes the interval grows."""
    brake: float = 1800.0
    """How long this process may suspect itself when many nodes vanish at once."""
    flush: float = 0.5
    """Between two writes of the newest statements."""
    retry: float = 0.25
    """After a step that failed, for the first time; twice as long each time after that."""
    longest_retry: float = 10.0

    @property
    def silence(self) -> float:
        """How long a node may say nothing and still count as heard, at the shortest interval."""
        return self.heartbeat * self.missed_heartbeats

    @property
    def unread(self) -> float:
        """How long the chain may stay unread before an operator is told: a few readings, and longer
        than a busy machine takes for one."""
        return max(10.0, 3 * self.sync)

    def interval(self, nodes: int) -> float:
        """Seconds between two heartbeats of a node while so many are connected."""
        return max(self.heartbeat, nodes / self.beats_per_second)

    def after(self, failures: int) -> float:
        """Seconds before what has failed so often in a row is tried again."""
        return min(self.longest_retry, self.retry * 2.0 ** min(failures - 1, 10))

    @classmethod
    def of(cls, network: Network) -> "Pace":
        """The pace that fits a network's hours: real ones, or a local chain's short ones."""
        scale = network.hour_length / 3600
        return cls(
            heartbeat=min(15.0, max(0.5, 300 * scale)),
            statement=max(1.0, 60 * scale),
            hour_grace=max(0.5, float(network.scaled(60))),
            sync=min(5.0, max(1.0, 30 * scale)),
            prove=max(10.0, float(network.scaled(600))),
            brake=3.0 * network.grace,
        )


KEPT_READINGS = 4
"""Hours after which a reading of all nodes is kept until they are closed."""


@dataclass(slots=True)
class Known:
    """The chain and the workers as last seen; all of it can be read again from them.

    All but `after`, which only makes an hour exact: a Node account forgets with its next change, so
    that the sooner after the hour's end it was read, the more it says of the hour.
    """

    emission: Emission = field(default_factory=Emission)
    distributor: Distributor = field(default_factory=Distributor)
    classes: dict[str, ChainClass] = field(default_factory=dict)
    nodes: dict[str, ChainNode] = field(default_factory=dict)
    jobs: dict[str, ChainJob] = field(default_factory=dict)
    """Jobs that are not settled, by address."""
    presence: dict[str, Presence] = field(default_factory=dict)
    reliability: dict[str, float] = field(default_factory=dict)
    lamports: int = 0
    """SOL of this orchestrator's own key, in 10^-9."""
    proofs: dict[str, ProofResult] = field(default_factory=dict)
    """The newest GPU proof of each device."""
    proving: set[str] = field(default_factory=set)
    """Devices whose GPUs are proving themselves now."""
    guard: Guard = field(default_factory=Guard)
    connected: dict[str, int] = field(default_factory=dict)
    """Number of the connection of each device that has one."""
    blocked: dict[str, str] = field(default_factory=dict)
    """Why a node may not work though it is there, by device."""
    blocked_this_hour: dict[str, str] = field(default_factory=dict)
    """The same of those that were blocked at any moment of the running hour while connected."""
    notices: dict[str, Notice] = field(default_factory=dict)
    unclosed: str = ""
    """Why no hour is closed at all; empty: they are."""
    synced: bool = False
    """Whether the chain was read completely since the start."""
    after: dict[int, dict[str, ChainNode]] = field(default_factory=dict)
    """The nodes as they were first read after an hour's end, by hour."""

    def hour_ended(self, hour: int) -> None:
        """The nodes were read while the hour after `hour` was running."""
        if hour > 0 and hour not in self.after and len(self.after) < KEPT_READINGS:
            self.after[hour] = dict(self.nodes)

    def nodes_after(self, hour: int) -> dict[str, ChainNode] | None:
        """The earliest reading after `hour`, if there was one."""
        earliest = min((one for one in self.after if one >= hour), default=None)
        return None if earliest is None else self.after[earliest]

    def hour_closed(self, hour: int) -> None:
        """`hour` and those before it are closed: their readings are not needed any more."""
        for one in [one for one in self.after if one <= hour]:
            del self.after[one]


class Context:
    """The one object that the parts of the core share."""

    def __init__(self, ports: Ports, network: Network, pace: Pace) -> None:
        self.ports = ports
        self.network = network
        self.pace = pace
        self.known = Known()
        self.fleet = Fleet()
        self.fleet_changed = Wake()
        self.changed = Gate()
        """Opens whenever something an API client may wait for has changed."""

    @property
    def hour(self) -> int:
        """Number of the hour running on chain; 0 before emission starts."""
        return schedule.hour_at(
            self.known.emission.start, self.network.hour_length, self.ports.chain_clock.now()
        )

    def readiness(self, device: str) -> list[str]:
        """Why a registered node cannot take work now; empty: it can."""
        return [one.text for one in self.blockers(device)]

    def blockers(self, device: str) -> list[Blocker]:
        """The same, each with its code and what to do about it."""
        known = self.known
        node = known.nodes[device]
        found = blockers(
            node,
            known.classes.get(node.node_class),
            known.presence.get(device),
            known.blocked.get(device, ""),
        )
        if (notice := known.notices.get(device)) is not None:
            now = self.ports.chain_clock.now()
            if not notice.takes_jobs(now):
                found.append(notice.blocker(now))
        if self.network.proof_max_age:
            reasons = unproven(known.proofs.get(device), device in known.proving)
            todo = f"wait for its proof; `iog node proof show {device}` says how they ended"
            found += [Blocker("unproven", one, todo) for one in reasons]
        return found

    def refresh(self, device: str) -> None:
        """Bring the fleet's row of a node up to what is known of it."""
        node = self.known.nodes.get(device)
        if node is None:
            return
        node_class = self.known.classes.get(node.node_class)
        presence, notice = self.known.presence.get(device), self.known.notices.get(device)
        changed = self.fleet.put(
            Candidate(
                device=device,
                node=node.address,
                node_class=node.node_class,
                slug=node_class.slug if node_class else "",
                multiplier=node_class.multiplier if node_class else node.multiplier,
                gpus=node.gpus,
                busy=node.busy,
                ask=node.ask,
                memory=presence.memory if presence else 0,
                unready=next((one.code for one in self.blockers(device)), ""),
                simulated=presence.simulated if presence else False,
                confined=presence is not None and presence.confinement != "none",
                reliability=self.known.reliability.get(device, 1.0),
                country=presence.country if presence else "",
                connectivity=presence.connectivity if presence else 0,
                until=notice.until(self.ports.chain_clock.now()) if notice else 0,
                owner=node.owner,
                containers=presence is not None and presence.containers,
                network=presence is not None and presence.network,
                cpus=presence.cpus if presence else 0,
                ram=presence.ram if presence else 0,
                disk=presence.disk if presence else 0,
            )
        )
        if changed:
            self.fleet_changed.set()
