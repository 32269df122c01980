"""How a node's share came about is told from the published hour alone."""

from dataclasses import replace

import pytest
from hour_samples import END_2, FIRST_HOUR, FIRST_TWO, inputs, node, two_hours, wallet

from iog_client.errors import NotFound
from iog_client.hours import publish
from iog_client.hours_parts import HourFile
from iog_client.hours_why import why

FIRST, SECOND = (HourFile.parse(hour.to_bytes()) for hour in two_hours())
NODES = {one.owner: one for one in SECOND.nodes()}


def test_every_rule_is_told_with_its_numbers() -> None:
    [found] = why(SECOND, NODES[wallet(1)].device)
    assert [(one.rule, one.passed) for one in found.rules] == [
        ("active", True),
        ("stake", True),
        ("class", True),
        ("not blocked", True),
        ("proven", True),
        ("GPU proof", True),
    ]
    assert [one.text for one in found.rules] == [
        "it is active from hour 1",
        "its stake is 8480 IO and 8480 IO co-staked; 16960 IO are required, "
        "8480 IO of them the owner's",
        "the class h100-pcie is enabled",
        "the orchestrator has not blocked it",
        "it has proven 3600 s of the hour's 3600 s; 3000 s are needed",
        "its last GPU proof was 0 s old at the end of the hour; 86400 s are accepted",
    ]


def test_score_share_carry_and_parts_add_up_to_the_leaves() -> None:
    [found] = why(SECOND, NODES[wallet(1)].device)
    score = 10_600 * 8 * 3600
    brings = (FIRST_TWO - FIRST_HOUR) * 95 // 100
    assert (found.score, found.pool_score, found.pool_nodes) == (score, score, 1)
    assert (found.share, found.carry, found.released) == (brings, 1, brings + 1)
    assert found.granted == found.published == brings + 1
    part = found.granted * 3333 // 10_000
    assert found.costaker is not None
    assert (found.costaker.wallet, found.costaker.part) == (wallet(4), part)
    assert found.costaker.cumulative == part
    assert (found.payee.wallet, found.payee.part) == (wallet(2), found.granted - part)
    assert found.payee.cumulative == dict(FIRST.leaves())[wallet(2)] + found.granted - part


def test_a_node_that_earned_nothing_is_told_each_rule_it_broke() -> None:
    [found] = why(SECOND, NODES[wallet(9)].device)
    assert [(one.rule, one.text) for one in found.rules if not one.passed] == [
        ("not blocked", "the orchestrator has blocked it: GPU-1 is also in another node"),
        (
            "GPU proof",
            "its last GPU proof was 86401 s old at the end of the hour; 86400 s are accepted",
        ),
    ]
    assert (found.score, found.granted, found.payee.cumulative) == (0, 0, 0)


def test_all_nodes_of_an_owner_are_told() -> None:
    nodes = [replace(node(seed), owner=wallet(1)) for seed in (1, 2)] + [node(3)]
    hour = HourFile.parse(publish(inputs(nodes)).to_bytes())
    found = why(hour, None, wallet(1))
    assert {one.device for one in found} == {one.device for one in nodes[:2]}
    assert [one.pool_nodes for one in found] == [3, 3]


def test_an_hour_without_a_policy_asks_for_no_proof() -> None:
    [found] = why(FIRST, None, wallet(1))
    assert found.rules[-1].text == "the network asks for no GPU proof"


def test_a_grant_that_was_published_wrongly_stands_beside_the_right_one() -> None:
    made = publish(inputs([node(1)]))
    lied = made.model_copy(update={"nodes": [replace(made.nodes[0], granted=7)]})
    [found] = why(HourFile.parse(lied.to_bytes()), made.nodes[0].device)
    assert (found.published, found.granted) == (7, made.nodes[0].granted)


@pytest.mark.parametrize(
    ("device", "owner", "line"),
    [
        (wallet(1), None, f"hour 2 has no node {wallet(1)} among its 3 nodes"),
        (None, wallet(7), f"hour 2 has no node of {wallet(7)} among its 3 nodes"),
    ],
)
def test_a_node_that_is_not_in_the_hour_is_not_found(
    device: str | None, owner: str | None, line: str
) -> None:
    with pytest.raises(NotFound, match=line):
        why(SECOND, device, owner)


def test_the_end_of_the_hour_is_what_proofs_are_measured_by() -> None:
    assert SECOND.head.period.end == END_2
