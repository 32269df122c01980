"""Counts a published hour again, row by row, and says where it differs; pure, no I/O of its own.

Two readings of the nodes: the first has each node's own rules and the sum of the scores, the second
what each was granted of it and whom that pays. The leaves are read once, beside what was earned.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from solders.hash import Hash
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client import hours_facts, merkle
from iog_client.amounts import HOUR
from iog_client.hours_facts import ChainFacts
from iog_client.hours_parts import HourFile
from iog_client.hours_rule import (
    POOLS,
    HourNode,
    PoolAmounts,
    Previous,
    parts_of,
    pool_shares,
    reasons,
    score_of,
)
from iog_client.statements import Statement

MAX_LINES = 20
"""After so many lines about nodes, or about leaves, the rest is only counted."""
Row = TypeVar("Row")


class Rows(Protocol):
    """Hands rows on and counts them."""

    def of(self, rows: Iterable[Row]) -> Iterator[Row]: ...


class Lines:
    """The first lines of many, and how many more there were."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._more = 0

    def add(self, lines: Iterable[str]) -> None:
        """Take lines."""
        for line in lines:
            if len(self._first) < MAX_LINES:
                self._first.append(line)
            else:
                self._more += 1

    def __len__(self) -> int:
        return len(self._first) + self._more

    def shown(self, what: str) -> Iterator[str]:
        """The lines to print."""
        yield from self._first
        if self._more:
            yield f"and {self._more} more lines about {what}"


class Recount:
    """An hour beside the hour before it."""

    def __init__(self, hour: HourFile, before: HourFile | None, rows: Rows) -> None:
        self._hour = hour
        self._before = before
        self._rows = rows
        self._scores = dict.fromkeys(POOLS, 0)
        self._differ, self._broken = Lines(), ""
        self.problems, self.notes = Lines(), Lines()

    def nodes(self, facts: ChainFacts) -> "Recount":
        """Read the nodes for the first time: `problems` and `notes` are what is wrong with each by
        itself, beside its statement and the chain."""
        head, last = self._hour.head, ""
        published, in_order = set(), True
        for node in self._rows.of(self._hour.nodes()):
            named = f"node {node.device}: "
            own = (*_own(node, self._hour), *hours_facts.problems(node, head.hour, facts))
            self.problems.add(named + line for line in own)
            self.notes.add(named + line for line in hours_facts.notes(node, head.hour, facts))
            in_order, last = in_order and node.device > last, node.device
            published.add(node.device)
            why = reasons(node, head.period, head.parameters)
            self._scores[node.pool] += 0 if why else score_of(node, head.hour_length)
            self._compare(node, "eligible", not why)
            self._compare(node, "reasons", why)
        self.problems.add(hours_facts.absent(published, head.hour, facts))
        if len(published) != self._hour.node_count:
            self._broken = "the hour cannot be recomputed: a device stands twice"
        elif not in_order:
            self._broken = "the nodes do not stand in the order of their devices"
        return self

    def recomputed(self) -> Iterator[str]:
        """What comes out otherwise when the hour is counted again."""
        head, before = self._hour.head, self._before
        if before is None and head.hour > 1:
            return
        previous = before.as_previous() if before else Previous()
        to_rewards = head.to_rewards_total - previous.to_rewards_total
        if to_rewards < 0:
            self._broken = "the hour cannot be recomputed: less was minted than in the hour before"
        if self._broken:
            yield self._broken
            return
        carry = previous.carry
        shares, released = pool_shares(to_rewards, carry, head.parameters)
        earned, given = self._earned(released)
        after = PoolAmounts(*(carry.of(one) + shares.of(one) - given[one] for one in POOLS))
        wrong = Lines()
        root = self._root(earned, wrong)
        computed = {
            "to_rewards": to_rewards,
            "released": released,
            "carry_after": after,
            "root": root,
            "total": sum(earned.values()),
        }
        for key, real in computed.items():
            if (said := getattr(head, key)) != real:
                yield f"{key} is {said} in the file, {real} recomputed"
        yield from self._differ.shown("nodes")
        yield from wrong.shown("leaves")

    def _earned(self, released: PoolAmounts) -> tuple[dict[str, int], dict[str, int]]:
        """Everyone's cumulative reward after the hour, and what each pool gave."""
        head = self._hour.head
        earned = dict(self._before.leaves()) if self._before else {}
        given: dict[str, int] = dict.fromkeys(POOLS, 0)
        for node in self._rows.of(self._hour.nodes()):
            grant, total = 0, self._scores[node.pool]
            if total and not reasons(node, head.period, head.parameters):
                grant = released.of(node.pool) * score_of(node, head.hour_length) // total
            given[node.pool] += grant
            for wallet, amount in parts_of(node, grant):
                earned[wallet] = earned.get(wallet, 0) + amount
            self._compare(node, "granted", grant)
        return earned, given

    def _root(self, earned: dict[str, int], wrong: Lines) -> str | None:
        """The root over what was earned; what the published leaves say otherwise goes to
        `wrong`."""
        seen: set[str] = set()
        last, in_order = b"", True

        def leaves() -> Iterator[tuple[bytes, int]]:
            nonlocal last, in_order
            for wallet, amount in self._rows.of(self._hour.leaves()):
                if wallet in seen:
                    wrong.add(["a wallet has two leaves"])
                seen.add(wallet)
                wrong.add(_unlike(wallet, amount, earned.get(wallet)))
                key = _raw(wallet)
                in_order, last = in_order and key > last, key
                yield key, amount

        distributor = Pubkey.from_string(self._hour.head.distributor)
        found = merkle.root(distributor, leaves())
        missing = earned.keys() - seen
        wrong.add(line for one in sorted(missing) for line in _unlike(one, None, earned[one]))
        if len(wrong) or not in_order:
            if not len(wrong):
                wrong.add(["the leaves do not stand in the order of their wallets"])
            pairs = sorted((_raw(wallet), amount) for wallet, amount in earned.items())
            found = merkle.root(distributor, pairs)
        return found.hex() if found else None

    def _compare(self, node: HourNode, key: str, real: object) -> None:
        if (said := getattr(node, key)) != real:
            self._differ.add(
                [f"node {node.device}: {key} is {said} in the file, {real} recomputed"]
            )


def _own(node: HourNode, hour: HourFile) -> Iterator[str]:
    head = hour.head
    if node.statement and not _signed(node, hour):
        yield f"its signature is not over {node.statement.seconds} s of hour {head.hour}"
    if node.simulated and head.hour_length >= HOUR:
        yield "simulated, on a network with real hours"


def _signed(node: HourNode, hour: HourFile) -> bool:
    evidence, head = node.statement, hour.head
    if evidence is None:
        return False
    try:
        statement = Statement.for_hour(
            Hash.from_string(head.genesis_hash),
            Pubkey.from_string(head.jobs_program),
            Pubkey.from_string(node.device),
            head.hour,
            evidence.counter,
            evidence.seconds,
        )
        return statement.verify(Signature.from_string(evidence.signature))
    except ValueError:
        # A key or signature that has the letters of base58 but not the length.
        return False


def _unlike(wallet: str, said: int | None, real: int | None) -> Iterator[str]:
    if said != real:
        both = ["absent" if one is None else one for one in (said, real)]
        yield f"leaf {wallet}: {both[0]} in the file, {both[1]} recomputed"


def _raw(wallet: str) -> bytes:
    """A wallet's bytes; of what only looks like one, its letters."""
    try:
        return bytes(Pubkey.from_string(wallet))
    except ValueError:
        return wallet.encode()
