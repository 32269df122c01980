"""Runs that outlive a connection, a worker or a supervisor, and output that is sent again."""

import json
import os
import signal
from typing import TYPE_CHECKING

from iog_client.protocol import (
    Log,
    LogAck,
)
from iog_client.reasons import EndReason
from iog_worker import processes, supervisor
from iog_worker.fake_orchestrator import Told
from iog_worker.testing import assignment, spec_of

from .worker_runs import files_of, paid, running, supervisor_of

if TYPE_CHECKING:
    from .conftest import Bench


async def test_output_goes_on_from_where_it_was_acknowledged(bench: "Bench") -> None:
    await bench.start()
    script = "echo one; while [ ! -e go ]; do sleep 0.05; done; echo two"
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", script])))
    await running(bench, told, b"one\n")
    offsets: list[int] = []
    real = bench.orchestrator._of_run

    async def watch(frame: object, of: Told) -> None:
        if isinstance(frame, Log):
            offsets.append(frame.offset)
        await real(frame, of)  # type: ignore[arg-type]

    bench.orchestrator._of_run = watch  # type: ignore[method-assign]
    before = bench.orchestrator.connections
    await bench.orchestrator.disconnect()
    await bench.orchestrator.until(lambda: bench.orchestrator.connections > before)
    (files_of(bench, told).work / "go").touch()
    await paid(bench, told)
    assert bytes(told.log) == b"one\ntwo\n"
    assert offsets == [4]


async def test_an_orchestrator_that_lost_output_gets_it_again(bench: "Bench") -> None:
    await bench.start()
    script = "echo one; while [ ! -e go ]; do sleep 0.05; done"
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", script])))
    await running(bench, told, b"one\n")
    told.log.clear()
    await bench.orchestrator.send(LogAck(job=told.assign.job, run=1, offset=0))
    await bench.orchestrator.until(lambda: bytes(told.log) == b"one\n")


async def test_an_acknowledgement_of_more_than_there_is_changes_nothing(bench: "Bench") -> None:
    await bench.start()
    script = "echo one; while [ ! -e go ]; do sleep 0.05; done; echo two"
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", script])))
    await running(bench, told, b"one\n")
    await bench.orchestrator.send(LogAck(job=told.assign.job, run=1, offset=10_000))
    (files_of(bench, told).work / "go").touch()
    await paid(bench, told)
    assert bytes(told.log) == b"one\ntwo\n"


async def test_much_output_arrives_whole(bench: "Bench") -> None:
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["seq", "300000"])))
    await paid(bench, told)
    assert bytes(told.log) == b"".join(b"%d\n" % number for number in range(1, 300_001))


async def test_a_killed_supervisor_is_the_nodes_failure_and_leaves_nothing(
    bench: "Bench",
) -> None:
    await bench.start()
    script = "(env > /dev/null; sleep 321) & echo up; wait"
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", script])))
    await running(bench, told, b"up\n")
    launch = json.loads((files_of(bench, told).path / supervisor.LAUNCH).read_text())
    os.kill(supervisor_of(bench, told), signal.SIGKILL)
    await bench.orchestrator.until(lambda: told.paid is not None)
    assert told.ended is not None
    assert (told.ended.reason, told.ended.exit_code) == ("node_failed", None)
    assert not EndReason.NODE_FAILED.pays
    assert processes.marked(launch["token"]) == []


async def test_a_worker_that_comes_back_goes_on_with_its_run(bench: "Bench") -> None:
    await bench.start()
    script = "echo one; while [ ! -e go ]; do sleep 0.05; done; echo two; echo done > out"
    spec = spec_of(["sh", "-c", script], outputs=["out"])
    told = await bench.orchestrator.assign(assignment(spec))
    await running(bench, told, b"one\n")
    keeper = supervisor_of(bench, told)
    await bench.kill()
    (files_of(bench, told).work / "go").touch()
    await bench.start()
    assert bench.orchestrator.hello is not None
    assert [one.state for one in bench.orchestrator.hello.runs] == ["running"]
    await paid(bench, told)
    assert supervisor_of_is(keeper)
    assert bytes(told.log) == b"one\ntwo\n"
    assert told.ended is not None
    assert (told.ended.reason, len(told.ended.outputs)) == ("completed", 1)


def supervisor_of_is(pid: int) -> bool:
    """Whether the first supervisor ended by itself, and no second one was needed."""
    return processes.started(pid) is None


async def test_an_end_that_was_not_acknowledged_is_told_again(bench: "Bench") -> None:
    bench.orchestrator.finish_message = lambda told: b""  # type: ignore[method-assign]
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["true"])))
    await bench.orchestrator.until(lambda: told.ended is not None)
    first, told.ended = told.ended, None
    await bench.kill()
    del bench.orchestrator.finish_message  # type: ignore[method-assign]
    await bench.start()
    await paid(bench, told)
    assert told.ended == first


async def test_a_run_that_was_only_prepared_is_prepared_again(bench: "Bench") -> None:
    bench.orchestrator.start_message = lambda told: b""  # type: ignore[method-assign]
    await bench.start()
    data = bench.orchestrator.blobs.put("in", b"x")
    told = await bench.orchestrator.assign(assignment(spec_of(["cat", "in"], inputs=[data])))
    await bench.orchestrator.until(lambda: told.states == ["ready"])
    await bench.kill()
    del bench.orchestrator.start_message  # type: ignore[method-assign]
    await bench.start()
    await paid(bench, told)
    assert bytes(told.log) == b"x"


async def test_rubbish_among_the_runs_is_cleared_away(bench: "Bench") -> None:
    (bench.folder.runs / "rubbish").mkdir(parents=True)
    await bench.start()
    assert list(bench.folder.runs.iterdir()) == []


async def test_an_assignment_that_comes_twice_is_one_run(bench: "Bench") -> None:
    await bench.start()
    told = await bench.orchestrator.assign(
        assignment(spec_of(["sh", "-c", "echo once; sleep 0.3"]))
    )
    await bench.orchestrator.send(told.assign)
    await paid(bench, told)
    assert bytes(told.log) == b"once\n"
