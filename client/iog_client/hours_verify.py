"""Checks a published hour against the hour before it and the chain; pure, no I/O.

`verify` recomputes everything that the file claims and gives one line for each thing that does not
hold. It trusts nothing but the chain: an hour whose epoch the chain does not show any more is tied
to a later one by the hashes that each file holds of the one before (`verify_link`). What an
orchestrator leaves out cannot be seen in the file or on chain: that a device was there and had
signed so. Only the device itself knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from solders.hash import Hash
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client import hours_facts
from iog_client.amounts import HOUR
from iog_client.hours import (
    PROOF_MAX_AGE_HOURS,
    HourInputs,
    HourNode,
    Parameters,
    Previous,
    PublishedHour,
    leaves_hash,
    publish,
    sha256_hex,
)
from iog_client.hours_facts import ChainFacts
from iog_client.statements import Statement

MAX_LINES = 20
"""After so many lines about nodes, or about leaves, the rest is only counted."""

Anchor = Literal["live", "pending", "earlier", "none"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` are lines, none if all holds. `anchor` says which root on chain held against it.

    `notes` are lines about what the chain does not remember any more.
    """

    hour: int
    data_hash: str
    root: str | None
    problems: list[str]
    anchor: Anchor
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything that was compared is as published."""
        return not self.problems


def verify(data: bytes, previous: bytes | None, facts: ChainFacts) -> Verdict:
    """What does not hold of the published hour in `data`; `previous` is the file before it.

    Raises:
        UsageError: one of the two is not a published hour.
    """
    hour = PublishedHour.parse(data)
    before = PublishedHour.parse(previous) if previous is not None else None
    digest = sha256_hex(data)
    anchor = _anchor(hour, facts)
    problems = [
        *_network(hour, facts),
        *_previous(hour, before, previous),
        *_nodes(hour, facts),
        *_recomputed(hour, before, previous),
        *_on_chain(hour, digest, anchor, facts),
    ]
    notes = list(_capped(list(hours_facts.notes(hour, facts)), "nodes"))
    return Verdict(hour.hour, digest, hour.root, problems, anchor, notes)


def verify_link(data_hash: str, following: bytes) -> str | None:
    """The problem, if the file that follows does not name `data_hash` as the one before it.

    Raises:
        UsageError: `following` is not a published hour.
    """
    after = PublishedHour.parse(following)
    if after.previous_data_hash == data_hash:
        return None
    said = after.previous_data_hash
    return f"hour {after.hour} names {said} as the hour before it, which has hash {data_hash}"


def _network(hour: PublishedHour, facts: ChainFacts) -> Iterator[str]:
    for key in ("genesis_hash", "mint", "distributor", "jobs_program", "start", "hour_length"):
        if (said := getattr(hour, key)) != (real := getattr(facts, key)):
            yield f"{key} is {said} in the file, {real} on chain"
    rule = hour.parameters
    if replace(rule, proof_max_age=0) != Parameters():
        yield f"parameters are {rule}, not those of version {hour.version}"
    if rule.proof_max_age not in (0, accepted := PROOF_MAX_AGE_HOURS * hour.hour_length):
        yield f"proof_max_age is {rule.proof_max_age}; 0 (no proofs) and {accepted} are accepted"
    expected = facts.to_rewards_total
    if expected is not None and hour.to_rewards_total != expected:
        yield (
            f"to_rewards_total is {hour.to_rewards_total}; "
            f"the emission brings {expected} by hour {hour.hour}"
        )


def _previous(
    hour: PublishedHour, before: PublishedHour | None, data: bytes | None
) -> Iterator[str]:
    if before is None or data is None:
        if hour.hour > 1:
            yield f"the file of hour {hour.hour - 1} is missing, so its effect cannot be checked"
        return
    if before.hour != hour.hour - 1:
        yield f"the file before is of hour {before.hour}, not {hour.hour - 1}"
    pairs = {
        "previous_root": (hour.previous_root, before.root),
        "previous_data_hash": (hour.previous_data_hash, sha256_hex(data)),
        "previous_leaves_hash": (hour.previous_leaves_hash, leaves_hash(before.leaves)),
        "carry_before": (hour.carry_before, before.carry_after),
    }
    for key, (said, real) in pairs.items():
        if said != real:
            yield f"{key} is {said}; the hour before has {real}"


def _nodes(hour: PublishedHour, facts: ChainFacts) -> Iterator[str]:
    lines = [f"node {node.device}: {line}" for node in hour.nodes for line in _node(node, hour)]
    yield from _capped([*lines, *hours_facts.problems(hour, facts)], "nodes")


def _node(node: HourNode, hour: PublishedHour) -> Iterator[str]:
    if node.statement and not _signed(node, hour):
        yield f"its signature is not over {node.statement.seconds} s of hour {hour.hour}"
    if node.simulated and hour.hour_length >= HOUR:
        yield "simulated, on a network with real hours"


def _signed(node: HourNode, hour: PublishedHour) -> bool:
    evidence = node.statement
    if evidence is None:
        return False
    try:
        statement = Statement.for_hour(
            Hash.from_string(hour.genesis_hash),
            Pubkey.from_string(hour.jobs_program),
            Pubkey.from_string(node.device),
            hour.hour,
            evidence.counter,
            evidence.seconds,
        )
        return statement.verify(Signature.from_string(evidence.signature))
    except ValueError:
        # A key or signature that has the letters of base58 but not the length.
        return False


def _recomputed(
    hour: PublishedHour, before: PublishedHour | None, data: bytes | None
) -> Iterator[str]:
    if before is None and hour.hour > 1:
        return
    carried = before.as_previous(sha256_hex(data or b"")) if before else Previous()
    try:
        real = publish(
            HourInputs(
                genesis_hash=hour.genesis_hash,
                mint=hour.mint,
                distributor=hour.distributor,
                jobs_program=hour.jobs_program,
                start=hour.start,
                hour_length=hour.hour_length,
                to_rewards_total=hour.to_rewards_total,
                nodes=hour.nodes,
                previous=carried,
                parameters=hour.parameters,
            )
        )
    except ValueError as error:
        yield f"the hour cannot be recomputed: {error}"
        return
    for key in ("to_rewards", "released", "carry_after", "root", "total"):
        if (said := getattr(hour, key)) != (computed := getattr(real, key)):
            yield f"{key} is {said} in the file, {computed} recomputed"
    yield from _capped(list(_different_nodes(hour, real)), "nodes")
    yield from _capped(list(_different_leaves(hour, real)), "leaves")


def _different_nodes(hour: PublishedHour, real: PublishedHour) -> Iterator[str]:
    if [node.device for node in hour.nodes] != [node.device for node in real.nodes]:
        yield "the nodes do not stand in the order of their devices"
        return
    for said, computed in zip(hour.nodes, real.nodes, strict=True):
        for key in ("eligible", "reasons", "granted"):
            if (one := getattr(said, key)) != (other := getattr(computed, key)):
                yield f"node {said.device}: {key} is {one} in the file, {other} recomputed"


def _different_leaves(hour: PublishedHour, real: PublishedHour) -> Iterator[str]:
    said, computed = dict(hour.leaves), dict(real.leaves)
    if len(said) != len(hour.leaves):
        yield "a wallet has two leaves"
    for wallet in sorted(said.keys() | computed.keys()):
        if said.get(wallet) != computed.get(wallet):
            yield (
                f"leaf {wallet}: {said.get(wallet, 'absent')} in the file, "
                f"{computed.get(wallet, 'absent')} recomputed"
            )
    if said == computed and hour.leaves != real.leaves:
        yield "the leaves do not stand in the order of their wallets"


def _anchor(hour: PublishedHour, facts: ChainFacts) -> Anchor:
    if facts.live and facts.live.epoch == hour.hour:
        return "live"
    if facts.pending and facts.pending.epoch == hour.hour:
        return "pending"
    newest = max((root.epoch for root in (facts.live, facts.pending) if root), default=0)
    return "earlier" if hour.hour < newest else "none"


def _on_chain(hour: PublishedHour, digest: str, anchor: Anchor, facts: ChainFacts) -> Iterator[str]:
    root = {"live": facts.live, "pending": facts.pending}.get(anchor)
    if root is None:
        return
    pairs = {
        "root": (hour.root, root.root),
        "total": (hour.total, root.total),
        "number of leaves": (len(hour.leaves), root.count),
        "data hash": (digest, root.data_hash),
    }
    for key, (said, real) in pairs.items():
        if said != real:
            yield f"{key} is {said} by the file, {real} in the {anchor} root on chain"


def _capped(lines: list[str], what: str) -> Iterator[str]:
    yield from lines[:MAX_LINES]
    if (more := len(lines) - MAX_LINES) > 0:
        yield f"and {more} more lines about {what}"
