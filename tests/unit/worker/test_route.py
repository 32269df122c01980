"""Which address is tried next: a standby costs no pause, anything else a growing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iog_client.endpoints import Endpoints
from iog_client.errors import Unreachable
from iog_worker.link import Lost, Standby
from iog_worker.route import LONGEST_OF_SEVERAL, STEADY_SECONDS, Route
from iog_worker.testing import assignment, spec_of

from .worker_runs import files_of, running

if TYPE_CHECKING:
    from .conftest import Bench

A, B, C = "http://a.invalid", "http://b.invalid", "http://c.invalid"
DEAD = Unreachable(A, "connection refused")


def route(*urls: str) -> Route:
    return Route(Endpoints(",".join(urls)))


def test_the_addresses_are_tried_in_turn() -> None:
    found = route(A, B, C)
    tried = [found.addresses.current for _ in range(4) if found.lost(DEAD, 0)]
    assert tried == [B, C, A, B]


def test_after_a_standby_the_next_is_tried_at_once() -> None:
    assert route(A, B).lost(Standby(), 0) == 0


def test_where_all_stand_by_there_is_a_pause_in_each_round() -> None:
    found = route(A, B, C)
    assert [bool(found.lost(Standby(), 0)) for _ in range(6)] == 2 * [False, False, True]


def test_the_only_address_is_not_asked_without_a_pause() -> None:
    assert route(A).lost(Standby(), 0) > 0


def test_the_pauses_grow_until_a_connection_was_steady() -> None:
    found = route(A)
    waits = [found.lost(DEAD, 0) for _ in range(6)]
    assert waits[-1] > 8 > 0.5 >= waits[0]
    assert found.lost(Lost(), STEADY_SECONDS) <= 0.5


def test_of_several_addresses_none_is_waited_for_longer_than_a_takeover() -> None:
    found = route(A, B)
    waits = [found.lost(DEAD, 0) for _ in range(40)]
    assert LONGEST_OF_SEVERAL / 2 <= waits[-1] <= max(waits) <= LONGEST_OF_SEVERAL


async def test_a_worker_goes_past_a_dead_address_to_the_one_that_leads(bench: Bench) -> None:
    bench.facts = bench.facts.model_copy(update={"orchestrator_url": f"{A},{B}"})
    bench.dead = {A}
    await bench.start()
    assert bench.tried == [A, B]


async def test_a_job_runs_on_while_the_worker_follows_the_lead(bench: Bench) -> None:
    bench.facts = bench.facts.model_copy(update={"orchestrator_url": f"{A},{B},{C}"})
    await bench.start()
    job = spec_of(["sh", "-c", "echo up; while [ ! -e go ]; do sleep 0.05; done; echo done"])
    told = await bench.orchestrator.assign(assignment(job))
    await running(bench, told, b"up\n")
    bench.dead, bench.standbys = {A}, {B}
    await bench.orchestrator.disconnect()
    await bench.orchestrator.until(lambda: bench.orchestrator.connections == 2)
    (files_of(bench, told).work / "go").touch()
    await bench.orchestrator.until(lambda: told.ended is not None)
    assert bench.tried == [A, B, C]
    assert told.ended is not None
    assert (told.ended.reason, bytes(told.log)) == ("completed", b"up\ndone\n")
