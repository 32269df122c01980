"""Isolation: what a confined job is given, and when there is none."""

import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iog_client.errors import UsageError
from iog_client.protocol import Cancel
from iog_worker import confinement, processes
from iog_worker.confinement import Confinement, Interpreter
from iog_worker.testing import assignment, spec_of

if TYPE_CHECKING:
    from .conftest import Bench

SYSTEM = Interpreter("/usr/bin/python3")
BOX = Confinement("bubblewrap", "/usr/bin/bwrap", SYSTEM)


def test_without_isolation_the_command_stays_as_it_is(tmp_path: Path) -> None:
    command = Confinement().command(["a"], {"B": "c"}, [tmp_path], [], [])
    assert command == (["a"], {"B": "c"})


def test_a_jobs_environment_never_reaches_the_sandboxs_own_program(tmp_path: Path) -> None:
    env = {"LD_PRELOAD": "./evil.so", processes.TOKEN: "mark"}
    argv, outer = BOX.command(["job"], env, [tmp_path], [], [])
    assert outer == {"PATH": "/usr/bin:/bin", processes.TOKEN: "mark"}
    assert argv[argv.index("--setenv") : argv.index("--setenv") + 3] == [
        "--setenv",
        "LD_PRELOAD",
        "./evil.so",
    ]


def test_only_the_jobs_own_folders_can_be_written(tmp_path: Path) -> None:
    work, tmp, tools = tmp_path / "work", tmp_path / "tmp", tmp_path / "bin"
    argv, _ = BOX.command(["job"], {}, [work, tmp], [tools], [])
    bound = [argv[at + 1] for at, word in enumerate(argv) if word == "--bind"]
    assert set(bound) == {str(work), str(tmp)}
    assert argv[argv.index(str(tools)) - 1] == "--ro-bind"
    assert "--remount-ro" in argv
    assert argv[-2:] == ["--", "job"]
    assert str(tmp_path) not in [argv[at + 1] for at, word in enumerate(argv) if "bind" in word]


def devices_in(argv: list[str]) -> set[str]:
    return {argv[at + 1] for at, word in enumerate(argv) if word.startswith("--dev-bind")}


def test_only_the_gpus_of_the_run_and_what_all_share_are_bound(tmp_path: Path) -> None:
    devices = {f"GPU-{number}": f"/dev/nvidia{number}" for number in range(4)}
    box = replace(BOX, devices=devices)
    argv, _ = box.command(["job"], {}, [tmp_path], [], ["GPU-2", "GPU-0"])
    assert devices_in(argv) == {
        "/dev/nvidia0",
        "/dev/nvidia2",
        "/dev/nvidiactl",
        "/dev/nvidia-uvm",
        "/dev/nvidia-uvm-tools",
        "/dev/nvidia-modeset",
    }


def test_a_run_with_simulated_gpus_gets_no_device(tmp_path: Path) -> None:
    box = replace(BOX, devices={"GPU-0": "/dev/nvidia0"})
    argv, _ = box.command(["job"], {}, [tmp_path], [], ["SIM-x-0"])
    assert devices_in(argv) == set()


def test_a_job_has_no_network_unless_the_operator_allows_it(tmp_path: Path) -> None:
    closed, _ = BOX.command(["job"], {}, [tmp_path], [], [])
    allowed = replace(BOX, network=True)
    opened, _ = allowed.command(["job"], {}, [tmp_path], [], [], network=True)
    unasked, _ = allowed.command(["job"], {}, [tmp_path], [], [])
    assert "--unshare-net" in closed
    assert "--unshare-net" in unasked
    assert "--unshare-net" not in opened


def test_a_sandbox_that_does_not_work_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert confinement.find(SYSTEM).name == "none"


def test_without_a_sandbox_there_is_no_isolation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert confinement.find(SYSTEM).name == "none"


def test_the_interpreter_brings_the_folders_it_needs() -> None:
    found = confinement.interpreter(sys.executable)
    assert found.path == sys.executable
    assert not {"/usr", "/usr/local"} & set(found.folders)
    assert all(Path(folder).is_dir() for folder in found.folders)


@pytest.mark.parametrize("path", ["/no/such/python", "/bin/false", "/bin/echo", ""])
def test_what_is_no_python_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="is not a Python that runs here"):
        confinement.interpreter(path)


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_confined_job_sees_its_folder_and_not_the_machines(tmp_path: Path) -> None:
    found = confinement.find(confinement.interpreter(sys.executable))
    if found.name == "none":
        pytest.skip("bubblewrap does not work on this machine")
    folders = [tmp_path / name for name in ("work", "home", "tmp")]
    for folder in folders:
        folder.mkdir()
    (tmp_path / "device.json").write_text("secret")
    script = (
        f"echo ok > here; cat {tmp_path}/device.json; touch /usr/x /x; ls /proc | grep -c '^[0-9]'"
    )
    argv, env = found.command(["sh", "-c", script], {"PATH": "/usr/bin:/bin"}, folders, [], [])
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert (folders[0] / "here").read_text() == "ok\n"
    assert "secret" not in done.stdout
    assert done.stderr.count("Read-only file system") == 2
    assert int(done.stdout) < 8


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_confined_job_cannot_fill_the_machines_memory_with_files(tmp_path: Path) -> None:
    found = confinement.find(confinement.interpreter(sys.executable))
    if found.name == "none":
        pytest.skip("bubblewrap does not work on this machine")
    if not found.sized:
        pytest.skip("this bubblewrap limits no file system in memory")
    fill = "for one in /dev /dev/shm; do head -c 3M /dev/zero > $one/x; done; stat -c %s /dev/shm/x"
    given = {"PATH": "/usr/bin:/bin"}
    argv, env = found.command(["sh", "-c", fill], given, [tmp_path], [], [], memory=4 << 20)
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert int(done.stdout) == 2 << 20
    assert "Read-only file system" in done.stderr
    assert "No space left on device" in done.stderr


def test_a_bubblewrap_that_limits_no_file_system_is_used_without(tmp_path: Path) -> None:
    old = replace(BOX, sized=False)
    argv, _ = old.command(["job"], {}, [tmp_path], [], [], memory=4 << 20)
    assert "--size" not in argv


@pytest.mark.parametrize(
    ("network", "asked"), [(False, False), (False, True), (True, False), (True, True)]
)
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_services_of_the_machine_are_reached_by_jobs_that_ask_and_may(
    tmp_path: Path, network: bool, asked: bool
) -> None:
    found = confinement.find(confinement.interpreter("/usr/bin/python3"), network=network)
    if found.name == "none":
        pytest.skip("bubblewrap does not work on this machine")
    with socket.create_server(("127.0.0.1", 0)) as service:
        port = service.getsockname()[1]
        ask = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5); print('reached')"
        command = [found.interpreter.path, "-c", ask]
        given = {"PATH": "/usr/bin:/bin"}
        argv, env = found.command(command, given, [tmp_path], [], [], network=asked)
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert ("reached" in done.stdout) == (network and asked)
    assert (network and asked) or "Connection refused" in done.stderr


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
async def test_a_confined_job_may_put_its_affairs_in_order(bench: "Bench") -> None:
    bench.confinement = confinement.find(confinement.interpreter(sys.executable))
    if bench.confinement.name == "none":
        pytest.skip("bubblewrap does not work on this machine")
    await bench.start(allow_unconfined=False)
    script = "trap 'echo saved; exit' TERM; echo up; sleep 60 & wait"
    told = await bench.orchestrator.assign(assignment(spec_of(["sh", "-c", script])))
    await bench.orchestrator.until(lambda: bytes(told.log) == b"up\n")
    await bench.orchestrator.send(Cancel(job=told.assign.job, run=1))
    await bench.orchestrator.until(lambda: told.ended is not None)
    assert bytes(told.log) == b"up\nsaved\n"
