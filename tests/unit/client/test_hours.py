"""An hour is split exactly as the rule says, and nothing of it is lost."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hour_samples import (
    FIRST_HOUR,
    FIRST_TWO,
    MAX_AGE,
    START,
    costaked,
    inputs,
    node,
    two_hours,
    wallet,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from iog_client.amounts import IO
from iog_client.errors import UsageError
from iog_client.hours import PublishedHour, leaves_hash, publish, sha256_hex
from iog_client.hours_rule import (
    HourEvidence,
    HourInputs,
    HourNode,
    Parameters,
    Period,
    PoolAmounts,
    Previous,
    allocate,
    reasons,
    requirement,
)
from iog_client.hours_text import explain

VECTOR = Path(__file__).parents[2] / "vectors/hour.json"
ENTERPRISE = FIRST_HOUR * 95 // 100
COMMUNITY = FIRST_HOUR - ENTERPRISE
HOUR_1 = Period(1, 3600, START + 3600)
PROVEN = Parameters(proof_max_age=MAX_AGE)


def test_the_pools_get_95_and_5_percent_and_the_remainder_goes_to_community() -> None:
    result = allocate(inputs([]))
    assert result.carry == PoolAmounts(ENTERPRISE, COMMUNITY)
    assert (ENTERPRISE, COMMUNITY) == (390_410_958_904, 20_547_945_206)


def test_one_node_gets_all_of_its_pool() -> None:
    result = allocate(inputs([node(1)]))
    assert result.grants == [ENTERPRISE]
    assert result.carry == PoolAmounts(0, COMMUNITY)
    assert result.leaves == [(wallet(1), ENTERPRISE)]


def test_shares_follow_multiplier_gpus_and_proven_seconds() -> None:
    nodes = [node(1, multiplier=2000, gpus=3), node(2, multiplier=1000, gpus=1, seconds=3000)]
    result = allocate(inputs(nodes))
    one, two = 2000 * 3 * 3600, 1000 * 1 * 3000
    assert result.grants == [ENTERPRISE * one // (one + two), ENTERPRISE * two // (one + two)]
    assert result.carry.enterprise == ENTERPRISE - sum(result.grants) <= 1


def test_more_seconds_than_the_hour_has_count_as_the_hour() -> None:
    assert allocate(inputs([node(1, seconds=9999), node(2)])).grants == [ENTERPRISE // 2] * 2


def test_what_nobody_earned_is_released_at_most_one_share_an_hour() -> None:
    empty = publish(inputs([]))
    again = publish(inputs([], 2 * FIRST_HOUR, empty.as_previous()))
    result = allocate(inputs([node(1, hour=3)], 3 * FIRST_HOUR, again.as_previous()))
    assert again.carry_after.enterprise == 2 * ENTERPRISE
    assert result.grants == [2 * ENTERPRISE]
    assert result.carry.enterprise == ENTERPRISE


def test_a_wallet_with_many_nodes_has_one_leaf() -> None:
    result = allocate(inputs([node(1), node(2, payee=wallet(1))]))
    assert result.leaves == [(wallet(1), 2 * (ENTERPRISE // 2))]


def test_a_cumulative_reward_only_grows() -> None:
    first, second = two_hours()
    before, after = dict(first.leaves), dict(second.leaves)
    assert set(before) <= set(after)
    assert all(after[name] >= amount for name, amount in before.items())


def test_a_costaker_gets_its_share_inside_the_nodes_part() -> None:
    shared = replace(node(1), costaker=wallet(9), costake_share_bps=2500)
    leaves = dict(allocate(inputs([shared])).leaves)
    part = ENTERPRISE * 2500 // 10_000
    assert leaves == {wallet(9): part, wallet(1): ENTERPRISE - part}


@pytest.mark.parametrize("share", [1, 9_999, 10_000])
def test_what_a_costaker_gets_is_rounded_down_and_the_rest_is_the_payees(share: int) -> None:
    shared = costaked(node(1), 9, share)
    leaves = dict(allocate(inputs([shared])).leaves)
    part = ENTERPRISE * share // 10_000
    whole = {wallet(9): part, wallet(1): ENTERPRISE - part}
    assert leaves == {name: amount for name, amount in whole.items() if amount}


def test_a_costaker_of_a_node_that_is_not_eligible_gets_nothing() -> None:
    assert allocate(inputs([replace(costaked(node(1), 9, 10_000), state="paused")])).leaves == []


def test_a_wallet_that_is_payee_here_and_costaker_there_has_one_leaf() -> None:
    nodes = [costaked(node(1), 2, 5_000), node(2)]
    [(_, first), (_, second)] = sorted(dict(allocate(inputs(nodes)).leaves).items())
    assert first + second == ENTERPRISE
    assert dict(allocate(inputs(nodes)).leaves)[wallet(2)] == (
        ENTERPRISE // 2 + ENTERPRISE // 2 * 5_000 // 10_000
    )


@pytest.mark.parametrize("odd", [0, 1])
def test_half_of_the_requirement_rounded_up_is_the_owners(odd: int) -> None:
    needed = 200 * IO + odd
    both = replace(costaked(node(1), 9, 1), requirement=needed)
    own = 100 * IO + odd
    assert reasons(replace(both, stake=own), HOUR_1, Parameters()) == ()
    short = replace(both, stake=own - 1, costake=needed)
    assert reasons(short, HOUR_1, Parameters()) == ("own_stake_short",)


@pytest.mark.parametrize(
    ("changes", "reason", "text"),
    [
        ({"state": "paused"}, "not_active", "the node is paused, not active"),
        ({"active_from_hour": 2}, "active_later", "it counts from hour 2, this is hour 1"),
        (
            {"stake": 200 * IO - 1},
            "stake_short",
            "its stake is 199.99999999 IO of 200 IO required",
        ),
        (
            {"stake": 100 * IO, "costake": 100 * IO - 1, "costaker": wallet(9)},
            "stake_short",
            "its stake is 100 IO and 99.99999999 IO co-staked, of 200 IO required",
        ),
        (
            {"stake": 100 * IO - 1, "costake": 200 * IO, "costaker": wallet(9)},
            "own_stake_short",
            "its owner has staked 99.99999999 IO; 100 IO are to be the owner's",
        ),
        ({"class_enabled": False}, "class_disabled", "the class h100-pcie is disabled"),
        (
            {"blocked": "GPU-1 is also in another node"},
            "blocked",
            "the orchestrator has blocked it: GPU-1 is also in another node",
        ),
        ({"statement": None}, "no_statement", "it has signed nothing for hour 1"),
        (
            {"statement": HourEvidence(1, 2999, "1" * 64)},
            "too_few_seconds",
            "it has proven 2999 s of 3000 s needed in an hour",
        ),
    ],
)
def test_a_node_that_breaks_one_rule_earns_nothing_and_is_told_why(
    changes: dict[str, object], reason: str, text: str
) -> None:
    out = replace(node(1), **changes)  # type: ignore[arg-type]
    result = allocate(inputs([out]))
    assert result.reasons == [(reason,)]
    assert result.grants == [0]
    assert result.leaves == []
    assert explain(reason, out, HOUR_1, Parameters()) == text


def test_five_sixths_of_the_hour_are_enough_to_the_second() -> None:
    assert reasons(node(1, seconds=3000), HOUR_1, Parameters()) == ()
    assert reasons(node(1, seconds=2999), HOUR_1, Parameters()) == ("too_few_seconds",)


@pytest.mark.parametrize(
    ("proof", "reason", "text"),
    [
        (0, "no_proof", "it has passed no GPU proof before the end of hour 1"),
        (START + 3601, "no_proof", "it has passed no GPU proof before the end of hour 1"),
        (
            START + 3600 - MAX_AGE - 1,
            "proof_old",
            "its last GPU proof was 86401 s old at the end of the hour; 86400 s are accepted",
        ),
    ],
)
def test_a_node_without_a_young_proof_earns_nothing_where_one_is_asked_for(
    proof: int, reason: str, text: str
) -> None:
    out = replace(node(1), proof=proof)
    assert reasons(out, HOUR_1, Parameters()) == ()
    assert reasons(out, HOUR_1, PROVEN) == (reason,)
    assert allocate(replace(inputs([out]), parameters=PROVEN)).leaves == []
    assert explain(reason, out, HOUR_1, PROVEN) == text


@pytest.mark.parametrize("proof", [START + 3600, START + 3600 - MAX_AGE])
def test_a_proof_counts_from_the_hours_end_to_its_greatest_age(proof: int) -> None:
    assert reasons(replace(node(1), proof=proof), HOUR_1, PROVEN) == ()


def test_every_broken_rule_is_named() -> None:
    out = replace(node(1, seconds=None), state="registered", stake=0, blocked="why")
    found = reasons(out, HOUR_1, Parameters())
    assert found == ("not_active", "stake_short", "blocked", "no_statement")


@pytest.mark.parametrize(
    ("multiplier", "gpus", "io"), [(1000, 1, 200), (700, 1, 200), (10_600, 8, 16_960), (1001, 3, 0)]
)
def test_collateral_is_200_io_a_gpu_times_a_multiplier_above_one(
    multiplier: int, gpus: int, io: int
) -> None:
    assert requirement(multiplier, gpus) == (io * IO or 60_060_000_000)


def test_less_minted_than_before_is_refused() -> None:
    first, _ = two_hours()
    with pytest.raises(ValueError, match="less was minted"):
        allocate(inputs([], FIRST_HOUR - 1, first.as_previous()))


def test_a_device_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="a device stands twice"):
        allocate(inputs([node(1), node(1)]))


def test_an_hour_without_any_reward_yet_has_no_root() -> None:
    hour = publish(inputs([]))
    assert (hour.root, hour.leaves, hour.total) == (None, [], 0)
    assert PublishedHour.parse(hour.to_bytes()) == hour


def test_an_hour_takes_over_from_the_one_before() -> None:
    first, second = two_hours()
    assert (second.hour, second.previous_root) == (2, first.root)
    assert second.previous_data_hash == sha256_hex(first.to_bytes())
    assert second.previous_leaves_hash == leaves_hash(first.leaves)
    assert second.carry_before == first.carry_after
    assert second.to_rewards == FIRST_TWO - FIRST_HOUR


def test_the_published_root_proves_every_leaf() -> None:
    _, second = two_hours()
    tree = second.tree()
    assert (tree.root.hex(), tree.count) == (second.root, len(second.leaves))


def test_two_hours_have_the_bytes_of_the_vector() -> None:
    vector = json.loads(VECTOR.read_text())
    for made, expected in zip(two_hours(), vector["hours"], strict=True):
        assert made.to_bytes().decode() == expected["bytes"]
        assert sha256_hex(made.to_bytes()) == expected["data_hash"]
        assert PublishedHour.parse(expected["bytes"].encode()) == made


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"version":1', '"version":2', "version"),
        ('"hour":1', '"hour":0', "hour"),
        ('"hour":1', '"hour":1,"more":1', "more"),
        ('"hour":1', '"hour": 1', "canonical"),
        ('"gpus":8', '"gpus":8,"more":1', "nodes"),
        ('"pool":"enterprise"', '"pool":"other"', "pool"),
        ("{", "", "Invalid JSON"),
    ],
)
def test_a_file_written_otherwise_is_not_an_hour(before: str, after: str, message: str) -> None:
    data = two_hours()[0].to_bytes().decode().replace(before, after, 1)
    with pytest.raises(UsageError, match=f"not a published hour: .*{message}"):
        PublishedHour.parse(data.encode())


Drawn = tuple[int, int, int, int, bool, int, int]


@st.composite
def hours(draw: st.DrawFn) -> list[tuple[int, list[Drawn]]]:
    """Some hours: what each brings, and its nodes."""
    one = st.tuples(
        st.integers(0, 3),
        st.integers(0, 40_000),
        st.integers(1, 1024),
        st.integers(0, 4000),
        st.booleans(),
        st.integers(0, 2),
        st.integers(0, 10_000),
    )
    amount = st.one_of(st.integers(0, 5), st.integers(0, 10**15))
    return draw(st.lists(st.tuples(amount, st.lists(one, max_size=6)), min_size=1, max_size=4))


def drawn_node(seed: int, one: Drawn) -> HourNode:
    payee, multiplier, gpus, seconds, community, costaker, share = one
    return replace(
        node(seed, pool="community" if community else "enterprise", multiplier=multiplier),
        gpus=gpus,
        payee=wallet(payee),
        requirement=0,
        statement=HourEvidence(1, seconds, "1" * 64),
        costaker=wallet(50 + costaker) if costaker else None,
        costake_share_bps=share,
    )


def expected_grants(asked: HourInputs) -> list[int]:
    """The rule once more, over exact fractions."""
    before = asked.previous.carry
    share = {"enterprise": asked.to_rewards * 9500 // 10_000}
    share["community"] = asked.to_rewards - share["enterprise"]
    scores = [
        Fraction(item.multiplier * item.gpus * min(item.statement.seconds, 3600))
        if item.statement and item.statement.seconds >= 3000
        else Fraction(0)
        for item in asked.nodes
    ]
    totals = {
        pool: sum(
            score for item, score in zip(asked.nodes, scores, strict=True) if item.pool == pool
        )
        for pool in share
    }
    released = {pool: share[pool] + min(before.of(pool), share[pool]) for pool in before_pools()}
    return [
        int(released[item.pool] * score / totals[item.pool]) if score else 0
        for item, score in zip(asked.nodes, scores, strict=True)
    ]


def before_pools() -> tuple[str, str]:
    return ("enterprise", "community")


@settings(max_examples=150, deadline=None)
@given(hours())
def test_every_base_unit_is_either_earned_or_carried(
    drawn: list[tuple[int, list[Drawn]]],
) -> None:
    previous, total = Previous(), 0
    for number, (brings, nodes) in enumerate(drawn, 1):
        total += brings
        asked = inputs([drawn_node(i, one) for i, one in enumerate(nodes)], total, previous)
        result = allocate(asked)
        assert result.grants == expected_grants(asked)
        assert sum(amount for _, amount in result.leaves) + result.carry.total == total
        assert min(result.carry.enterprise, result.carry.community) >= 0
        leaves = result.leaves
        previous = Previous(number, total, None, None, leaves, result.carry)
