"""What an orchestrator may not make up about nodes: each lie that changes a wallet's reward is
found, though the file's own sums are right."""

from dataclasses import replace

import pytest
from hour_samples import (
    FIRST_HOUR,
    LENGTH,
    START,
    chain_node,
    facts,
    inputs,
    node,
    wallet,
)

from iog_client.hours import PublishedHour, publish
from iog_client.hours_facts import ChainClass, ChainFacts
from iog_client.hours_rule import HourInputs, HourNode
from iog_client.hours_verify import Verdict, verify

HONEST = publish(inputs([node(1, multiplier=2000, gpus=8), node(2, multiplier=2000, gpus=8)]))
FACTS = facts(HONEST)
NODE = HONEST.nodes[0]
THIEF = wallet(99)


def published(**changes: object) -> PublishedHour:
    """Hour 1 of both nodes, computed rightly from the first one's changed facts."""
    first: HourNode = replace(NODE, **changes)  # type: ignore[arg-type]
    return publish(inputs([first, HONEST.nodes[1]]))


def checked(hour: PublishedHour, known: ChainFacts = FACTS) -> Verdict:
    """The verdict while that very hour's root is live, as an orchestrator that lies would have
    it."""
    return verify(hour.to_bytes(), None, replace(known, live=facts(hour).live))


def on_chain(**changes: object) -> ChainFacts:
    """The chain with the first node changed."""
    real = replace(chain_node(NODE), **changes)  # type: ignore[arg-type]
    return replace(FACTS, nodes={**(FACTS.nodes or {}), NODE.device: real})


def in_class(**changes: object) -> ChainFacts:
    """The chain with the class changed."""
    real = replace(FACTS.classes["h100-pcie"], **changes)  # type: ignore[arg-type]
    return replace(FACTS, classes={"h100-pcie": real})


def later(hour: int, **changes: object) -> PublishedHour:
    """The first node alone, in an hour for which only its facts are looked at."""
    made = HourInputs(
        HONEST.genesis_hash,
        HONEST.mint,
        HONEST.distributor,
        HONEST.jobs_program,
        START,
        LENGTH,
        FIRST_HOUR,
        [replace(NODE, **changes)],  # type: ignore[arg-type]
    )
    return publish(made).model_copy(update={"hour": hour})


def lines(hour: PublishedHour, known: ChainFacts) -> tuple[list[str], list[str]]:
    """Problems and notes about the first node's facts on chain."""
    nodes = {NODE.device: (known.nodes or {})[NODE.device]}
    verdict = verify(hour.to_bytes(), None, replace(known, nodes=nodes, live=None))
    named = f"node {NODE.device}: "
    problems = [one for one in verdict.problems if "signature" not in one and named in one]
    return [one.removeprefix(named) for one in problems], [
        one.removeprefix(named) for one in verdict.notes
    ]


def test_an_honest_hour_has_neither_problems_nor_notes() -> None:
    verdict = checked(HONEST)
    assert (verdict.problems, verdict.notes) == ([], [])


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"payee": THIEF}, f"payee is {THIEF} in the file, {NODE.payee} on chain"),
        ({"owner": THIEF}, f"owner is {THIEF} in the file, {NODE.owner} on chain"),
        ({"costaker": THIEF}, f"costaker is {THIEF} in the file, None on chain"),
        ({"costake": 1}, "costake is 1 in the file, 0 on chain"),
        ({"costake_share_bps": 1}, "costake_share_bps is 1 in the file, 0 on chain"),
        ({"state": "retired"}, "retired from hour 1 in the file, active from hour 1 on chain"),
        ({"state": "paused"}, "paused from hour 1 in the file, active from hour 1 on chain"),
        ({"active_from_hour": 2}, "active from hour 2 in the file, active from hour 1 on chain"),
        ({"active_from_hour": 0}, "active from hour 0 in the file, active from hour 1 on chain"),
        ({"class_enabled": False}, "class_enabled is False in the file, True on chain"),
        ({"multiplier": 2001}, "multiplier is 2001 in the file, 2000 on chain"),
        ({"gpus": 7}, "gpus is 7 in the file, 8 on chain"),
        ({"gpu_class": "other"}, "gpu_class is other in the file, h100-pcie on chain"),
        ({"pool": "community"}, "pool is community in the file, enterprise on chain"),
        (
            {"requirement": NODE.requirement + 1},
            f"requirement is {NODE.requirement + 1} in the file, {NODE.requirement} "
            "by its registration",
        ),
    ],
)
def test_one_lie_about_a_node_is_one_line(changes: dict[str, object], line: str) -> None:
    assert checked(published(**changes)).problems == [f"node {NODE.device}: {line}"]


def test_less_stake_than_on_chain_is_named_twice() -> None:
    verdict = checked(published(stake=0))
    assert [line.partition(": ")[2] for line in verdict.problems] == [
        "stake is 0 in the file, though it was met on chain in hour 1",
        f"stake is 0 in the file, {NODE.stake} on chain",
    ]


def test_an_active_node_that_is_left_out_is_named() -> None:
    hour = publish(inputs([HONEST.nodes[1]]))
    assert checked(hour).problems == [
        f"node {NODE.device}: absent from the file, active on chain for hour 1"
    ]


@pytest.mark.parametrize(
    "changes", [{"state": "registered", "active_from_hour": 0}, {"active_from_hour": 2}]
)
def test_a_node_that_does_not_count_yet_may_be_absent(changes: dict[str, object]) -> None:
    assert checked(publish(inputs([HONEST.nodes[1]])), on_chain(**changes)).problems == []


def test_a_node_that_nobody_registered_is_named() -> None:
    nodes = {device: real for device, real in (FACTS.nodes or {}).items() if device != NODE.device}
    for left in (nodes, {}):
        found = checked(HONEST, replace(FACTS, nodes=left)).problems
        assert f"node {NODE.device}: not registered on chain" in found


@pytest.mark.parametrize(
    ("changes", "real"),
    [
        ({"state": "registered", "active_from_hour": 0}, "registered from hour 0"),
        ({"active_from_hour": 2}, "active from hour 2"),
    ],
)
def test_a_node_that_is_not_active_on_chain_earns_nothing(
    changes: dict[str, object], real: str
) -> None:
    [line] = checked(HONEST, on_chain(**changes)).problems
    assert line == f"node {NODE.device}: active from hour 1 in the file, {real} on chain"


def test_a_node_that_became_active_after_the_hour_was_closed_is_no_problem() -> None:
    hour = published(state="registered", active_from_hour=0, stake=0)
    known = on_chain(active_from_hour=2, stake_from_hour=2)
    verdict = checked(hour, known)
    assert (verdict.problems, verdict.notes) == ([], [])


@pytest.mark.parametrize(("hour", "right"), [(7, "new"), (8, "new"), (6, "old")])
def test_a_change_of_payee_counts_from_its_hour_on(hour: int, right: str) -> None:
    known = on_chain(payee=wallet(50), prev_payee=wallet(51), payee_from_hour=7)
    names = {"new": wallet(50), "old": wallet(51)}
    for name, payee in names.items():
        problems, notes = lines(later(hour, payee=payee), known)
        said = f"payee is {payee} in the file, {names[right]} on chain"
        assert (problems, notes) == ([] if name == right else [said], [])


def test_a_payee_that_the_chain_has_forgotten_is_a_note() -> None:
    known = on_chain(payee=wallet(50), prev_payee=wallet(51), payee_from_hour=7)
    assert lines(later(5, payee=wallet(51)), known) == ([], [])
    assert lines(later(5, payee=wallet(52)), known) == (
        [],
        [f"payee is {wallet(52)} in the file; the chain has forgotten what it was in hour 5"],
    )


@pytest.mark.parametrize(("hour", "stake"), [(6, 5), (7, 9)])
def test_stake_counts_from_its_hour_on(hour: int, stake: int) -> None:
    needed = NODE.requirement
    known = on_chain(prev_stake=needed + 5, stake=needed + 9, stake_from_hour=7)
    assert lines(later(hour, stake=needed + stake), known) == ([], [])
    problems, _ = lines(later(hour, stake=needed + 1), known)
    assert problems == [f"stake is {needed + 1} in the file, {needed + stake} on chain"]


def test_stake_that_the_chain_has_forgotten_was_met_all_the_same() -> None:
    needed = NODE.requirement
    known = on_chain(prev_stake=needed + 5, stake=needed + 9, stake_from_hour=7)
    assert lines(later(3, stake=needed), known) == (
        [],
        [f"stake is {needed} in the file; the chain has forgotten what it was in hour 3"],
    )
    problems, _ = lines(later(3, stake=needed - 1), known)
    assert problems == [f"stake is {needed - 1} in the file, though it was met on chain in hour 3"]


@pytest.mark.parametrize("state", ["paused", "retired"])
def test_a_node_that_stopped_since_is_a_note(state: str) -> None:
    problems, notes = lines(later(2), on_chain(state=state, active_from_hour=0))
    assert problems == []
    assert notes == [f"{state} on chain now, which does not say since when"]


@pytest.mark.parametrize(("hour", "told"), [(6, "note"), (7, "problem"), (8, "problem")])
def test_a_node_that_fell_short_was_active_in_the_hours_before_that_at_most(
    hour: int, told: str
) -> None:
    """Its stake left in hour 7 and counts no more from hour 8."""
    gone = on_chain(
        state="registered",
        active_from_hour=0,
        stake=0,
        prev_stake=NODE.stake,
        stake_from_hour=8,
        cooling_costake=0,
    )
    stake = NODE.stake if hour < 7 else 0
    problems, notes = lines(later(hour, stake=stake), gone)
    lie = "active from hour 1 in the file, registered from hour 0 on chain"
    said = "registered on chain now, which does not say since when"
    assert (problems, notes) == (([], [said]) if told == "note" else ([lie], []))


@pytest.mark.parametrize(("hour", "told"), [(6, "note"), (7, "problem"), (8, "problem")])
def test_a_node_whose_co_stake_ended_was_active_in_the_hours_before_that_at_most(
    hour: int, told: str
) -> None:
    half = NODE.requirement // 2
    gone = on_chain(
        state="registered",
        active_from_hour=0,
        stake=half,
        costaker=wallet(60),
        cooling_costake=half,
        prev_costake_share_bps=100,
        costake_from_hour=8,
    )
    share = 100 if hour < 8 else 0
    costaker, costake = (wallet(60), half) if share else (None, 0)
    problems, notes = lines(
        later(hour, stake=half, costake=costake, costake_share_bps=share, costaker=costaker), gone
    )
    lie = "active from hour 1 in the file, registered from hour 0 on chain"
    said = "registered on chain now, which does not say since when"
    assert (problems, notes) == (([], [said]) if told == "note" else ([lie], []))


@pytest.mark.parametrize(("hour", "told"), [(6, "note"), (7, "problem"), (8, "problem")])
def test_a_node_that_was_made_active_again_may_have_been_so_before(hour: int, told: str) -> None:
    """It was resumed in hour 8 at the latest, and for hour 7 it was in that hour."""
    problems, notes = lines(later(hour), on_chain(active_from_hour=8 if hour < 8 else 9))
    came = 8 if hour < 8 else 9
    lie = f"active from hour 1 in the file, active from hour {came} on chain"
    said = f"active from hour {came} on chain now, which does not say since when"
    assert (problems, notes) == (([], [said]) if told == "note" else ([lie], []))


@pytest.mark.parametrize(("registered", "told"), [(8, 1), (343, 1), (344, 0)])
def test_a_node_registered_after_the_hour_was_not_active_in_it_unless_it_had_time_to_retire(
    registered: int, told: int
) -> None:
    known = on_chain(active_from_hour=registered + 1, registered_in_hour=registered)
    problems, _ = lines(later(7), known)
    assert len(problems) == told


def co_staked(**changes: object) -> ChainFacts:
    """Half of the first node's stake is another's, for 2% of its rewards from hour 7 on."""
    half = NODE.requirement // 2
    shared = {
        "stake": NODE.requirement - half,
        "prev_stake": NODE.requirement,
        "stake_from_hour": 7,
        "costaker": wallet(60),
        "costake": half,
        "costake_share_bps": 200,
        "costake_from_hour": 7,
    }
    return on_chain(**{**shared, **changes})


def co_staked_in(hour: int, **changes: object) -> PublishedHour:
    """The first node in an hour, as an honest orchestrator publishes it."""
    half = NODE.requirement // 2
    counts = hour >= 7
    shared = {
        "stake": NODE.requirement - half if hour >= 6 else NODE.requirement,
        "costake": half if hour >= 6 else 0,
        "costaker": wallet(60) if counts else None,
        "costake_share_bps": 200 if counts else 0,
    }
    return later(hour, **{**shared, **changes})


@pytest.mark.parametrize("hour", [5, 6, 7, 8])
def test_a_co_stake_counts_from_its_hour_on(hour: int) -> None:
    assert lines(co_staked_in(hour), co_staked()) == ([], [])


@pytest.mark.parametrize(("hour", "right"), [(6, 0), (7, 200), (8, 200)])
def test_another_share_than_counted_is_a_problem(hour: int, right: int) -> None:
    problems, notes = lines(co_staked_in(hour, costake_share_bps=201), co_staked())
    assert problems == [f"costake_share_bps is 201 in the file, {right} on chain"]
    assert notes == []


@pytest.mark.parametrize(
    ("hour", "said", "right"),
    [(6, wallet(60), None), (7, None, wallet(60)), (7, THIEF, wallet(60)), (8, THIEF, wallet(60))],
)
def test_another_co_staker_than_counted_is_a_problem(
    hour: int, said: str | None, right: str | None
) -> None:
    problems, _ = lines(co_staked_in(hour, costaker=said), co_staked())
    assert problems == [f"costaker is {said} in the file, {right} on chain"]


def test_a_co_stake_that_the_file_lacks_was_met_all_the_same() -> None:
    problems, notes = lines(co_staked_in(7, costake=0), co_staked())
    needed = NODE.requirement - NODE.requirement // 2
    assert problems == [f"stake is {needed} in the file, though it was met on chain in hour 7"]
    [line] = notes
    assert line.startswith("costake is 0 in the file; the chain has forgotten")


def test_a_co_stake_that_a_case_took_from_since_is_a_note() -> None:
    half = NODE.requirement // 2
    problems, notes = lines(
        co_staked_in(7), co_staked(costake=half - 5, stake=NODE.requirement, stake_from_hour=9)
    )
    assert problems == []
    assert [line.split(";")[0] for line in notes] == [
        f"stake is {NODE.requirement - half} in the file",
        f"costake is {half} in the file",
    ]


@pytest.mark.parametrize("hour", [9, 10])
def test_an_ended_co_stake_counts_to_the_end_of_its_last_hour(hour: int) -> None:
    """It ended in hour 9; the owner had the whole requirement in it."""
    half = NODE.requirement // 2
    ended = on_chain(
        costaker=wallet(60),
        cooling_costake=half,
        prev_costake_share_bps=200,
        costake_from_hour=10,
    )
    shared = {"costaker": wallet(60), "costake": half, "costake_share_bps": 200}
    honest = shared if hour == 9 else {}
    assert lines(later(hour, **honest), ended) == ([], [])
    problems, _ = lines(later(hour, **({} if honest else shared)), ended)
    assert f"costake_share_bps is {0 if honest else 200}" in problems[-1]


def test_a_co_staker_that_has_withdrawn_is_a_note() -> None:
    ended = on_chain(prev_costake_share_bps=200, costake_from_hour=10)
    said = {"costaker": wallet(60), "costake": 0, "costake_share_bps": 200}
    problems, notes = lines(later(9, **said), ended)
    assert problems == []
    assert notes == [
        f"costaker is {wallet(60)} in the file; the chain has forgotten what it was in hour 9"
    ]


@pytest.mark.parametrize(
    ("hour", "multiplier", "enabled"), [(32, 2000, True), (199, 2000, True), (200, 1, False)]
)
def test_a_class_counts_as_announced(hour: int, multiplier: int, enabled: bool) -> None:
    known = in_class(next_multiplier=1, next_enabled=False, next_from_hour=200)
    said = {"multiplier": multiplier, "class_enabled": enabled}
    assert lines(later(hour, **said), known) == ([], [])
    problems, _ = lines(later(hour, multiplier=7, class_enabled=not enabled), known)
    assert problems == [
        f"multiplier is 7 in the file, {multiplier} on chain",
        f"class_enabled is {not enabled} in the file, {enabled} on chain",
    ]


def test_a_class_before_its_announcement_is_forgotten() -> None:
    known = in_class(next_multiplier=1, next_enabled=False, next_from_hour=200)
    problems, notes = lines(later(31, multiplier=7), known)
    assert problems == []
    assert notes == ["multiplier is 7 in the file; the chain has forgotten what it was in hour 31"]


def test_a_class_that_never_changed_is_remembered_for_ever() -> None:
    assert ChainClass("enterprise", 7).multiplier_in(100_000) == (7, True)
    assert ChainClass("enterprise", 7).enabled_in(1) == (True, True)
