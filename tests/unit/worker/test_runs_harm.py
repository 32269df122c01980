"""Jobs that would disable their node: each ends, is told, and leaves GPUs and connection."""

import asyncio
import contextlib
import errno
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iog_client.protocol import MAX_FRAME, Cancel, Ended, EndedAck, InputFile, OutputFile
from iog_worker import processes, runs, station
from iog_worker.fake_orchestrator import Told
from iog_worker.keeper import Keeper
from iog_worker.runfiles import RunFiles
from iog_worker.testing import MemoryBlobs, assignment, spec_of

from .worker_runs import files_of, gone, paid, running

if TYPE_CHECKING:
    from .conftest import Bench


def python(script: str) -> list[str]:
    return ["/usr/bin/python3", "-c", script]


async def ended(bench: "Bench", command: list[str], outputs: list[str]) -> tuple[Ended, str]:
    """How a run of this command ends, and its log; the node then has its GPUs and connection."""
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(command, outputs=outputs)))
    await paid(bench, told)
    await gone(bench, told)
    after = await bench.orchestrator.assign(assignment(spec_of(["true"], gpus=2)))
    await paid(bench, after)
    assert bench.orchestrator.connections == 1
    assert told.ended is not None
    return told.ended, told.log.decode()


async def test_metrics_that_no_frame_carries_are_left_out(bench: "Bench") -> None:
    text = r'{"a": "\ud800"}'
    end, log = await ended(bench, python(f"open('metrics.json', 'w').write({text!r})"), [])
    assert (end.reason, end.metrics) == ("completed", {})
    assert log == "[node] metrics.json: 'a' is not a number or a short text; it is left out\n"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("os.mkdir('o'); open(b'o/\\xff', 'w')", "[node] the job left 'o/\\udcff', a name"),
        ("p = 'o' + ('/' + 'd' * 200) * 3; os.makedirs(p); open(p + '/f', 'w')", "[node] the job"),
    ],
)
async def test_an_output_that_cannot_be_named_is_a_missing_one(
    bench: "Bench", script: str, why: str
) -> None:
    end, log = await ended(bench, python(f"import os; {script}"), ["o"])
    assert (end.reason, end.outputs) == ("output_missing", [])
    assert log.startswith(why)


async def test_outputs_that_no_frame_can_list_are_missing_ones(bench: "Bench") -> None:
    script = (
        "import os; p = 'o/' + '\u96ea' * 80 + '/' + '\u96ea' * 80 + '/' + '\u96ea' * 80; "
        "os.makedirs(p); [open(f'{p}/{\"\u96ea\" * 80}{n}', 'w') for n in range(1000)]"
    )
    end, log = await ended(bench, python(script), ["o"])
    assert (end.reason, end.outputs) == ("output_missing", [])
    assert f"at most {MAX_FRAME} are sent" in log


async def test_a_log_made_large_without_writing_does_not_hold_up_the_end(bench: "Bench") -> None:
    end, log = await ended(bench, python("import os; os.ftruncate(1, 1 << 40)"), [])
    assert end.reason == "command_failed"
    assert "Invalid argument" in log


async def test_an_output_that_vanishes_before_its_upload_is_a_missing_one(bench: "Bench") -> None:
    async def vanished(file: OutputFile, source: Path) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file", str(source))

    bench.orchestrator.blobs.upload = vanished  # type: ignore[method-assign]
    end, log = await ended(bench, ["sh", "-c", "echo 1 > a"], ["a"])
    assert end.reason == "output_missing"
    assert log.startswith("[node] [Errno 2] No such file")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once."""
    monkeypatch.setattr(station, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(station, "LONGEST_PAUSE", 0.001)


async def test_a_run_that_keeps_failing_at_its_end_ends_as_the_nodes_failure(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    monkeypatch.setattr(runs.outputs, "collect", broken)
    end, _ = await ended(bench, ["sh", "-c", "echo 1 > a"], ["a"])
    assert (end.reason, end.outputs) == ("node_failed", [])


async def test_a_run_that_keeps_failing_at_its_launch_ends_as_the_nodes_failure(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    await bench.start()
    with monkeypatch.context() as patch:
        patch.setattr(Keeper, "spawn", broken)
        told = await bench.orchestrator.assign(assignment(spec_of(["true"], gpus=2)))
        await paid(bench, told)
    assert told.ended is not None
    assert (told.ended.reason, told.ended.seconds) == ("node_failed", 0)
    await paid(bench, await bench.orchestrator.assign(assignment(spec_of(["true"], gpus=2))))


async def test_a_run_that_cannot_be_prepared_is_given_back(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    await bench.start()
    with monkeypatch.context() as patch:
        patch.setattr(RunFiles, "make", broken)
        told = await bench.orchestrator.assign(assignment(spec_of(["true"], gpus=2)))
        await bench.orchestrator.until(lambda: told.refused is not None)
    assert told.refused is not None
    assert told.refused.reason == "node_failed"
    await paid(bench, await bench.orchestrator.assign(assignment(spec_of(["true"], gpus=2))))


def broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("a defect")


class StuckBlobs(MemoryBlobs):
    """A store that takes an upload and never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def upload(self, file: OutputFile, source: Path) -> None:
        self.asked.set()
        await asyncio.Event().wait()


async def uploading(bench: "Bench") -> Told:
    """A run with all GPUs whose job is over and whose outputs do not get away."""
    bench.orchestrator.blobs = blobs = StuckBlobs()
    await bench.start()
    spec = spec_of(["sh", "-c", "echo 1 > a"], outputs=["a"], gpus=2)
    told = await bench.orchestrator.assign(assignment(spec))
    await blobs.asked.wait()
    return told


async def test_a_job_that_is_over_holds_no_gpus_whatever_its_outputs_do(bench: "Bench") -> None:
    told = await uploading(bench)
    await bench.orchestrator.send(Cancel(job=told.assign.job, run=1))
    await paid(bench, await bench.orchestrator.assign(assignment(spec_of(["true"], gpus=2))))


async def test_a_run_that_ended_on_chain_is_let_go_in_the_middle_of_its_uploads(
    bench: "Bench",
) -> None:
    told = await uploading(bench)
    await bench.orchestrator.send(EndedAck(job=told.assign.job, run=1))
    await gone(bench, told)
    await paid(bench, await bench.orchestrator.assign(assignment(spec_of(["true"], gpus=2))))


async def test_a_job_whose_run_ended_on_chain_is_ended(bench: "Bench") -> None:
    await bench.start()
    script = ["sh", "-c", "echo up; sleep 323"]
    told = await bench.orchestrator.assign(assignment(spec_of(script, gpus=2)))
    await running(bench, told, b"up\n")
    token = (files_of(bench, told).path / "launch.json").read_text().split('"token": "')[1][:32]
    await bench.orchestrator.send(EndedAck(job=told.assign.job, run=1))
    await gone(bench, told)
    assert processes.marked(token) == []
    assert told.ended is None
    await paid(bench, await bench.orchestrator.assign(assignment(spec_of(["true"], gpus=2))))


async def test_a_frame_that_fails_for_one_run_does_not_end_the_connection(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.start()
    monkeypatch.setattr(runs.Run, "log_acked", broken)
    told = await bench.orchestrator.assign(assignment(spec_of(["echo", "up"])))
    await running(bench, told, b"up\n")
    beats = bench.orchestrator.beats
    await bench.orchestrator.until(lambda: bench.orchestrator.beats > beats + 1)
    assert bench.orchestrator.connections == 1
    with contextlib.suppress(TimeoutError):
        await bench.stop()


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("x" * 300,)])
async def test_inputs_that_cannot_lie_side_by_side_are_refused_at_once(
    bench: "Bench", names: tuple[str, ...]
) -> None:
    fetched: list[InputFile] = []

    async def fetch(file: InputFile, target: Path) -> None:
        fetched.append(file)

    await bench.start()
    inputs = [bench.orchestrator.blobs.put(name, b"x") for name in names]
    bench.orchestrator.blobs.fetch = fetch  # type: ignore[method-assign]
    told = await bench.orchestrator.assign(assignment(spec_of(["true"], inputs=inputs)))
    await bench.orchestrator.until(lambda: told.refused is not None)
    assert told.refused is not None
    assert told.refused.reason == "input_invalid"
    assert fetched == []
