"""Statements: counters that never repeat, seconds that were really lived."""

from pathlib import Path

import pytest
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client.statements import Statement
from iog_worker.proofs import BELIEVED, BLOCK, Counter, HourMeter, Statements
from iog_worker.testing import FakeClock

GENESIS, PROGRAM = Hash(bytes([1] * 32)), Pubkey(bytes([2] * 32))
START = 10_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def meter(tmp_path: Path, clock: FakeClock) -> HourMeter:
    return HourMeter(tmp_path / "hours.json", "g", clock)


def test_a_counter_rises_by_one(tmp_path: Path) -> None:
    counter = Counter(tmp_path / "counter")
    assert [counter.next() for _ in range(3)] == [1, 2, 3]


def test_a_counter_never_repeats_after_a_crash(tmp_path: Path) -> None:
    counter = Counter(tmp_path / "counter")
    given = [counter.next() for _ in range(2 * BLOCK + 5)]
    assert Counter(tmp_path / "counter").next() > max(given)


def test_a_counter_goes_on_above_what_the_orchestrator_has_seen(tmp_path: Path) -> None:
    counter = Counter(tmp_path / "counter")
    counter.raise_to(50_000)
    assert counter.next() == 50_001
    assert Counter(tmp_path / "counter").next() > 50_001


def test_a_counter_is_not_set_back_by_an_orchestrator_that_has_seen_less(tmp_path: Path) -> None:
    counter = Counter(tmp_path / "counter")
    counter.next()
    counter.raise_to(0)
    assert counter.next() == 2


def test_a_counter_that_an_orchestrator_cannot_have_is_not_believed(tmp_path: Path) -> None:
    counter = Counter(tmp_path / "counter")
    counter.raise_to((1 << 64) - 1)
    assert counter.next() == 1
    counter.raise_to(BELIEVED)
    assert counter.next() == BELIEVED + 1
    assert Counter(tmp_path / "counter").next() < 1 << 63


def test_statements_carry_the_devices_signature_over_their_bytes(tmp_path: Path) -> None:
    device, job = Keypair(), Keypair().pubkey()
    statements = Statements(device, GENESIS, PROGRAM, Counter(tmp_path / "counter"))
    said = statements.for_job(str(job), 3, 17)
    assert (said.kind, said.subject, said.run, said.counter, said.seconds) == (
        "job",
        str(job),
        3,
        1,
        17,
    )
    whole = Statement.for_job(GENESIS, PROGRAM, device.pubkey(), job, 3, 1, 17)
    assert whole.verify(Signature.from_string(said.signature))
    hour = statements.for_hour(9, 3600)
    assert (hour.kind, hour.subject, hour.run, hour.counter) == ("hour", "9", 0, 2)
    whole = Statement.for_hour(GENESIS, PROGRAM, device.pubkey(), 9, 2, 3600)
    assert whole.verify(Signature.from_string(hour.signature))


def test_seconds_count_by_the_monotonic_clock(meter: HourMeter, clock: FakeClock) -> None:
    meter.observe(START + 100.0, START, 3600)
    clock.now += 59.5
    assert meter.due() == [(1, 59)]
    clock.now += 0.5
    assert meter.due() == [(1, 60)]


def test_nothing_is_due_twice(meter: HourMeter, clock: FakeClock) -> None:
    meter.observe(START + 100.0, START, 3600)
    clock.now += 10
    assert meter.due() == [(1, 10)]
    assert meter.due() == []


def test_a_new_connection_states_the_newest_hours_again(meter: HourMeter, clock: FakeClock) -> None:
    meter.observe(START + 3590.0, START, 3600)
    clock.now += 30
    assert meter.due() == [(1, 10), (2, 20)]
    meter.state_again()
    assert meter.due() == [(1, 10), (2, 20)]


def test_time_is_split_at_the_end_of_an_hour(meter: HourMeter, clock: FakeClock) -> None:
    meter.observe(START + 3500.0, START, 3600)
    clock.now += 3600 + 200
    assert meter.due() == [(1, 100), (2, 3600), (3, 100)]


def test_an_hour_cut_short_by_a_jump_has_its_real_seconds_only(
    meter: HourMeter, clock: FakeClock
) -> None:
    meter.observe(START + 0.0, START, 3600)
    clock.now += 12
    meter.observe(START + 3600 + 5.0, START, 3600)
    clock.now += 7
    assert meter.due() == [(1, 12), (2, 7)]


def test_hours_that_were_jumped_over_have_no_seconds(meter: HourMeter, clock: FakeClock) -> None:
    meter.observe(START + 0.0, START, 3600)
    clock.now += 2
    meter.observe(START + 5 * 3600.0, START, 3600)
    clock.now += 3
    assert meter.due() == [(1, 2), (6, 3)]


def test_an_hour_never_has_more_seconds_than_its_length(meter: HourMeter, clock: FakeClock) -> None:
    meter.observe(START + 1.0, START, 60)
    clock.now += 50
    meter.observe(START + 1.0, START, 60)
    clock.now += 50
    assert meter.due() == [(1, 60)]


def test_nothing_is_stated_before_emission(meter: HourMeter, clock: FakeClock) -> None:
    meter.observe(5000.0, 0, 3600)
    clock.now += 100
    assert meter.due() == []
    meter.observe(5100.0, 5110, 3600)
    clock.now += 30
    assert meter.due() == [(1, 20)]


def test_nothing_is_stated_before_the_chains_time_is_known(meter: HourMeter) -> None:
    assert meter.due() == []
    assert meter.until_next_hour() is None


def test_no_more_is_stated_of_an_hour_than_the_orchestrator_has_seen(
    meter: HourMeter, clock: FakeClock
) -> None:
    meter.observe(START + 0.0, START, 3600)
    clock.now += 600
    assert meter.due() == [(1, 600)]
    assert meter.limit([(1, 500)])
    assert meter.due() == [(1, 500)]
    clock.now += 20
    assert meter.due() == [(1, 520)]


def test_limits_above_what_was_counted_change_nothing(meter: HourMeter, clock: FakeClock) -> None:
    meter.observe(START + 3590.0, START, 3600)
    clock.now += 20
    assert meter.due() == [(1, 10), (2, 10)]
    assert not meter.limit([(1, 10), (2, 11), (9, 0)])
    assert meter.due() == []


def test_the_end_of_the_hour_is_known_in_advance(meter: HourMeter, clock: FakeClock) -> None:
    meter.observe(START + 3500.0, START, 3600)
    clock.now += 40
    assert meter.until_next_hour() == pytest.approx(60.0)


def test_a_worker_that_comes_back_goes_on_with_the_hours_seconds(
    tmp_path: Path, meter: HourMeter, clock: FakeClock
) -> None:
    meter.observe(START + 0.0, START, 3600)
    clock.now += 100
    meter.due()
    later = FakeClock()
    again = HourMeter(tmp_path / "hours.json", "g", later)
    again.observe(START + 500.0, START, 3600)
    later.now += 50
    assert again.due() == [(1, 150)]


def test_hours_of_another_chain_are_forgotten(
    tmp_path: Path, meter: HourMeter, clock: FakeClock
) -> None:
    meter.observe(START + 0.0, START, 3600)
    clock.now += 100
    meter.due()
    other = HourMeter(tmp_path / "hours.json", "another", clock)
    other.observe(START + 500.0, START, 3600)
    assert other.due() == []
