"""Nodes as placing sees them, requests as they ask, and the rules between the two for one node.

Everything here is scalar; `domain.vectors` applies the same rules to all nodes at once, and the
tests hold both against a third way of writing them.
"""

from dataclasses import dataclass
from math import log2

from iog_orchestrator.domain.nodes import UNREADY

FILTERS = (
    "class",
    *UNREADY,
    "memory",
    "gpus",
    "country",
    "connectivity",
    "reliability",
    "unconfined",
    "no_containers",
    "no_network",
    "share",
    "allow",
    "deny",
    "excluded",
    "busy",
    "held",
    "leaving",
    "price",
)
"""Names of the filters, in the order they are applied: what never changes while a node stays as it
is, then what does with each job, then what depends on a job's own length and price. The class comes
first: a list for jobs of one class hears of changes of its nodes alone."""

FITS = len(FILTERS)
"""The verdict on a node that no filter turns down; other verdicts are places in `FILTERS`."""
SHARED = ("cpus", "ram", "disk")
UNREADY_VERDICTS: dict[str, int] = {"": FITS}
UNREADY_VERDICTS |= {name: FILTERS.index(name) for name in UNREADY}
"""The verdict on a node by why it is not ready."""
CLASS, FIRST_ASKED = FILTERS.index("class"), FILTERS.index("memory")
BUSY, HELD = FILTERS.index("busy"), FILTERS.index("held")
LEAVING, PRICE = FILTERS.index("leaving"), FILTERS.index("price")

PRICE_WEIGHT = 0.4
"""Score that a node loses when its ask doubles."""
RELIABILITY_WEIGHT = 0.3
LOCALITY_WEIGHT = 0.1
FIT_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node as placing sees it.

    `ask`: base units a GPU-second; `memory`: MiB of its smallest GPU; `unready`: one of
    `nodes.UNREADY`, why it can take no work, empty if it can; `country`: ISO 3166-1
    alpha-2, empty for none declared; `connectivity`: tier, 0 unknown to 3 best; `until`: chain
    time from which it is announced to be away, 0 for never; `containers`: it runs images;
    `network`: its jobs may reach the internet; `cpus`, `ram` and `disk` (MiB): what all jobs on it
    may use together, of which each has the share of its GPUs.
    """

    device: str
    node: str
    node_class: str
    slug: str
    multiplier: int
    gpus: int
    busy: int
    ask: int
    memory: int
    unready: str
    simulated: bool
    confined: bool
    reliability: float = 1.0
    owner: str = ""
    country: str = ""
    connectivity: int = 0
    until: int = 0
    containers: bool = False
    network: bool = False
    cpus: int = 0
    ram: int = 0
    disk: int = 0

    @property
    def ready(self) -> bool:
        """Whether it can take work."""
        return not self.unready


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a job asks of a node; what is empty, None or 0 asks for nothing.

    `allow` and `deny` hold device keys and owners; `near`: countries that are better than others;
    `together`: members of a gang have one `owner` or `country`; `ends_at`: chain time at which the
    job is over at the latest; `reliability` in thousandths.
    """

    gpus: int
    max_price: int | None = None
    node_class: str = ""
    min_multiplier: int = 0
    memory: int = 0
    confined: bool = False
    excluded: frozenset[str] = frozenset()
    country: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    connectivity: int = 0
    reliability: int = 0
    allow: frozenset[str] = frozenset()
    deny: frozenset[str] = frozenset()
    containers: bool = False
    network: bool = False
    cpus: int = 0
    ram: int = 0
    disk: int = 0
    together: str = ""
    ends_at: int = 0


Shape = tuple[object, ...]


def shape(wanted: Wanted) -> Shape:
    """What two requests have in common that differ in price and length alone."""
    return (
        wanted.gpus,
        wanted.node_class,
        wanted.min_multiplier,
        wanted.memory,
        wanted.confined,
        wanted.excluded,
        wanted.country,
        wanted.near,
        wanted.connectivity,
        wanted.reliability,
        wanted.allow,
        wanted.deny,
        wanted.containers,
        wanted.network,
        wanted.cpus,
        wanted.ram,
        wanted.disk,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """What a score is made of; `total` is their sum in this order."""

    price: float
    reliability: float
    locality: float
    fit: float

    @property
    def total(self) -> float:
        """The score: the higher the better."""
        return self.price + self.reliability + self.locality + self.fit


def standing(node: Candidate) -> tuple[float, float]:
    """The parts of a node's score that no request changes: of price and of reliability.

    The price counts by its logarithm: twice the ask costs the same score at every price.
    """
    return -PRICE_WEIGHT * log2(1 + node.ask), RELIABILITY_WEIGHT * node.reliability


def locality(node: Candidate, wanted: Wanted) -> float:
    """The part of the score for where a node is."""
    return LOCALITY_WEIGHT if node.country and node.country in wanted.near else 0.0


def parts(node: Candidate, wanted: Wanted, free: int, beside: bool = False) -> Parts:
    """The score of a node that fits; `free` are its free GPUs before this job takes some.

    `beside`: another member of the job's gang is on the node, which is as near as can be.
    """
    price, reliability = standing(node)
    near = LOCALITY_WEIGHT if beside else locality(node, wanted)
    return Parts(price, reliability, near, FIT_WEIGHT * (wanted.gpus / free))


def lasting(node: Candidate, wanted: Wanted) -> int:
    """The first filter that turns a node down whatever runs on it, or `FITS`."""
    if not _is_class(node, wanted):
        return CLASS
    if node.unready:
        return UNREADY_VERDICTS[node.unready]
    keys = (node.device, node.owner)
    tests = (
        node.memory >= wanted.memory,
        node.gpus >= wanted.gpus,
        not wanted.country or node.country in wanted.country,
        node.connectivity >= wanted.connectivity,
        node.reliability * 1000 >= wanted.reliability,
        node.confined or not wanted.confined,
        node.containers or not wanted.containers,
        node.network or not wanted.network,
        _has_share(node, wanted),
        not wanted.allow or not wanted.allow.isdisjoint(keys),
        wanted.deny.isdisjoint(keys),
        node.device not in wanted.excluded,
    )
    return next((place for place, passed in enumerate(tests, FIRST_ASKED) if not passed), FITS)


def own(node: Candidate, wanted: Wanted) -> int:
    """The first filter of the job's own length and price that turns a node down, or `FITS`."""
    if node.until and node.until < wanted.ends_at:
        return LEAVING
    if wanted.max_price is not None and node.ask > wanted.max_price:
        return PRICE
    return FITS


def room(free: int, held: int, gpus: int) -> int:
    """Whether free GPUs are enough, those apart that are held for another job: a verdict."""
    if free < gpus:
        return BUSY
    return FITS if free - held >= gpus else HELD


def _has_share(node: Candidate, wanted: Wanted) -> bool:
    """Whether the GPUs' part of the machine is what the job asks for."""
    return all(
        getattr(node, name) * wanted.gpus >= getattr(wanted, name) * node.gpus for name in SHARED
    )


def _is_class(node: Candidate, wanted: Wanted) -> bool:
    named = not wanted.node_class or node.node_class == wanted.node_class
    return named and node.multiplier >= wanted.min_multiplier
