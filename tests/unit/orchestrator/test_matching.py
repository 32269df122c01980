"""Placing as a pure function of the fleet and the request."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iog_orchestrator.domain.matching import FILTERS, Candidate, Change, Fleet, Wanted

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
    ready=True,
    simulated=False,
    confined=True,
)


def fleet(*nodes: Candidate) -> Fleet:
    made = Fleet()
    for node in nodes:
        made.put(node)
    return made


@pytest.mark.parametrize(
    ("node", "wanted", "reason"),
    [
        (replace(NODE, ready=False), Wanted(1), "not_ready"),
        (NODE, Wanted(1, node_class="other"), "class"),
        (NODE, Wanted(1, min_multiplier=10_001), "class"),
        (NODE, Wanted(1, memory=80_001), "memory"),
        (NODE, Wanted(9), "gpus"),
        (replace(NODE, busy=5), Wanted(4), "busy"),
        (NODE, Wanted(1, max_price=99), "price"),
        (replace(NODE, confined=False), Wanted(1, confined=True), "unconfined"),
        (NODE, Wanted(1, excluded=frozenset({"a"})), "excluded"),
    ],
)
def test_each_filter_turns_down_and_is_named(node: Candidate, wanted: Wanted, reason: str) -> None:
    assert fleet(node).choose(wanted).rejected == {reason: 1}


def test_what_just_fits_is_taken() -> None:
    wanted = Wanted(8, max_price=100, node_class="class", min_multiplier=10_000, memory=80_000)
    assert fleet(NODE).choose(wanted).devices == ("a",)


def test_a_node_counts_for_the_first_filter_it_fails() -> None:
    node = replace(NODE, memory=1, ask=1_000)
    assert fleet(node).choose(Wanted(1, max_price=1, memory=2)).rejected == {"memory": 1}


def test_the_cheaper_node_wins() -> None:
    nodes = (NODE, replace(NODE, device="b", ask=50))
    assert fleet(*nodes).choose(Wanted(1), 2).devices == ("b", "a")


def test_the_more_reliable_node_wins_at_one_price() -> None:
    nodes = (replace(NODE, reliability=0.5), replace(NODE, device="b"))
    assert fleet(*nodes).choose(Wanted(1)).devices == ("b",)


def test_the_tighter_node_wins_at_one_price() -> None:
    nodes = (NODE, replace(NODE, device="b", gpus=2))
    assert fleet(*nodes).choose(Wanted(2)).devices == ("b",)


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


@pytest.mark.parametrize(
    ("wanted", "change"),
    [
        (Wanted(1, max_price=10), Change("max_price", 100, 1)),
        (Wanted(9), Change("gpus", 8, 1)),
        (Wanted(1, memory=90_000), Change("memory", 80_000, 1)),
        (Wanted(1, node_class="other"), Change("class", "h100-pcie", 1)),
        (Wanted(9, max_price=10), None),
    ],
)
def test_the_cheapest_change_is_one_that_places(wanted: Wanted, change: Change | None) -> None:
    assert fleet(NODE).choose(wanted).change == change


def test_a_busy_fleet_names_the_gpus_that_are_left() -> None:
    assert fleet(replace(NODE, busy=5)).choose(Wanted(4)).change == Change("gpus", 3, 1)


def test_a_fleet_without_nodes_fits_nothing() -> None:
    choice = fleet().choose(Wanted(1))
    assert (choice.devices, choice.rejected, choice.change) == ((), {}, None)


def test_a_fleet_grows_beyond_its_first_room() -> None:
    made = fleet(*(replace(NODE, device=f"{index:04}", ask=1_000 - index) for index in range(500)))
    assert len(made) == 500
    assert made.choose(Wanted(1)).devices == ("0499",)


def test_an_ask_of_64_bits_is_compared_exactly() -> None:
    node = replace(NODE, ask=(1 << 64) - 1)
    assert fleet(node).choose(Wanted(1, max_price=(1 << 64) - 2)).rejected == {"price": 1}
    assert fleet(node).choose(Wanted(1, max_price=(1 << 64) - 1)).devices == ("a",)


@given(
    st.lists(
        st.tuples(st.integers(1, 8), st.integers(0, 8), st.integers(1, 200), st.booleans()),
        max_size=30,
    ),
    st.integers(1, 8),
    st.integers(1, 200),
)
def test_every_node_is_offered_or_counted_once(
    nodes: list[tuple[int, int, int, bool]], gpus: int, price: int
) -> None:
    made = fleet(
        *(
            replace(NODE, device=str(index), gpus=count, busy=min(busy, count), ask=ask, ready=up)
            for index, (count, busy, ask, up) in enumerate(nodes)
        )
    )
    choice = made.choose(Wanted(gpus, max_price=price), len(nodes) or 1)
    assert len(choice.devices) + sum(choice.rejected.values()) == len(nodes)
    assert set(choice.rejected) <= set(FILTERS)
    for device in choice.devices:
        found = made.get(device)
        assert found is not None
        assert found.ready
        assert found.ask <= price
        assert found.gpus - found.busy >= gpus
