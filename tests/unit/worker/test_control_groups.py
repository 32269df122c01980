"""Limits that the kernel keeps, on jobs that try to break them."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iog_worker import confinement, processes
from iog_worker.containers import Limits
from iog_worker.hierarchies import Tree
from iog_worker.keeper import Keeper
from iog_worker.testing import assignment, spec_of

from .keeping import Keep, groups_in
from .worker_runs import files_of, gone, paid, running, supervisor_of

if TYPE_CHECKING:
    from .conftest import Bench

MIB = 1 << 20
HOG = "import time; hog = bytearray(1 << 30); time.sleep(60)"
"""Takes in one go what no look would be in time for."""


def group_of(tree: Tree, run: str = "run") -> dict[str, object]:
    """What a launch says of the group of a run."""
    return asdict(tree.group(run))


def python(script: str) -> list[str]:
    return [sys.executable, "-S", "-c", script]


def test_a_job_that_takes_all_memory_at_once_ends_and_nothing_else_does(
    keep: Keep, tree: Tree
) -> None:
    keep.start("", argv=python(HOG), memory=100 * MIB, group=group_of(tree))
    end = keep.end()
    assert end["reason"] == "out_of_memory"
    assert "the job needs more memory than its limit of 104857600 bytes\n" in keep.log
    assert 90 * MIB < int(str(end["memory_peak"])) <= 100 * MIB


def test_the_whole_job_ends_with_the_process_that_took_too_much(keep: Keep, tree: Tree) -> None:
    script = f"{sys.executable} -S -c '{HOG}'; echo went on; sleep 60"
    keep.start(script, memory=100 * MIB, group=group_of(tree))
    assert keep.end()["reason"] == "out_of_memory"
    assert keep.left() == []


def test_files_in_memory_count(keep: Keep, tree: Tree, tmp_path: Path) -> None:
    name = f"/dev/shm/{tree.prefix}file"
    try:
        keep.start(f"dd if=/dev/zero of={name} bs=1M count=100", memory=64 * MIB, **grouped(tree))
        assert keep.end()["reason"] == "out_of_memory"
    finally:
        Path(name).unlink(missing_ok=True)


def grouped(tree: Tree) -> dict[str, object]:
    return {"group": group_of(tree)}


def test_files_that_are_read_and_written_do_not_end_a_job(keep: Keep, tree: Tree) -> None:
    script = "dd if=/dev/zero of=file bs=1M count=100 && cat file > /dev/null && echo read"
    keep.start(script, memory=64 * MIB, **grouped(tree))
    assert keep.end()["reason"] == "completed"
    assert keep.log.endswith("read\n")


def test_a_bomb_of_processes_is_held_and_ends_with_its_job(keep: Keep, tree: Tree) -> None:
    bomb = "import os\nwhile True:\n try: os.fork()\n except OSError: pass"
    keep.start("", argv=python(bomb), processes=60, **grouped(tree))
    group = tree.group("run")
    keep.wait_for(lambda: len(group.pids()) == 60)
    assert max(len(group.pids()) for _ in range(50)) == 60
    keep.stop("cancelled", 0)
    assert keep.end()["reason"] == "cancelled"
    assert keep.left() == []


def test_a_job_that_starts_more_than_it_may_is_told_and_goes_on(keep: Keep, tree: Tree) -> None:
    keep.start("", argv=python(FORKS), processes=30, **grouped(tree))
    assert keep.end()["reason"] == "completed"
    assert keep.log == f"29 {errno.EAGAIN}\n"


FORKS = """
import os, time
for started in range(1000):
    try:
        if os.fork() == 0:
            time.sleep(60)
    except OSError as error:
        print(started, error.errno)
        break
"""


def test_a_job_gets_no_more_processor_time_than_its_share(keep: Keep, tree: Tree) -> None:
    busy = "import time; end = time.monotonic() + 3\nwhile time.monotonic() < end: pass"
    script = f"{sys.executable} -S -c '{busy}' & {sys.executable} -S -c '{busy}'; wait"
    keep.start(script, cpus=0.5, **grouped(tree))
    end = keep.end()
    assert end["reason"] == "completed"
    share = float(str(end["cpu_seconds"])) / float(str(end["seconds"]))
    # a machine that has other things to do may give less; two that are not held take a whole one
    assert 0.05 < share < 0.7


def test_processors_time_of_a_short_job_is_known(keep: Keep, tree: Tree) -> None:
    keep.start("", argv=python("sum(range(3_000_000))"), **grouped(tree))
    end = keep.end()
    assert end["reason"] == "completed"
    assert 0 < float(str(end["cpu_seconds"])) < 10
    assert int(str(end["memory_peak"])) > MIB


def test_a_job_whose_group_cannot_be_made_does_not_run(keep: Keep, tree: Tree) -> None:
    absent = {name: f"{folder}/no/run" for name, folder in tree.folders.items()}
    keep.start("echo it runs", group={"version": tree.version, "folders": absent})
    assert keep.end()["reason"] == "node_failed"
    assert keep.log.startswith("[node] the job's limits could not be set: ")
    assert "it runs" not in keep.log


def test_what_a_killed_supervisor_left_is_ended_with_its_group(keep: Keep, tree: Tree) -> None:
    keep.start("env -i setsid /bin/sleep 298.5 & echo up; sleep 60", **grouped(tree))
    keep.wait_for(lambda: keep.log == "up\n" and len(tree.group("run").pids()) >= 3)
    assert keep.process is not None
    keep.process.kill()
    keep.process.wait()
    assert tree.group("run").pids() != []
    assert Keeper.find(keep.folder).end().reason == "node_failed"
    # which can only be when all its processes are gone
    assert groups_in(tree) == []


def test_groups_of_runs_that_are_gone_are_cleared_and_others_stay(tree: Tree) -> None:
    for run in ("gone", "held"):
        tree.group(run).make(Limits(memory=64 * MIB, processes=10))
    sleeper = subprocess.Popen(["/bin/sleep", "297"], preexec_fn=tree.group("gone").enter)
    tree.sweep(["held"])
    assert sleeper.wait(10) == -signal.SIGKILL
    assert {path.name for path in groups_in(tree)} == {f"{tree.prefix}held"}
    assert tree.group("held").remove()


def test_a_group_that_is_there_already_is_made_anew(keep: Keep, tree: Tree) -> None:
    tree.group("run").make(Limits(memory=1 << 40, processes=10))
    keep.start("", argv=python(HOG), memory=100 * MIB, **grouped(tree))
    assert keep.end()["reason"] == "out_of_memory"


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
@pytest.mark.parametrize("nested", [False, True])
def test_a_confined_job_cannot_raise_its_limits(keep: Keep, tree: Tree, nested: bool) -> None:
    box = confinement.find(confinement.Interpreter("/usr/bin/python3"))
    if box.name == "none":
        pytest.skip("bubblewrap does not work on this machine")
    for name in ("work", "tmp"):
        (keep.folder / name).mkdir()
    (keep.folder / "work" / "escape.py").write_text(ESCAPE)
    argv, env = box.command(
        ["sh", "-c", f"python3 escape.py {'nested' * nested}; exec python3 -S -c '{HOG}'"],
        {"PATH": "/usr/bin:/bin", processes.TOKEN: keep.token},
        [keep.folder / "work", keep.folder / "tmp"],
        [],
        [],
    )
    keep.start("", argv=argv, env=env, memory=100 * MIB, confined=True, **grouped(tree))
    end = keep.end()
    said = keep.log.splitlines()
    assert "tried" in said, keep.log
    assert [line for line in said if line.startswith("RAISED")] == []
    assert end["reason"] == "out_of_memory"
    assert int(str(end["memory_peak"])) <= 100 * MIB


ESCAPE = r"""
import ctypes, os, sys
libc = ctypes.CDLL(None)
NEWUSER, NEWNS, NEWCGROUP = 0x10000000, 0x20000, 0x2000000
REMOUNT_RW, OWN = 4096 | 32, []
if "nested" in sys.argv and libc.unshare(NEWUSER | NEWNS | NEWCGROUP) == 0:
    # all rights in namespaces of its own, and on files of the user that it was
    print("unshared")
for number, options in enumerate((b"", b"memory", b"pids", b"cpu")):
    place = f"/tmp/{number}".encode()
    os.mkdir(place)
    kind = b"cgroup" if options else b"cgroup2"
    if libc.mount(b"none", place, kind, 0, options or None) == 0:
        OWN.append(place.decode())
with open("/proc/self/mountinfo") as mounts:
    for line in mounts:
        place = line.split()[4]
        if " - cgroup" in line and place not in OWN:
            libc.mount(None, place.encode(), None, REMOUNT_RW, None)
FILES = {
    "memory.max": "max",
    "memory.swap.max": "max",
    "memory.memsw.limit_in_bytes": "-1",
    "memory.limit_in_bytes": "-1",
    "pids.max": "max",
    "cpu.max": "max",
    "cpu.cfs_quota_us": "-1",
    "cgroup.procs": str(os.getpid()),
}
for place in ["/sys/fs/cgroup", *OWN]:
    for folder, _, names in os.walk(place):
        for name in [name for name in FILES if name in names]:
            try:
                handle = os.open(f"{folder}/{name}", os.O_WRONLY)
                os.write(handle, FILES[name].encode())
            except OSError:
                continue
            print("WROTE" if place in OWN else "RAISED", f"{folder}/{name}")
print("tried")
"""


async def test_a_worker_that_comes_back_keeps_the_limits_and_leaves_no_group(
    bench: "Bench", tree: Tree
) -> None:
    await bench.start(groups=tree)
    script = f"echo up; while [ ! -e go ]; do sleep 0.05; done; exec /usr/bin/python3 -c '{HOG}'"
    spec = spec_of(["sh", "-c", script], ram=64)
    told = await bench.orchestrator.assign(assignment(spec))
    await running(bench, told, b"up\n")
    name = files_of(bench, told).path.name
    assert tree.group(name).pids() != []
    await bench.kill()
    tree.group("gone").make(Limits(processes=10))
    await bench.start(groups=tree)
    assert {path.name for path in groups_in(tree)} == {f"{tree.prefix}{name}"}
    (files_of(bench, told).work / "go").touch()
    await paid(bench, told)
    assert told.ended is not None
    assert told.ended.reason == "out_of_memory"
    await gone(bench, told)
    assert groups_in(tree) == []


async def test_no_group_is_left_when_worker_and_supervisor_are_killed(
    bench: "Bench", tree: Tree
) -> None:
    await bench.start(groups=tree)
    spec = spec_of(["sh", "-c", "env -i setsid /bin/sleep 296 & echo up; sleep 60"])
    told = await bench.orchestrator.assign(assignment(spec))
    await running(bench, told, b"up\n")
    assert len(tree.group(files_of(bench, told).path.name).pids()) == 3
    await bench.kill()
    os.kill(supervisor_of(bench, told), signal.SIGKILL)
    await bench.start(groups=tree)
    await paid(bench, told)
    assert told.ended is not None
    assert told.ended.reason == "node_failed"
    await gone(bench, told)
    # a group can only be deleted when all its processes are gone
    assert groups_in(tree) == []
