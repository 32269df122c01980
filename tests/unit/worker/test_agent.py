"""The daemon: hours, heartbeats, one worker a folder, an orderly end."""

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from solders.keypair import Keypair
from solders.signature import Signature

from iog_client import addresses
from iog_client.errors import Refused
from iog_client.protocol import Cancel, Ping, Refuse, Stop
from iog_client.statements import Statement
from iog_worker import processes, supervisor
from iog_worker.fake_orchestrator import GENESIS
from iog_worker.link import DeviceInUse
from iog_worker.testing import assignment, spec_of

if TYPE_CHECKING:
    from .conftest import Bench

START = 5_000


async def beats(bench: "Bench", count: int = 2) -> None:
    """Wait for so many more heartbeats: what came before them has been seen."""
    before = bench.orchestrator.beats
    await bench.orchestrator.until(lambda: bench.orchestrator.beats >= before + count)


def watch_chain(bench: "Bench") -> None:
    bench.orchestrator.start = START
    bench.orchestrator.chain_time = lambda: START + bench.clock.now - 1000.0


async def test_an_idle_node_states_its_hours(bench: "Bench") -> None:
    watch_chain(bench)
    bench.orchestrator.statement_seconds = 0.05
    await bench.start()
    bench.clock.now += 100
    await bench.orchestrator.until(lambda: bool(bench.orchestrator.hours))
    said = bench.orchestrator.hours[-1]
    assert (said.kind, said.subject, said.run, said.seconds) == ("hour", "1", 0, 100)
    statement = Statement.for_hour(
        GENESIS, addresses.JOBS, bench.device.pubkey(), 1, said.counter, 100
    )
    assert statement.verify(Signature.from_string(said.signature))


async def test_the_hour_that_ended_is_stated_to_its_end(bench: "Bench") -> None:
    watch_chain(bench)
    bench.orchestrator.statement_seconds = 0.05
    await bench.start()
    bench.clock.now += 3600 + 30
    await bench.orchestrator.until(lambda: len(bench.orchestrator.hours) >= 2)
    assert [(one.subject, one.seconds) for one in bench.orchestrator.hours] == [
        ("1", 3600),
        ("2", 30),
    ]


async def test_a_jump_of_the_chains_clock_proves_nothing(bench: "Bench") -> None:
    watch_chain(bench)
    bench.orchestrator.statement_seconds = 0.05
    await bench.start()
    bench.clock.now += 10
    await beats(bench)
    jumped = START + 3600 * 7 + 10
    bench.orchestrator.chain_time = lambda: jumped + bench.clock.now - 1010.0
    await beats(bench)
    bench.clock.now += 5
    await bench.orchestrator.until(
        lambda: any(one.subject == "8" for one in bench.orchestrator.hours)
    )
    assert {one.subject for one in bench.orchestrator.hours} == {"1", "8"}
    assert max(one.seconds for one in bench.orchestrator.hours if one.subject == "1") == 10
    assert max(one.seconds for one in bench.orchestrator.hours if one.subject == "8") == 5


async def test_hours_lived_without_a_connection_are_stated_later(bench: "Bench") -> None:
    watch_chain(bench)
    bench.orchestrator.statement_seconds = 50
    await bench.start()
    bench.clock.now += 1800
    await bench.orchestrator.disconnect()
    bench.clock.now += 3600
    await bench.orchestrator.until(lambda: len(bench.orchestrator.hours) == 2)
    assert [(one.subject, one.seconds) for one in bench.orchestrator.hours] == [
        ("1", 3600),
        ("2", 1800),
    ]


async def test_counters_go_on_above_what_the_orchestrator_knows(bench: "Bench") -> None:
    watch_chain(bench)
    bench.orchestrator.statement_seconds = 0.05
    bench.orchestrator.counter = 70_000
    await bench.start()
    bench.clock.now += 1
    await bench.orchestrator.until(lambda: bool(bench.orchestrator.hours))
    assert bench.orchestrator.hours[0].counter == 70_001


async def test_heartbeats_are_authentic_and_name_the_runs(bench: "Bench") -> None:
    await bench.start()
    await beats(bench, 3)
    assert bench.orchestrator.hello is not None
    assert bench.orchestrator.hello.simulated
    assert bench.orchestrator.hello.confinement == "none"
    assert bench.orchestrator.connections == 1


async def test_a_node_that_is_asked_whether_it_is_there_answers(bench: "Bench") -> None:
    await bench.start()
    await bench.orchestrator.send(Ping(nonce="5" * 32))
    await bench.orchestrator.until(lambda: bench.orchestrator.pongs == ["5" * 32])
    assert bench.orchestrator.connections == 1


async def test_heartbeats_are_spread_at_random(bench: "Bench") -> None:
    asked: list[tuple[float, float]] = []

    def spread(low: float, high: float) -> float:
        asked.append((low, high))
        return 0.01

    bench.spread = spread
    bench.orchestrator.heartbeat_seconds = 20.0
    await bench.start()
    await beats(bench, 3)
    assert set(asked) == {(0.9, 1.1)}


async def test_a_lost_connection_is_made_again(bench: "Bench") -> None:
    await bench.start()
    for _ in range(2):
        before = bench.orchestrator.connections
        await bench.orchestrator.disconnect()
        await bench.orchestrator.until(lambda n=before: bench.orchestrator.connections > n)
    await beats(bench)


async def test_a_silent_orchestrator_is_left(bench: "Bench") -> None:
    await bench.start()
    real = bench.orchestrator.send

    async def say_nothing(frame: object) -> None:
        return

    bench.orchestrator.send = say_nothing  # type: ignore[assignment,method-assign]
    await beats(bench)
    bench.clock.now += 60
    await bench.orchestrator.until(lambda: bench.orchestrator.connections == 2)
    bench.orchestrator.send = real  # type: ignore[method-assign]


async def test_an_orchestrator_of_another_network_is_not_served(bench: "Bench") -> None:
    bench.facts = bench.facts.model_copy(update={"genesis_hash": str(Keypair().pubkey())})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(beats_of_a_start(bench), 1)
    assert bench.orchestrator.beats == 0


async def beats_of_a_start(bench: "Bench") -> None:
    await bench.start()
    await beats(bench, 1)


async def test_a_worker_whose_key_another_one_uses_ends_and_does_not_try_again(
    bench: "Bench",
) -> None:
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", "echo up; sleep 60"])))
    await bench.orchestrator.until(lambda: bytes(told.log) == b"up\n")
    before = bench.orchestrator.beats
    with pytest.raises(DeviceInUse, match="another worker with this device key is connected"):
        await bench.copy().run(asyncio.Event())
    assert bench.orchestrator.connections == 1
    await beats(bench)
    assert bench.orchestrator.beats > before
    assert told.ended is None


async def test_a_worker_that_lost_its_place_to_another_ends(bench: "Bench") -> None:
    await bench.start()
    taken = Refuse(code="device_in_use", reason="another worker is connected")
    await bench.orchestrator.send(taken)
    with pytest.raises(DeviceInUse):
        await bench.workers[-1][0]


async def test_a_worker_made_for_other_programs_ends_at_its_start(bench: "Bench") -> None:
    ours = bench.orchestrator.idl_hashes["iog_jobs"]
    bench.orchestrator.idl_hashes["iog_jobs"] = "0" * 64
    with pytest.raises(Refused, match=f"{'0' * 64} of iog_jobs, and this iog was made for {ours}"):
        await bench.agent().run(asyncio.Event())
    assert bench.orchestrator.beats == 0


async def test_a_running_worker_waits_for_an_orchestrator_of_its_programs(bench: "Bench") -> None:
    await bench.start()
    ours = bench.orchestrator.idl_hashes
    bench.orchestrator.idl_hashes = {}
    await bench.orchestrator.disconnect()
    await bench.orchestrator.until(lambda: bench.orchestrator.connections == 2)
    bench.orchestrator.idl_hashes = ours
    await bench.orchestrator.until(lambda: bench.orchestrator.connections > 2)
    await beats(bench)


async def test_a_stop_ends_jobs_as_stopped_by_the_node_and_states_the_hour(
    bench: "Bench",
) -> None:
    watch_chain(bench)
    bench.orchestrator.statement_seconds = 50
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", "echo up; sleep 60"])))
    await bench.orchestrator.until(lambda: bytes(told.log) == b"up\n")
    # less than what a silent orchestrator is left after: the connection is there to the end
    bench.clock.now += 4
    await bench.stop()
    assert told.ended is not None
    assert told.ended.reason == "node_stopped"
    assert told.paid is not None
    assert [(one.subject, one.seconds) for one in bench.orchestrator.hours] == [("1", 4)]
    assert list(bench.folder.runs.iterdir()) == []


async def test_a_run_that_is_told_to_stop_ends_as_stopped_and_the_node_goes_on(
    bench: "Bench",
) -> None:
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", "echo up; sleep 60"])))
    await bench.orchestrator.until(lambda: bytes(told.log) == b"up\n")
    await bench.orchestrator.send(Stop(job=told.assign.job, run=told.assign.run))
    await bench.orchestrator.until(lambda: told.ended is not None)
    assert told.ended is not None
    assert told.ended.reason == "node_stopped"
    await bench.orchestrator.send(Stop(job=str(Keypair().pubkey()), run=1))
    await beats(bench)
    assert bench.orchestrator.connections == 1


async def test_a_stop_gives_back_what_has_not_started(bench: "Bench") -> None:
    bench.orchestrator.start_message = lambda told: b""  # type: ignore[method-assign]
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["true"])))
    await bench.orchestrator.until(lambda: told.states == ["ready"])
    await bench.stop()
    assert told.refused is not None
    assert told.refused.reason == "node_stopped"
    assert list(bench.folder.runs.iterdir()) == []


async def test_a_stop_without_a_connection_still_ends_the_jobs(bench: "Bench") -> None:
    await bench.start(stop_seconds=3.0)
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", "echo up; sleep 60"])))
    await bench.orchestrator.until(lambda: bytes(told.log) == b"up\n")
    (folder,) = bench.folder.runs.iterdir()
    token = json.loads((folder / supervisor.LAUNCH).read_text())["token"]
    bench.connect = None  # type: ignore[assignment,method-assign]
    await bench.orchestrator.disconnect()
    await bench.stop()
    assert processes.marked(token) == []


async def test_jobs_can_be_left_to_the_worker_that_comes_next(bench: "Bench") -> None:
    await bench.start(leave_running=True)
    script = "echo one; while [ ! -e go ]; do sleep 0.05; done; echo two"
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", script])))
    await bench.orchestrator.until(lambda: bytes(told.log) == b"one\n")
    await bench.stop()
    assert told.ended is None
    (folder,) = bench.folder.runs.iterdir()
    (folder / "work" / "go").touch()
    await bench.start()
    await bench.orchestrator.until(lambda: told.paid is not None)
    assert bytes(told.log) == b"one\ntwo\n"


async def test_a_cancel_for_an_unknown_run_is_harmless(bench: "Bench") -> None:
    await bench.start()
    await bench.orchestrator.send(Cancel(job=str(Keypair().pubkey()), run=1))
    await beats(bench)
    assert bench.orchestrator.connections == 1
