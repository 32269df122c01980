"""Placing as a pure function of the fleet and the request."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_samples import NODE, Plain, fleet, fleets, requests

from iog_orchestrator.domain.candidates import FILTERS, Candidate, Wanted
from iog_orchestrator.domain.changes import changes
from iog_orchestrator.domain.columns import LOG
from iog_orchestrator.domain.matching import Change
from iog_orchestrator.domain.nodes import UNREADY


@pytest.mark.parametrize(
    ("node", "wanted", "reason"),
    [
        *((replace(NODE, unready=name), Wanted(1), name) for name in UNREADY),
        (NODE, Wanted(1, node_class="other"), "class"),
        (NODE, Wanted(1, min_multiplier=10_001), "class"),
        (NODE, Wanted(1, memory=80_001), "memory"),
        (NODE, Wanted(9), "gpus"),
        (replace(NODE, country="DE"), Wanted(1, country=frozenset({"FR"})), "country"),
        (NODE, Wanted(1, country=frozenset({"FR"})), "country"),
        (replace(NODE, connectivity=1), Wanted(1, connectivity=2), "connectivity"),
        (replace(NODE, reliability=0.949), Wanted(1, reliability=950), "reliability"),
        (replace(NODE, busy=5), Wanted(4), "busy"),
        (NODE, Wanted(1, max_price=99), "price"),
        (replace(NODE, confined=False), Wanted(1, confined=True), "unconfined"),
        (NODE, Wanted(1, containers=True), "no_containers"),
        (NODE, Wanted(1, network=True), "no_network"),
        (replace(NODE, cpus=15), Wanted(1, cpus=2), "share"),
        (replace(NODE, ram=7_999), Wanted(1, ram=1_000), "share"),
        (replace(NODE, disk=799), Wanted(1, disk=100), "share"),
        (NODE, Wanted(1, allow=frozenset({"b"})), "allow"),
        (NODE, Wanted(1, deny=frozenset({"a"})), "deny"),
        (replace(NODE, owner="ada"), Wanted(1, deny=frozenset({"ada"})), "deny"),
        (NODE, Wanted(1, excluded=frozenset({"a"})), "excluded"),
        (replace(NODE, until=99), Wanted(1, ends_at=100), "leaving"),
    ],
)
def test_each_filter_turns_down_and_is_named(node: Candidate, wanted: Wanted, reason: str) -> None:
    made = fleet(node)
    assert made.choose(wanted).rejected == made.counts(wanted) == {reason: 1}
    assert made.ranked(wanted, 1) == []


def test_what_just_fits_is_taken() -> None:
    wanted = Wanted(
        8,
        max_price=100,
        node_class="class",
        min_multiplier=10_000,
        memory=80_000,
        country=frozenset({"DE"}),
        connectivity=3,
        reliability=950,
        allow=frozenset({"ada"}),
        confined=True,
        ends_at=100,
    )
    node = replace(NODE, country="DE", connectivity=3, reliability=0.95, owner="ada", until=100)
    assert fleet(node).choose(wanted).devices == ("a",)
    assert fleet(node).place([wanted]) == ("a",)


def test_a_node_counts_for_the_first_filter_it_fails() -> None:
    node = replace(NODE, memory=1, ask=1_000)
    assert fleet(node).choose(Wanted(1, max_price=1, memory=2)).rejected == {"memory": 1}


def test_a_list_for_one_class_counts_nodes_of_others_right_whatever_becomes_of_them() -> None:
    other = replace(NODE, device="b", node_class="other")
    made, wanted = fleet(NODE, other), Wanted(1, node_class="class")
    assert made.counts(wanted) == {"class": 1}
    made.put(replace(other, unready="silent"))
    assert made.counts(wanted) == made.choose(wanted).rejected == {"class": 1}


def test_the_cheaper_node_wins() -> None:
    nodes = (NODE, replace(NODE, device="b", ask=50))
    assert fleet(*nodes).choose(Wanted(1), 2).devices == ("b", "a")


def test_the_more_reliable_node_wins_at_one_price() -> None:
    nodes = (replace(NODE, reliability=0.5), replace(NODE, device="b"))
    assert fleet(*nodes).choose(Wanted(1)).devices == ("b",)


def test_the_nearer_node_wins_at_one_price() -> None:
    nodes = (replace(NODE, country="FR"), replace(NODE, device="b", country="DE"))
    assert fleet(*nodes).choose(Wanted(1, near=frozenset({"DE"}))).devices == ("b",)


def test_the_tighter_node_wins_at_one_price() -> None:
    nodes = (NODE, replace(NODE, device="b", gpus=2))
    assert fleet(*nodes).choose(Wanted(2)).devices == ("b",)


def test_jobs_of_one_kind_fill_a_node_before_they_take_the_next() -> None:
    made, taken = fleet(NODE, replace(NODE, device="b")), []
    for job in range(8):
        [device] = made.place([Wanted(2)]) or [""]
        made.reserve(str(job), device, 2)
        taken.append(device)
    assert taken == ["a"] * 4 + ["b"] * 4
    assert made.place([Wanted(1)]) is None


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "a", "b")])
def test_equal_nodes_are_taken_by_device_in_whatever_order_they_came(order: tuple[str]) -> None:
    made = fleet(*(replace(NODE, device=one) for one in order))
    assert made.choose(Wanted(1), 2).devices == ("a", "b")


def test_what_is_promised_is_not_free_until_released() -> None:
    made = fleet(NODE)
    made.reserve("job", "a", 6)
    made.reserve("job", "a", 6)
    assert (made.free("a"), made.choose(Wanted(3)).rejected) == (2, {"busy": 1})
    made.put(replace(NODE, busy=1))
    assert made.free("a") == 1
    assert made.release("job")
    assert not made.release("job")
    assert made.free("a") == 7


def test_what_is_held_is_for_its_holder_alone() -> None:
    made = fleet(NODE)
    made.hold({"a": 6})
    assert made.choose(Wanted(3)).rejected == made.counts(Wanted(3)) == {"held": 1}
    assert made.place([Wanted(2)]) == ("a",)
    assert made.place([Wanted(8)], holder=True) == ("a",)
    made.hold({})
    assert made.place([Wanted(8)]) == ("a",)


@pytest.mark.parametrize(
    ("wanted", "change"),
    [
        (Wanted(1, max_price=10), Change("max_price", 100, 1)),
        (Wanted(9), Change("gpus", 8, 1)),
        (Wanted(1, memory=90_000), Change("memory", 80_000, 1)),
        (Wanted(1, node_class="other"), Change("class", "h100-pcie", 1)),
        (Wanted(1, country=frozenset({"FR"})), Change("country", "DE", 1)),
        (Wanted(1, connectivity=3), Change("connectivity", 2, 1)),
        (Wanted(1, reliability=1000), Change("reliability", 900, 1)),
        (Wanted(1, deny=frozenset({"a"})), Change("deny", "", 1)),
        (Wanted(1, allow=frozenset({"b"})), Change("allow", "", 1)),
        (Wanted(1, containers=True), Change("containers", "", 1)),
        (Wanted(1, network=True), Change("network", "", 1)),
        (Wanted(1, ram=2_000), Change("ram", 1_000, 1)),
        (Wanted(1, ends_at=4_600), Change("duration", 3_000, 1)),
    ],
)
def test_the_one_change_that_places_is_found(wanted: Wanted, change: Change) -> None:
    node = replace(
        NODE, country="DE", connectivity=2, reliability=0.9, ram=8_000, until=1_000 + 3_000
    )
    assert changes(fleet(node), [wanted], now=1_000) == [change]


def test_a_node_that_is_about_to_leave_offers_no_time() -> None:
    made = fleet(replace(NODE, until=1_000), replace(NODE, device="b", until=1_500))
    found = changes(made, [Wanted(1, ends_at=3_000)], now=1_000)
    assert found == [Change("duration", 500, 1)]
    assert found[0].size == 0.75


def test_what_no_single_change_places_has_none() -> None:
    assert changes(fleet(NODE), [Wanted(9, max_price=10)], now=0) == []
    assert changes(fleet(), [Wanted(1)], now=0) == []


def test_the_smallest_change_comes_first() -> None:
    dear = replace(NODE, device="b", gpus=9, ask=105)
    found = changes(fleet(NODE, dear), [Wanted(9, max_price=100)], now=0)
    assert [(one.field, one.value) for one in found] == [("max_price", 105), ("gpus", 8)]


def test_a_busy_fleet_names_the_gpus_that_are_left() -> None:
    assert changes(fleet(replace(NODE, busy=5)), [Wanted(4)], now=0) == [Change("gpus", 3, 1)]


def test_a_gang_is_told_how_many_members_would_fit() -> None:
    assert changes(fleet(NODE), [Wanted(4)] * 3, now=0) == [
        Change("nodes", 2, 1),
        Change("gpus", 2, 1),
    ]


def test_a_fleet_without_nodes_fits_nothing() -> None:
    choice = fleet().choose(Wanted(1))
    assert (choice.devices, choice.rejected) == ((), {})


def test_a_fleet_grows_beyond_its_first_room() -> None:
    made = fleet(*(replace(NODE, device=f"{index:04}", ask=1_000 - index) for index in range(500)))
    assert len(made) == 500
    assert made.choose(Wanted(1)).devices == ("0499",)


def test_an_ask_of_64_bits_is_compared_exactly() -> None:
    node = replace(NODE, ask=(1 << 64) - 1)
    assert fleet(node).choose(Wanted(1, max_price=(1 << 64) - 2)).rejected == {"price": 1}
    assert fleet(node).choose(Wanted(1, max_price=(1 << 64) - 1)).devices == ("a",)


def test_a_list_of_equal_nodes_goes_on_after_its_end() -> None:
    made = fleet(*(replace(NODE, device=f"{index:04}", gpus=1) for index in range(600)))
    for index in range(600):
        assert made.place([Wanted(1, max_price=100)]) == (f"{index:04}",)
        made.reserve(str(index), f"{index:04}", 1)
    assert made.place([Wanted(1)]) is None


def test_a_list_that_missed_too_much_starts_anew() -> None:
    made = fleet(NODE, replace(NODE, device="b"))
    assert made.place([Wanted(1)]) == ("a",)
    for index in range(3 * LOG):
        made.put(replace(NODE, ask=101 + index))
    assert made.place([Wanted(1)]) == ("b",)


@settings(deadline=None)
@given(fleets(), requests())
def test_the_vectors_say_what_the_plain_matcher_says(
    nodes: list[Candidate], wanted: Wanted
) -> None:
    made, plain = fleet(*nodes), Plain(nodes)
    choice = made.choose(wanted, max(1, len(nodes)))
    assert list(choice.devices) == plain.best(wanted)
    assert choice.rejected == made.counts(wanted) == plain.rejected(wanted)
    assert list(choice.rejected) == sorted(choice.rejected, key=FILTERS.index)
    assert len(choice.devices) + sum(choice.rejected.values()) == len(nodes)


@settings(max_examples=100, deadline=None)
@given(fleets(), st.lists(requests(), min_size=1, max_size=3), st.data())
def test_lists_that_follow_changes_rank_as_the_plain_matcher_does(
    nodes: list[Candidate], wanted: list[Wanted], data: st.DataObject
) -> None:
    made, plain = fleet(*nodes), Plain(nodes)
    for job in range(data.draw(st.integers(1, 25))):
        one = data.draw(st.sampled_from(wanted))
        ranked = [made.candidates[row].device for _, row in made.ranked(one, 3)]
        assert ranked == plain.best(one)[:3]
        assert made.counts(one) == plain.rejected(one)
        if ranked:
            made.reserve(str(job), ranked[0], one.gpus)
            plain.take(ranked[0], one.gpus)
            assert made.free(ranked[0]) == plain.free(ranked[0]) >= 0
        if nodes and data.draw(st.integers(0, 3)) == 0:
            node = data.draw(st.sampled_from(nodes))
            changed = replace(plain.nodes[node.device], ask=data.draw(st.integers(1, 300)))
            made.put(changed)
            plain.nodes[node.device] = changed
        if nodes and data.draw(st.integers(0, 3)) == 0:
            plain.held = {data.draw(st.sampled_from(nodes)).device: data.draw(st.integers(0, 4))}
            made.hold(plain.held)


@settings(max_examples=100, deadline=None)
@given(fleets(4), st.lists(requests(), min_size=1, max_size=4), st.booleans(), st.data())
def test_a_gang_is_placed_whole_exactly_where_there_is_a_way(
    nodes: list[Candidate], members: list[Wanted], same: bool, data: st.DataObject
) -> None:
    by = data.draw(st.sampled_from(["", "", "owner", "country"]))
    gang = [replace(members[0] if same else one, together=by) for one in members]
    made, plain = fleet(*nodes), Plain(nodes)
    if len(gang) == 1:
        gang = [replace(gang[0], together="")]
    devices = made.place(gang)
    assert (devices is not None) == plain.may_place(gang)
    assert devices is None or plain._is_way(gang, devices)
    assert made.place(gang) == devices


@settings(deadline=None)
@given(fleets(5), requests())
def test_every_change_that_is_named_places(nodes: list[Candidate], wanted: Wanted) -> None:
    made = fleet(*nodes)
    if made.place([wanted]) is not None:
        return
    for change in changes(made, [wanted], now=0):
        assert change.nodes >= 1
        field = "ends_at" if change.field == "duration" else change.field
        if field in ("max_price", "gpus", "memory", "connectivity", "reliability", "ends_at"):
            assert made.place([replace(wanted, **{field: change.value})]) is not None
