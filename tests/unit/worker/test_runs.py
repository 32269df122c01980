"""A run's life on a node, against the other end of the protocol, with real jobs and supervisors."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from solders.keypair import Keypair

from iog_client.errors import NotAllowed, Unreachable
from iog_client.protocol import (
    Assign,
    Cancel,
    GangPlace,
    InputFile,
    OutputFile,
    SignRequest,
    Started,
    result_hash,
)
from iog_worker.confinement import Confinement, Interpreter
from iog_worker.fake_orchestrator import Told
from iog_worker.runfiles import Held
from iog_worker.testing import assignment, spec_of

from .worker_runs import files_of, gone, paid, running

if TYPE_CHECKING:
    from .conftest import Bench


async def test_a_run_goes_from_assignment_to_pay(bench: "Bench") -> None:
    await bench.start()
    data = bench.orchestrator.blobs.put("data/in.txt", b"six times seven")
    spec = spec_of(
        ["sh", "-c", "cat data/in.txt; echo 42 > out.txt; echo '{\"n\": 1}' > metrics.json"],
        inputs=[data],
        outputs=["out.txt"],
    )
    told = await bench.orchestrator.assign(assignment(spec))
    await paid(bench, told)
    assert told.states == ["ready", "running"]
    assert bytes(told.log) == b"six times seven"
    assert told.ended is not None
    assert (told.ended.reason, told.ended.exit_code) == ("completed", 0)
    assert told.ended.metrics == {"n": 1}
    (output,) = told.ended.outputs
    assert bench.orchestrator.blobs.content[output.sha256] == b"42\n"
    assert told.ended.result_hash == result_hash("completed", 0, [output])
    await gone(bench, told)


async def test_seconds_are_proven_by_statements_and_posted_with_the_end(bench: "Bench") -> None:
    # the bench's clock stands still, so any real interval would never be over
    bench.orchestrator.statement_seconds = 1e-300
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["sleep", "2.2"])))
    await paid(bench, told)
    assert told.ended is not None
    assert told.paid == told.ended.seconds
    # a job of 2.2 s, on a machine that may be slow
    assert 2 <= told.paid <= 10
    seconds = [one.seconds for one in told.statements]
    assert seconds == sorted(seconds)
    assert len(seconds) > 1


async def test_a_job_below_a_second_makes_no_statement(bench: "Bench") -> None:
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["true"])))
    await paid(bench, told)
    assert (told.paid, told.statements) == (0, [])


async def test_a_missing_output_is_the_reason_of_the_end(bench: "Bench") -> None:
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["true"], outputs=["model.bin"])))
    await paid(bench, told)
    assert told.ended is not None
    assert (told.ended.reason, told.ended.outputs) == ("output_missing", [])
    assert bytes(told.log) == b"[node] the job left no model.bin\n"


async def test_a_failed_command_still_gives_the_outputs_it_left(bench: "Bench") -> None:
    await bench.start()
    spec = spec_of(["sh", "-c", "echo part > a; exit 9"], outputs=["a", "b"])
    told = await bench.orchestrator.assign(assignment(spec))
    await paid(bench, told)
    assert told.ended is not None
    assert (told.ended.reason, told.ended.exit_code) == ("command_failed", 9)
    assert [one.path for one in told.ended.outputs] == ["a"]


async def test_an_upload_that_is_not_allowed_is_no_fault_of_the_client(bench: "Bench") -> None:
    async def refuse(file: OutputFile, source: Path) -> None:
        raise NotAllowed("the request is 90 s off the server's clock")

    bench.orchestrator.blobs.upload = refuse  # type: ignore[method-assign]
    await bench.start()
    spec = spec_of(["sh", "-c", "echo 1 > a"], outputs=["a"])
    told = await bench.orchestrator.assign(assignment(spec))
    await paid(bench, told)
    assert told.ended is not None
    assert (told.ended.reason, told.ended.outputs) == ("node_failed", [])


async def test_uploads_wait_for_an_orchestrator_that_is_away(bench: "Bench") -> None:
    tries = []
    real = bench.orchestrator.blobs.upload

    async def away_at_first(file: OutputFile, source: Path) -> None:
        tries.append(file.path)
        if len(tries) == 1:
            raise Unreachable("http://orchestrator.invalid", "it is away")
        await real(file, source)

    bench.orchestrator.blobs.upload = away_at_first  # type: ignore[method-assign]
    await bench.start()
    spec = spec_of(["sh", "-c", "echo 1 > a"], outputs=["a"])
    told = await bench.orchestrator.assign(assignment(spec))
    await paid(bench, told)
    assert told.ended is not None
    assert (told.ended.reason, tries) == ("completed", ["a", "a"])


async def test_wrong_metrics_are_left_out_and_said_in_the_log(bench: "Bench") -> None:
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", "> metrics.json"])))
    await paid(bench, told)
    assert told.ended is not None
    assert (told.ended.reason, told.ended.metrics) == ("completed", {})
    assert bytes(told.log) == b"[node] metrics.json is not JSON; it is left out\n"


async def test_a_job_sees_its_facts_and_none_of_the_nodes_environment(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOG_TEST_SECRET", "do not tell")
    await bench.start()
    env = {"MODE": "fast", "IOG_GPUS": "64", "CUDA_VISIBLE_DEVICES": "all"}
    spec = spec_of(["env"], env=env, gpus=2, seconds=33)
    told = await bench.orchestrator.assign(assignment(spec))
    await paid(bench, told)
    seen = dict(line.split("=", 1) for line in told.log.decode().splitlines())
    device = str(bench.device.pubkey())[:8]
    assert seen.pop("IOG_RUN_TOKEN")
    assert seen.pop("PATH").startswith(str(files_of(bench, told).path / "bin"))
    assert seen.pop("HOME").endswith("/home")
    assert seen.pop("TMPDIR").endswith("/tmp")
    seen.pop("PWD", None)
    assert seen == {
        "MODE": "fast",
        "LANG": "C.UTF-8",
        "IOG_JOB": told.assign.job,
        "IOG_RUN": "1",
        "IOG_GPUS": "2",
        "IOG_GPU_UUIDS": f"SIM-{device}-0,SIM-{device}-1",
        "IOG_MAX_SECONDS": "33",
        "IOG_SIMULATED": "1",
        "IOG_RANK": "0",
        "IOG_NODES": "1",
        "IOG_GANG": "",
        "IOG_PEERS": "",
        "CUDA_VISIBLE_DEVICES": "",
    }


async def test_a_member_of_a_gang_sees_its_rank_and_its_peers(bench: "Bench") -> None:
    await bench.start()
    gang = GangPlace(address=str(Keypair().pubkey()), rank=1, nodes=2)
    peers = [str(Keypair().pubkey()), str(bench.device.pubkey())]
    command = ["sh", "-c", "echo $IOG_RANK $IOG_NODES $IOG_GANG $IOG_PEERS"]
    frame = assignment(spec_of(command)).model_copy(update={"gang": gang})
    bench.orchestrator.peers = peers
    told = await bench.orchestrator.assign(frame)
    await paid(bench, told)
    assert told.log.decode() == f"1 2 {gang.address} {','.join(peers)}\n"


async def test_python_is_the_nodes_interpreter(bench: "Bench") -> None:
    await bench.start()
    script = "import sys; print(sys.executable)"
    told = await bench.orchestrator.assign(assignment(spec_of(["python", "-c", script])))
    await paid(bench, told)
    assert told.log.decode().startswith("/usr/bin/python3")


async def test_a_cancelled_job_ends_within_two_seconds(bench: "Bench") -> None:
    await bench.start()
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", "echo up; sleep 60"])))
    await running(bench, told, b"up\n")
    async with asyncio.timeout(2):
        await bench.orchestrator.send(Cancel(job=told.assign.job, run=1))
        await bench.orchestrator.until(lambda: told.ended is not None)
    assert told.ended is not None
    assert told.ended.reason == "cancelled"
    await gone(bench, told)


async def test_several_runs_share_the_gpus_and_none_gets_anothers(bench: "Bench") -> None:
    await bench.start()
    script = spec_of(["sh", "-c", "echo $IOG_GPU_UUIDS; sleep 60"])
    first = await bench.orchestrator.assign(assignment(script))
    second = await bench.orchestrator.assign(assignment(script))
    await running(bench, first, b"SIM")
    await running(bench, second, b"SIM")
    assert bytes(first.log) != bytes(second.log)
    third = await bench.orchestrator.assign(assignment(script))
    await bench.orchestrator.until(lambda: third.refused is not None)
    assert third.refused is not None
    assert third.refused.detail == "0 of 2 GPUs are free, not 1"
    await bench.orchestrator.send(Cancel(job=first.assign.job, run=1))
    await bench.orchestrator.until(lambda: first.ended is not None)
    fourth = await bench.orchestrator.assign(assignment(spec_of(["true"])))
    await paid(bench, fourth)


async def test_a_node_without_isolation_refuses_jobs(bench: "Bench") -> None:
    await bench.start(allow_unconfined=False)
    told = await bench.orchestrator.assign(assignment(spec_of(["true"])))
    await bench.orchestrator.until(lambda: told.refused is not None)
    assert told.refused is not None
    assert told.refused.reason == "node_failed"
    assert "no isolation" in told.refused.detail
    assert list(bench.folder.runs.iterdir()) == []


def of_another_hash(assign: Assign) -> Assign:
    return assign.model_copy(update={"spec_hash": "0" * 64})


def of_other_inputs(assign: Assign) -> Assign:
    extra = InputFile(path="x", sha256="0" * 64, size=1)
    return assign.model_copy(update={"inputs": [extra]})


def of_no_spec(assign: Assign) -> Assign:
    return assign.model_copy(update={"spec": "{}"})


@pytest.mark.parametrize("change", [of_another_hash, of_other_inputs, of_no_spec])
async def test_a_spec_that_is_not_what_its_hash_says_is_refused(
    bench: "Bench", change: type[Assign]
) -> None:
    await bench.start()
    told = await bench.orchestrator.assign(change(assignment(spec_of(["true"]))))  # type: ignore[arg-type]
    await bench.orchestrator.until(lambda: told.refused is not None)
    assert told.refused is not None
    assert told.refused.reason == "input_invalid"
    await gone(bench, told)


async def test_an_input_that_is_not_there_is_refused_before_the_start(bench: "Bench") -> None:
    await bench.start()
    lost = InputFile(path="data.bin", sha256="0" * 64, size=1)
    told = await bench.orchestrator.assign(assignment(spec_of(["true"], inputs=[lost])))
    await bench.orchestrator.until(lambda: told.refused is not None)
    assert told.refused is not None
    assert told.refused.reason == "input_invalid"
    assert told.states == []


async def test_a_message_for_another_job_is_not_signed(bench: "Bench") -> None:
    await bench.start()
    other = Told(assignment(spec_of(["true"])))
    real = bench.orchestrator.start_message
    bench.orchestrator.start_message = lambda told: real(other)  # type: ignore[method-assign]
    told = await bench.orchestrator.assign(assignment(spec_of(["true"])))
    await bench.orchestrator.until(lambda: "ready" in told.states)
    beats = bench.orchestrator.beats
    await bench.orchestrator.until(lambda: bench.orchestrator.beats > beats + 1)
    assert told.states == ["ready"]


async def test_an_end_without_the_last_statement_is_not_signed_until_it_is_posted(
    bench: "Bench",
) -> None:
    await bench.start()
    dropped: list[int] = []
    real = bench.orchestrator._statement

    def lose_the_first(frame: object) -> None:
        dropped.append(1)
        if len(dropped) > 1:
            real(frame)  # type: ignore[arg-type]

    bench.orchestrator.statement_seconds = 100
    bench.orchestrator._statement = lose_the_first  # type: ignore[method-assign]
    told = await bench.orchestrator.assign(assignment(spec_of(["sleep", "1.1"])))
    await bench.orchestrator.until(lambda: len(told.statements) == 1)
    assert told.paid is None
    await bench.orchestrator._ask(told, "finish")
    await paid(bench, told)
    assert told.ended is not None
    assert told.paid == told.ended.seconds


async def test_a_run_that_is_to_be_paid_is_never_given_up(bench: "Bench") -> None:
    await bench.start()
    asked = bench.orchestrator._ask

    async def release_first(told: Told, what: str) -> None:
        await asked(told, "release" if what == "finish" else what)

    bench.orchestrator._ask = release_first  # type: ignore[method-assign]
    told = await bench.orchestrator.assign(assignment(spec_of(["true"])))
    await bench.orchestrator.until(lambda: told.ended is not None)
    await asked(told, "finish")
    await paid(bench, told)
    assert not told.released


async def test_a_frame_for_a_run_that_is_not_here_is_answered(bench: "Bench") -> None:
    await bench.start()
    told = bench.orchestrator.runs["x", 1] = Told(assignment(spec_of(["true"])))
    job = told.assign.job
    bench.orchestrator.runs[job, 1] = told
    await bench.orchestrator.send(Started(job=job, run=1))
    await bench.orchestrator.until(lambda: told.refused is not None)
    told.refused = None
    await bench.orchestrator.send(SignRequest(job=job, run=1, what="start", message=""))
    await bench.orchestrator.until(lambda: told.refused is not None)
    await bench.orchestrator.send(Cancel(job=job, run=1))
    await bench.orchestrator.until(lambda: told.states == ["ended"])


async def test_a_confined_nodes_jobs_run_through_its_sandbox(bench: "Bench") -> None:
    bench.confinement = Confinement("bubblewrap", "/bin/echo", Interpreter("/usr/bin/python3"))
    await bench.start(allow_unconfined=False)
    told = await bench.orchestrator.assign(assignment(spec_of(["id"])))
    await paid(bench, told)
    line = told.log.decode()
    assert line.endswith(" -- id\n")
    assert "--clearenv" in line
    assert str(bench.folder.device) not in line


async def test_runs_are_bound_to_processors_of_their_own_as_far_as_there_are(
    bench: "Bench",
) -> None:
    all_here = sorted(os.sched_getaffinity(0))
    bench.hardware = bench.hardware.model_copy(update={"cpus": 2})
    await bench.start()
    told = [await bench.orchestrator.assign(assignment(spec_of(["sleep", "30"]))) for _ in range(2)]
    for one in told:
        await running(bench, one)
    bound = [Held.load(files_of(bench, one).held, "an assignment").processors for one in told]
    assert bound == [tuple(all_here[:1]), tuple(all_here[1:2] or all_here[:1])]
