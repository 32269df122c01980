"""The supervisor as the process it is: how jobs end, and that nothing of them stays."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from iog_worker import capture, holding, processes, supervisor

from .keeping import Keep


def test_a_job_that_ends_well_is_completed_and_its_output_is_joint(keep: Keep) -> None:
    keep.start("echo one; echo two >&2; cat; echo three")
    end = keep.end()
    assert (end["reason"], end["exit_code"]) == ("completed", 0)
    assert keep.log == "one\ntwo\nthree\n"


def test_a_failing_command_gives_its_exit_code(keep: Keep) -> None:
    keep.start("exit 3")
    end = keep.end()
    assert (end["reason"], end["exit_code"]) == ("command_failed", 3)


def test_a_command_that_does_not_exist_is_the_commands_failure(keep: Keep) -> None:
    keep.start("", argv=["no-such-program"])
    end = keep.end()
    assert (end["reason"], end["exit_code"]) == ("command_failed", 127)
    assert keep.log == "no-such-program: No such file or directory\n"


def test_a_job_killed_by_a_signal_has_failed(keep: Keep) -> None:
    keep.start("kill -SEGV $$")
    end = keep.end()
    assert (end["reason"], end["exit_code"]) == ("command_failed", -signal.SIGSEGV)


def test_a_job_is_ended_at_its_deadline_and_never_has_more_seconds(keep: Keep) -> None:
    keep.start("sleep 30", max_seconds=0.3)
    end = keep.end()
    assert (end["reason"], end["seconds"]) == ("timed_out", 0.3)


def test_a_job_may_put_its_affairs_in_order_at_the_deadline(keep: Keep) -> None:
    keep.start("trap 'echo saved; exit 0' TERM; sleep 30 & wait", max_seconds=0.3)
    end = keep.end()
    assert (end["reason"], keep.log) == ("timed_out", "saved\n")


def test_a_stop_ends_the_job_for_the_reason_it_names(keep: Keep) -> None:
    keep.start("echo up; sleep 30")
    keep.wait_for(lambda: keep.log == "up\n")
    keep.stop("cancelled", 5)
    assert keep.end()["reason"] == "cancelled"


def test_a_job_that_ignores_the_signal_is_ended_by_force(keep: Keep) -> None:
    keep.start("trap '' TERM; echo up; while :; do sleep 0.1; done")
    keep.wait_for(lambda: keep.log == "up\n")
    before = time.monotonic()
    keep.stop("cancelled", 0.3)
    assert keep.end()["reason"] == "cancelled"
    assert 0.3 <= time.monotonic() - before < 2
    assert keep.left() == []


def test_no_process_outlives_its_job(keep: Keep) -> None:
    keep.start("setsid sh -c 'trap \"\" TERM HUP; sleep 300' & (sleep 301 &) ; echo done")
    assert keep.end()["reason"] == "completed"
    assert keep.left() == []


def test_a_process_whose_environment_was_cleared_is_ended_too(keep: Keep) -> None:
    keep.start("env -i setsid /bin/sleep 299.5 & sleep 0.2")
    keep.end()
    commands = [(processes.PROC / str(pid) / "cmdline") for pid in processes.numbers()]
    assert not [one for one in commands if one.exists() and b"299.5" in one.read_bytes()]


def test_a_job_above_its_memory_is_ended(keep: Keep) -> None:
    hog = "import time; hog = bytearray(200 << 20); print('full', flush=True); time.sleep(30)"
    keep.start("", argv=[sys.executable, "-S", "-c", hog], memory=100 << 20)
    end = keep.end()
    assert end["reason"] == "out_of_memory"
    assert "above its limit of 104857600" in keep.log


@pytest.mark.parametrize(
    "script",
    [
        "dd if=/dev/zero of=work/one bs=1M count=50; sleep 30",
        "exec dd if=/dev/zero of=work/one bs=1M count=50",
        "for i in 1 2 3 4 5 6 7 8; do head -c 2000000 /dev/zero > tmp/$i; done; sleep 30",
        "for i in 1 2 3 4 5 6 7 8; do head -c 2000000 /dev/zero > home/$i; done",
    ],
)
def test_a_job_that_fills_the_disk_is_ended(keep: Keep, script: str) -> None:
    for name in supervisor.OWN:
        (keep.folder / name).mkdir()
    keep.start(script, disk=10 << 20)
    end = keep.end()
    assert end["reason"] == "command_failed"
    assert "bytes of disk, above its limit of 10485760\n" in keep.log
    assert 10 << 20 < int(str(end["disk_peak"])) < 20 << 20


def test_a_job_within_its_disk_space_is_not_ended(keep: Keep) -> None:
    (keep.folder / "work").mkdir()
    keep.start("head -c 9000000 /dev/zero > work/one; sleep 1.2", disk=10 << 20)
    assert keep.end()["reason"] == "completed"


def test_a_job_with_too_many_processes_is_ended_with_all_of_them(keep: Keep) -> None:
    keep.start("echo up; while :; do sleep 300 & done", processes=60)
    assert keep.end()["reason"] == "command_failed"
    assert "processes, above its limit of 60\n" in keep.log
    assert keep.left() == []


def test_a_job_that_orphans_processes_all_the_time_is_watched_all_the_same(keep: Keep) -> None:
    hog = "import time; hog = bytearray(200 << 20); time.sleep(30)"
    storm = f"{sys.executable} -S -c '{hog}' & while :; do (sleep 0.01 &); done"
    keep.start(storm, memory=100 << 20)
    assert keep.end()["reason"] == "out_of_memory"


def test_output_above_the_limit_is_dropped_but_for_its_end(keep: Keep) -> None:
    keep.start("seq 1000000; echo the last line")
    assert keep.end()["reason"] == "completed"
    notice = "\n[node] the output has reached its limit of 1048576 bytes; "
    head, _, rest = keep.log.partition(notice)
    assert head == "".join(f"{number}\n" for number in range(1, 200_000))[: 1 << 20]
    said, cut, tail = rest.split("\n", 2)
    assert said == "of what follows, the last 65536 bytes are kept"
    written = sum(len(f"{number}\n") for number in range(1, 1_000_001)) + len("the last line\n")
    assert cut == f"[node] {written - (1 << 20) - capture.TAIL} bytes were left out here"
    assert len(tail) == capture.TAIL
    assert tail.endswith("999999\n1000000\nthe last line\n")


def test_output_of_exactly_the_limit_is_whole(keep: Keep) -> None:
    keep.start("head -c 1048576 /dev/zero")
    keep.end()
    assert keep.log == "\0" * (1 << 20)


def test_a_job_cannot_make_its_log_larger_than_it_writes(keep: Keep) -> None:
    script = "import os; print('before', flush=True); os.ftruncate(1, 1 << 40)"
    keep.start("", argv=[sys.executable, "-S", "-c", script])
    assert keep.end()["reason"] == "command_failed"
    assert keep.log.startswith("before\n")
    assert "Invalid argument" in keep.log


def test_output_is_there_while_the_job_runs(keep: Keep) -> None:
    keep.start("echo up; sleep 30")
    keep.wait_for(lambda: keep.log == "up\n")


def test_output_of_processes_that_outlive_the_command_is_kept(keep: Keep) -> None:
    keep.start("(trap '' TERM; echo child; sleep 300) & sleep 0.3; echo parent")
    assert keep.end()["reason"] == "completed"
    assert keep.log == "child\nparent\n"


def test_a_command_with_a_zero_byte_is_the_commands_failure(keep: Keep) -> None:
    keep.start("", argv=["echo", "a\0b"])
    end = keep.end()
    assert (end["reason"], end["exit_code"]) == ("command_failed", 127)
    assert keep.log == "echo: embedded null byte\n"


def test_the_run_ends_when_no_worker_renews_the_lease(keep: Keep) -> None:
    keep.start("sleep 30", lease_seconds=0.5)
    assert keep.end()["reason"] == "node_failed"


def test_a_renewed_lease_keeps_the_run(keep: Keep) -> None:
    keep.start("sleep 2.5", lease_seconds=1.5)
    for turn in range(6):
        time.sleep(0.4)
        os.utime(keep.lease, (turn, turn))
    assert keep.end()["reason"] == "completed"


def test_a_wall_clock_that_jumps_is_no_sign_of_life_or_death(keep: Keep) -> None:
    os.utime(keep.lease, (0, 0))
    keep.start("sleep 0.6")
    assert keep.end()["reason"] == "completed"


def test_seconds_and_memory_are_written_while_the_job_runs(keep: Keep) -> None:
    keep.start("sleep 30")
    usage = keep.folder / supervisor.USAGE
    keep.wait_for(lambda: usage.exists() and json.loads(usage.read_text())["seconds"] > 0.9)
    assert json.loads(usage.read_text())["memory_peak"] > 0


def test_a_killed_supervisor_takes_the_job_with_it(keep: Keep) -> None:
    keep.start("echo up; exec sleep 300")
    keep.wait_for(lambda: keep.log == "up\n")
    assert keep.process is not None
    keep.process.kill()
    keep.process.wait()
    keep.wait_for(lambda: keep.left() == [])
    assert not (keep.folder / supervisor.EXIT).exists()


def test_a_job_has_no_core_files_and_a_limit_of_processes(keep: Keep) -> None:
    ask = "from resource import *; print([getrlimit(n)[0] for n in (RLIMIT_CORE, RLIMIT_NPROC)])"
    keep.start("", argv=[sys.executable, "-S", "-c", ask])
    keep.end()
    core, tasks = json.loads(keep.log)
    assert core == 0
    assert 0 < tasks <= holding.PROCESSES


def test_a_job_is_bound_to_the_processors_it_has(keep: Keep) -> None:
    first = min(os.sched_getaffinity(0))
    keep.start(
        f"{sys.executable} -c 'import os; print(os.sched_getaffinity(0))'", processors=[first]
    )
    assert keep.end()["reason"] == "completed"
    assert keep.log == f"{{{first}}}\n"


def test_processors_that_are_gone_do_not_keep_a_job_from_running(keep: Keep) -> None:
    keep.start("true", processors=[4_095])
    assert keep.end()["reason"] == "completed"


def test_a_folder_without_a_launch_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert supervisor.main([str(tmp_path)]) == 2
    assert "is not a launch" in capfd.readouterr().err
    assert supervisor.main([]) == 2
