"""A published hour is recomputed from the file before it and the chain, and every lie has its
line."""

from dataclasses import replace

import pytest
from hour_samples import START, device, evidence, facts, inputs, node, two_hours, wallet

from iog_client.errors import UsageError
from iog_client.hours import PublishedHour, publish, sha256_hex
from iog_client.hours_facts import ChainFacts
from iog_client.hours_rule import HourNode, Parameters
from iog_client.hours_verify import verify, verify_link

FIRST, SECOND = two_hours()
PROVEN = replace(node(1), proof=START + 3600)


def problems(hour: PublishedHour, known: ChainFacts | None = None) -> list[str]:
    return verify(hour.to_bytes(), FIRST.to_bytes(), known or facts(hour)).problems


def changed(**changes: object) -> PublishedHour:
    return SECOND.model_copy(update=changes)


def with_node(index: int, **changes: object) -> PublishedHour:
    nodes = list(SECOND.nodes)
    nodes[index] = replace(nodes[index], **changes)  # type: ignore[arg-type]
    return changed(nodes=nodes)


def test_an_honest_hour_holds() -> None:
    verdict = verify(SECOND.to_bytes(), FIRST.to_bytes(), facts(SECOND))
    assert verdict.problems == []
    assert (verdict.holds, verdict.anchor, verdict.hour) == (True, "live", 2)
    assert verdict.data_hash == sha256_hex(SECOND.to_bytes())


def test_the_first_hour_needs_no_file_before_it() -> None:
    assert verify(FIRST.to_bytes(), None, facts(FIRST)).problems == []


def test_a_later_hour_cannot_be_checked_without_the_one_before() -> None:
    [line] = verify(SECOND.to_bytes(), None, facts(SECOND)).problems
    assert line == "the file of hour 1 is missing, so its effect cannot be checked"


def test_an_hour_older_than_the_live_root_is_not_compared_with_it() -> None:
    verdict = verify(FIRST.to_bytes(), None, facts(SECOND, to_rewards_total=None, nodes=None))
    assert (verdict.problems, verdict.anchor) == ([], "earlier")


def test_a_pending_root_is_compared_too() -> None:
    known = facts(SECOND)
    assert known.live
    pending = replace(known.live, total=1)
    verdict = verify(
        SECOND.to_bytes(), FIRST.to_bytes(), replace(known, live=None, pending=pending)
    )
    assert verdict.anchor == "pending"
    assert verdict.problems == [
        f"total is {SECOND.total} by the file, 1 in the pending root on chain"
    ]


def test_the_chain_of_hashes_ties_an_hour_to_the_next() -> None:
    assert verify_link(sha256_hex(FIRST.to_bytes()), SECOND.to_bytes()) is None
    line = verify_link("0" * 64, SECOND.to_bytes())
    assert line is not None
    assert "which has hash 0000" in line


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("genesis_hash", wallet(1)),
        ("mint", wallet(1)),
        ("distributor", wallet(1)),
        ("jobs_program", wallet(1)),
        ("start", 5),
        ("hour_length", 60),
    ],
)
def test_another_network_than_the_chains_is_named(key: str, value: object) -> None:
    known = facts(SECOND, **{key: value})
    assert problems(SECOND, known) == [
        f"{key} is {getattr(SECOND, key)} in the file, {value} on chain"
    ]


def test_an_hour_that_takes_more_than_the_emission_is_caught() -> None:
    known = facts(SECOND, to_rewards_total=SECOND.to_rewards_total - 1)
    [line] = problems(SECOND, known)
    assert line.startswith(f"to_rewards_total is {SECOND.to_rewards_total}; the emission brings")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("root", "0" * 64),
        ("total", 1),
        ("count", 9),
        ("data_hash", "0" * 64),
    ],
)
def test_a_root_that_differs_on_chain_is_named(key: str, value: object) -> None:
    known = facts(SECOND)
    assert known.live
    [line] = problems(SECOND, replace(known, live=replace(known.live, **{key: value})))
    assert line.endswith(f"{value} in the live root on chain")


@pytest.mark.parametrize(
    ("hour", "begin"),
    [
        (changed(previous_root="0" * 64), "previous_root is 0000"),
        (changed(previous_data_hash="0" * 64), "previous_data_hash is 0000"),
        (changed(previous_leaves_hash="0" * 64), "previous_leaves_hash is 0000"),
        (changed(carry_before=FIRST.released), "carry_before is PoolAmounts"),
        (changed(carry_after=FIRST.released), "carry_after is PoolAmounts"),
        (changed(released=FIRST.carry_after), "released is PoolAmounts"),
        (changed(to_rewards=7), "to_rewards is 7 in the file"),
        (changed(total=7), "total is 7 in the file"),
        (changed(root="0" * 64), "root is 0000"),
        (with_node(0, granted=7), f"node {SECOND.nodes[0].device}: granted is 7 in the file"),
        (with_node(0, eligible=False), f"node {SECOND.nodes[0].device}: eligible is False"),
        (with_node(0, reasons=("blocked",)), f"node {SECOND.nodes[0].device}: reasons is"),
        (with_node(0, simulated=False, requirement=1), f"node {SECOND.nodes[0].device}: requ"),
    ],
)
def test_one_lie_is_one_line(hour: PublishedHour, begin: str) -> None:
    [line] = problems(hour)
    assert line.startswith(begin)


def test_a_leaf_with_more_than_was_earned_is_named() -> None:
    wallet_name, amount = SECOND.leaves[0]
    hour = changed(leaves=[(wallet_name, amount + 1), *SECOND.leaves[1:]])
    assert problems(hour) == [f"leaf {wallet_name}: {amount + 1} in the file, {amount} recomputed"]


def test_leaves_in_another_order_are_named() -> None:
    assert problems(changed(leaves=SECOND.leaves[::-1])) == [
        "the leaves do not stand in the order of their wallets"
    ]


def lying(**changes: object) -> PublishedHour:
    """An hour that was computed rightly from one node's wrong facts."""
    nodes: list[HourNode] = list(SECOND.nodes)
    nodes[0] = replace(nodes[0], **changes)  # type: ignore[arg-type]
    asked = inputs(nodes, SECOND.to_rewards_total, FIRST.as_previous())
    return publish(replace(asked, parameters=SECOND.parameters))


FIRST_NODE = SECOND.nodes[0]
SEED = next(seed for seed in (1, 3) if str(device(seed).pubkey()) == FIRST_NODE.device)


@pytest.mark.parametrize(
    ("hour", "line"),
    [
        (
            lying(statement=replace(evidence(SEED, 2, 3000), seconds=3600)),
            "its signature is not over 3600 s of hour 2",
        ),
        (lying(statement=evidence(SEED, 1, 3600)), "its signature is not over 3600 s of hour 2"),
        (lying(statement=evidence(5, 2, 3600)), "its signature is not over 3600 s of hour 2"),
        (lying(simulated=True), "simulated, on a network with real hours"),
        (
            lying(pool="community" if FIRST_NODE.pool == "enterprise" else "enterprise"),
            f"in the file, {FIRST_NODE.pool} on chain",
        ),
    ],
)
def test_wrong_facts_of_a_node_are_found_though_the_sums_are_right(
    hour: PublishedHour, line: str
) -> None:
    [found] = problems(hour)
    assert found.startswith(f"node {FIRST_NODE.device}: ")
    assert found.endswith(line)


def test_an_unknown_age_of_proofs_is_named() -> None:
    first = publish(replace(inputs([PROVEN]), parameters=Parameters(proof_max_age=60)))
    [line] = verify(first.to_bytes(), None, facts(first)).problems
    assert line == "proof_max_age is 60; 0 (no proofs) and 86400 are accepted"


def test_other_parameters_than_those_of_the_version_are_named() -> None:
    first = publish(replace(inputs([PROVEN]), parameters=Parameters(enterprise_bps=9000)))
    [line] = verify(first.to_bytes(), None, facts(first)).problems
    assert line.startswith("parameters are Parameters(enterprise_bps=9000, ")


def test_a_blocked_node_is_noted() -> None:
    assert verify(SECOND.to_bytes(), FIRST.to_bytes(), facts(SECOND)).notes == [
        f"node {SECOND.nodes[2].device}: blocked by the orchestrator's word alone: "
        "GPU-1 is also in another node"
    ]


def test_many_lies_are_counted_after_twenty_lines() -> None:
    nodes = [replace(node(seed), simulated=True) for seed in range(1, 30)]
    hour = publish(inputs(nodes))
    lines = verify(hour.to_bytes(), None, facts(hour)).problems
    assert len(lines) == 21
    assert lines[-1] == "and 9 more lines about nodes"


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff"])
def test_something_else_is_not_verified(data: bytes) -> None:
    with pytest.raises(UsageError, match="not a published hour"):
        verify(data, None, facts(FIRST))
