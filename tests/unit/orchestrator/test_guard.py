"""What the orchestrator says itself of nodes in an hour."""

from iog_client.hours import MAX_BLOCKED
from iog_orchestrator.core.guard import KEPT_PROOFS, Guard


def test_without_proofs_and_blocks_an_hour_knows_of_none() -> None:
    guard = Guard()
    assert (guard.proof_max_age, guard.proof_by("d", 10), dict(guard.blocked_in(1))) == (0, 0, {})


def test_an_hour_asks_for_the_newest_proof_before_its_end() -> None:
    guard = Guard()
    for at in (30, 10, 20, 20):
        guard.passed("d", at)
    assert [guard.proof_by("d", end) for end in (9, 10, 29, 30, 99)] == [0, 10, 20, 30, 30]


def test_only_the_newest_proofs_are_kept() -> None:
    guard = Guard()
    for at in range(1, KEPT_PROOFS + 2):
        guard.passed("d", at)
    assert [guard.proof_by("d", end) for end in (1, 2)] == [0, 2]


def test_a_failed_proof_undoes_those_before_it_until_the_next_is_passed() -> None:
    guard = Guard()
    guard.passed("d", 10)
    guard.failed("d", 20)
    guard.passed("d", 30)
    assert [guard.proof_by("d", end) for end in (19, 20, 29, 30)] == [10, 0, 0, 30]


def test_a_node_that_was_blocked_for_a_moment_is_blocked_for_the_hour() -> None:
    guard = Guard()
    guard.note(1)
    guard.blocked["d"] = "x" * (MAX_BLOCKED + 1)
    guard.note(1)
    guard.blocked.clear()
    guard.note(1)
    guard.note(2)
    assert guard.blocked_in(1) == {"d": "x" * MAX_BLOCKED}
    assert guard.blocked_in(2) == {}
    guard.closed(1)
    assert guard.blocked_in(1) == {}


def test_nobody_is_blocked_in_hour_zero() -> None:
    guard = Guard()
    guard.blocked["d"] = "why"
    guard.note(0)
    assert guard.blocked_in(0) == {}
