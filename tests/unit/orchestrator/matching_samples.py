"""Fleets and requests for the tests of placing, and a matcher written as simply as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import log2

from hypothesis import strategies as st

from iog_orchestrator.domain.candidates import Candidate, Wanted
from iog_orchestrator.domain.matching import Fleet

NODE = Candidate(
    device="a",
    node="node-a",
    node_class="class",
    slug="h100-pcie",
    multiplier=10_000,
    gpus=8,
    busy=0,
    ask=100,
    memory=80_000,
    unready="",
    simulated=False,
    confined=True,
)


def fleet(*nodes: Candidate) -> Fleet:
    made = Fleet()
    for node in nodes:
        made.put(node)
    return made


@st.composite
def nodes(draw: st.DrawFn, device: str) -> Candidate:
    gpus = draw(st.integers(1, 8))
    return replace(
        NODE,
        device=device,
        node=f"node-{device}",
        node_class=draw(st.sampled_from(["x", "y"])),
        multiplier=draw(st.sampled_from([1_000, 10_000])),
        gpus=gpus,
        busy=draw(st.integers(0, gpus)),
        ask=draw(st.sampled_from([1, 50, 100, 200, (1 << 64) - 1])),
        memory=draw(st.sampled_from([16_000, 80_000])),
        unready=draw(st.sampled_from([""] * 9 + ["paused", "draining"])),
        confined=draw(st.booleans()),
        reliability=draw(st.sampled_from([0.5, 0.9, 1.0])),
        owner=draw(st.sampled_from(["ada", "alan"])),
        country=draw(st.sampled_from(["", "DE", "FR"])),
        connectivity=draw(st.integers(0, 3)),
        until=draw(st.sampled_from([0, 0, 50, 200])),
        containers=draw(st.booleans()),
        network=draw(st.booleans()),
        cpus=draw(st.sampled_from([8, 64])),
        ram=draw(st.sampled_from([1_000, 64_000])),
        disk=1_000,
    )


@st.composite
def fleets(draw: st.DrawFn, most: int = 12) -> list[Candidate]:
    count = draw(st.integers(0, most))
    return [draw(nodes(f"device-{index:02}")) for index in range(count)]


@st.composite
def requests(draw: st.DrawFn, together: bool = False) -> Wanted:
    def rarely(values: list[object], nothing: object) -> object:
        return draw(st.sampled_from([nothing, nothing, nothing, *values]))

    return Wanted(
        gpus=draw(st.integers(1, 4)),
        max_price=draw(st.sampled_from([None, 60, 150, (1 << 64) - 2])),
        node_class=rarely(["x", "y", "z"], ""),
        min_multiplier=rarely([5_000], 0),
        memory=rarely([40_000], 0),
        confined=rarely([True], False),
        excluded=rarely([frozenset({"device-00"})], frozenset()),
        country=rarely([frozenset({"DE"}), frozenset({"DE", "IT"})], frozenset()),
        near=rarely([frozenset({"FR"})], frozenset()),
        connectivity=rarely([2], 0),
        reliability=rarely([800], 0),
        allow=rarely([frozenset({"ada", "device-01"})], frozenset()),
        deny=rarely([frozenset({"alan"}), frozenset({"device-02"})], frozenset()),
        containers=rarely([True], False),
        network=rarely([True], False),
        cpus=rarely([4, 16], 0),
        ram=rarely([8_000], 0),
        disk=rarely([200], 0),
        together=rarely(["owner", "country"], "") if together else "",
        ends_at=draw(st.sampled_from([0, 100])),
    )


class Plain:
    """A fleet as a list, looked through from end to end for each question."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.nodes = {one.device: one for one in candidates}
        self.promised: dict[str, int] = {}
        self.held: dict[str, int] = {}

    def free(self, device: str) -> int:
        node = self.nodes[device]
        return node.gpus - node.busy - self.promised.get(device, 0)

    def take(self, device: str, gpus: int) -> None:
        self.promised[device] = self.promised.get(device, 0) + gpus

    def why_not(self, node: Candidate, wanted: Wanted) -> str:
        """The filter that turns a node down; empty for none."""
        free, keys = self.free(node.device), {node.device, node.owner}
        for name, bad in (
            ("class", wanted.node_class not in ("", node.node_class)),
            ("class", node.multiplier < wanted.min_multiplier),
            (node.unready, bool(node.unready)),
            ("memory", node.memory < wanted.memory),
            ("gpus", node.gpus < wanted.gpus),
            ("country", bool(wanted.country) and node.country not in wanted.country),
            ("connectivity", node.connectivity < wanted.connectivity),
            ("reliability", node.reliability * 1000 < wanted.reliability),
            ("unconfined", wanted.confined and not node.confined),
            ("no_containers", wanted.containers and not node.containers),
            ("no_network", wanted.network and not node.network),
            ("share", node.cpus * wanted.gpus < wanted.cpus * node.gpus),
            ("share", node.ram * wanted.gpus < wanted.ram * node.gpus),
            ("share", node.disk * wanted.gpus < wanted.disk * node.gpus),
            ("allow", bool(wanted.allow) and not keys & wanted.allow),
            ("deny", bool(keys & wanted.deny)),
            ("excluded", node.device in wanted.excluded),
            ("busy", free < wanted.gpus),
            ("held", free - self.held.get(node.device, 0) < wanted.gpus),
            ("leaving", 0 < node.until < wanted.ends_at),
            ("price", wanted.max_price is not None and node.ask > wanted.max_price),
        ):
            if bad:
                return name
        return ""

    def rejected(self, wanted: Wanted) -> dict[str, int]:
        counts: dict[str, int] = {}
        for node in self.nodes.values():
            if name := self.why_not(node, wanted):
                counts[name] = counts.get(name, 0) + 1
        return counts

    def score(self, node: Candidate, wanted: Wanted) -> float:
        near = 0.1 if node.country and node.country in wanted.near else 0.0
        fit = 0.1 * (wanted.gpus / self.free(node.device))
        return -0.4 * log2(1 + node.ask) + 0.3 * node.reliability + near + fit

    def best(self, wanted: Wanted) -> list[str]:
        """Devices that fit, best first."""
        fitting = [one for one in self.nodes.values() if not self.why_not(one, wanted)]
        return [
            one.device
            for one in sorted(fitting, key=lambda one: (-self.score(one, wanted), one.device))
        ]

    def may_place(self, members: Sequence[Wanted]) -> bool:
        """Whether there is any way to place all of them at once, by trying every one."""
        fitting = [self.best(one) for one in members]
        return any(self._is_way(members, way) for way in product(*fitting))

    def _is_way(self, members: Sequence[Wanted], way: tuple[str, ...]) -> bool:
        room = {device: self.free(device) - self.held.get(device, 0) for device in way}
        for wanted, device in zip(members, way, strict=True):
            room[device] -= wanted.gpus
        by = members[0].together
        places = {getattr(self.nodes[device], by) for device in way} if by else {"all"}
        return min(room.values()) >= 0 and len(places) == 1 and places != {""}
