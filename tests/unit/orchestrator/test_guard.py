"""What the orchestrator says itself of nodes in an hour."""

from iog_orchestrator.core.guard import KEPT_PROOFS, Guard


def test_without_proofs_an_hour_knows_of_none() -> None:
    guard = Guard()
    assert (guard.proof_max_age, guard.proof_by("d", 10)) == (0, 0)


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
