"""What engines are told, by an executable that writes down how it was called; real containers are
in tests/acceptance/test_containers.py."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from iog_worker import containers, engines
from iog_worker.containers import Box, Cli, EngineFailed, Limits, NoImage

DIGEST = f"sha256:{'a' * 64}"
BOX = Box(
    name="iog-1",
    image="abc",
    argv=["python", "-c", "x"],
    env={"A": "1", "LD_PRELOAD": "./evil.so"},
    work="/runs/work",
    home="/runs/home",
    tmp="/runs/tmp",
    gpus=["GPU-1", "GPU-2"],
    network=False,
    max_seconds=60,
)
LIMITS = Limits(cpus=2, memory=1 << 30, disk=1 << 31, processes=100)


class Recorder:
    """An engine's program that answers from files and writes down its arguments."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.program = folder / "engine"
        self.program.write_text(
            "#!/bin/sh\n"
            f'for word in "$@"; do printf "%s\\0" "$word" >> {folder}/calls; done\n'
            f'printf "\\n" >> {folder}/calls\n'
            f"env > {folder}/env\n"
            f"[ -e {folder}/refuse-$1 ] && cat {folder}/refuse-$1 >&2 && exit 125\n"
            f"[ -e {folder}/answer-$1 ] && cat {folder}/answer-$1\n"
            "exit 0\n"
        )
        self.program.chmod(0o755)

    def answer(self, word: str, value: object) -> None:
        (self._folder / f"answer-{word}").write_text(json.dumps(value))

    def refuse(self, word: str, line: str) -> None:
        (self._folder / f"refuse-{word}").write_text(f"first\n{line}\n")

    @property
    def calls(self) -> list[list[str]]:
        text = (self._folder / "calls").read_text()
        return [line.split("\0")[:-1] for line in text.splitlines()]

    @property
    def env(self) -> str:
        return (self._folder / "env").read_text()


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path)


def docker(recorder: Recorder) -> Cli:
    return Cli("docker", str(recorder.program), {"PATH": os.environ["PATH"]}, root=True)


def podman(recorder: Recorder) -> Cli:
    return replace(docker(recorder), name="podman")


def created(recorder: Recorder, engine: Cli, box: Box = BOX) -> list[str]:
    engine.create(box, LIMITS)
    (call,) = recorder.calls
    return call


def values(call: list[str], option: str) -> list[str]:
    return [call[at + 1] for at, word in enumerate(call) if word == option]


@pytest.mark.parametrize("make", [docker, podman])
def test_a_container_has_no_rights_and_its_limits(recorder: Recorder, make: object) -> None:
    call = created(recorder, make(recorder))  # type: ignore[operator]
    assert values(call, "--cap-drop") == ["all"]
    assert values(call, "--security-opt") == ["no-new-privileges"]
    assert values(call, "--network") == ["none"]
    assert "--read-only" in call
    assert "--privileged" not in call
    assert values(call, "--memory") == values(call, "--memory-swap") == [str(1 << 30)]
    assert (values(call, "--cpus"), values(call, "--pids-limit")) == (["2"], ["100"])
    most = (1 << 31) + containers.SLACK
    assert f"fsize={most}:{most}" in values(call, "--ulimit")
    assert [mount.split(",")[1:] for mount in values(call, "--mount")] == [
        ["source=/runs/work", "target=/iog/work"],
        ["source=/runs/home", "target=/iog/home"],
        ["source=/runs/tmp", "target=/tmp"],
    ]
    assert call[-3:] == ["abc", "-c", "x"]
    assert values(call, "--entrypoint") == ["python"]


def test_docker_gets_the_gpus_of_the_run_in_one_option(recorder: Recorder) -> None:
    call = created(recorder, docker(recorder))
    assert values(call, "--gpus") == ['"device=GPU-1,GPU-2"']
    assert "NVIDIA_VISIBLE_DEVICES=GPU-1,GPU-2" in values(call, "--env")


def test_podman_gets_the_gpus_of_the_run_one_by_one(recorder: Recorder) -> None:
    call = created(recorder, podman(recorder))
    assert values(call, "--device") == ["nvidia.com/gpu=GPU-1", "nvidia.com/gpu=GPU-2"]
    assert "--gpus" not in call


@pytest.mark.parametrize("make", [docker, podman])
def test_without_gpus_an_image_for_cuda_gets_none_by_its_own_variable(
    recorder: Recorder, make: object
) -> None:
    call = created(recorder, make(recorder), replace(BOX, gpus=[]))  # type: ignore[operator]
    assert "NVIDIA_VISIBLE_DEVICES=void" in values(call, "--env")
    assert not {"--gpus", "--device"} & set(call)


def test_the_users_of_a_container_are_nobody_on_the_machine(recorder: Recorder) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has to give its containers other users")
    mapped = str(containers.MAPPED)
    engine = docker(recorder)
    engine.create(BOX, LIMITS)
    podman(recorder).create(BOX, LIMITS)
    replace(podman(recorder), root=False).create(BOX, LIMITS)
    by_docker, by_podman, rootless = recorder.calls
    assert values(by_docker, "--user") == [f"{mapped}:{mapped}"]
    assert values(by_podman, "--uidmap") == [f"0:{mapped}:65536"]
    assert values(by_podman, "--gidmap") == [f"0:{mapped}:65536"]
    assert "--uidmap" not in rootless
    assert (engine.owner, replace(engine, root=False).owner) == (containers.MAPPED, None)


def test_an_image_without_a_command_runs_its_own(recorder: Recorder) -> None:
    call = created(recorder, docker(recorder), replace(BOX, argv=[]))
    assert call[-1] == "abc"
    assert "--entrypoint" not in call


def test_a_network_is_a_bridge_of_the_engines(recorder: Recorder) -> None:
    call = created(recorder, docker(recorder), replace(BOX, network=True))
    assert values(call, "--network") == ["bridge"]


def test_where_the_engine_enforces_no_limits_none_are_asked(recorder: Recorder) -> None:
    call = created(recorder, replace(podman(recorder), limits=False))
    assert values(call, "--cgroups") == ["disabled"]
    assert not {"--memory", "--cpus", "--pids-limit"} & set(call)


def test_a_jobs_environment_never_reaches_the_engines_own_program(recorder: Recorder) -> None:
    call = created(recorder, docker(recorder))
    assert "LD_PRELOAD=./evil.so" in values(call, "--env")
    assert "evil.so" not in recorder.env


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("python", "docker.io/library/python"),
        ("python:3.12", "docker.io/library/python:3.12"),
        ("team/app:1", "docker.io/team/app:1"),
        ("ghcr.io/a/b", "ghcr.io/a/b"),
        ("localhost/a:1", "localhost/a:1"),
        ("host:5000/a", "host:5000/a"),
        (f"python:3.12@{DIGEST}", f"docker.io/library/python@{DIGEST}"),
        (f"host:5000/a@{DIGEST}", f"host:5000/a@{DIGEST}"),
    ],
)
def test_a_name_without_a_registry_is_docker_hubs(name: str, full: str) -> None:
    assert containers.qualified(name) == full


def test_a_tag_is_told_by_the_registrys_digest(recorder: Recorder) -> None:
    known = {"Id": "sha256:bb", "RepoDigests": ["other@sha256:cc", f"python@{DIGEST}"]}
    recorder.answer("image", known)
    image = docker(recorder).pull("python:3.12")
    assert image == containers.Image(f"docker.io/library/python@{DIGEST}", "bb")
    assert [call[0] for call in recorder.calls] == ["image", "pull", "image"]


def test_an_image_without_a_registry_is_told_by_what_lies_here(recorder: Recorder) -> None:
    recorder.answer("image", [{"Id": "bb", "RepoDigests": None}])
    assert podman(recorder).pull("localhost/a:1").reference == "localhost/a@sha256:bb"
    assert [call[0] for call in recorder.calls] == ["image"]


@pytest.mark.parametrize("line", ["manifest unknown", "pull access denied", "repo not found"])
def test_what_no_registry_gives_is_no_image(recorder: Recorder, line: str) -> None:
    recorder.refuse("image", "no such image")
    recorder.refuse("pull", line)
    with pytest.raises(NoImage, match=line):
        docker(recorder).pull("a/b")


def test_a_registry_that_does_not_answer_is_another_failure(recorder: Recorder) -> None:
    recorder.refuse("image", "no such image")
    recorder.refuse("pull", "dial tcp: i/o timeout")
    with pytest.raises(EngineFailed) as caught:
        docker(recorder).pull("a/b")
    assert not isinstance(caught.value, NoImage)


def test_how_a_container_is_comes_from_the_engine(recorder: Recorder) -> None:
    state = {
        "StartedAt": "2026-01-01T00:00:00Z",
        "Running": False,
        "Pid": 0,
        "ExitCode": 137,
        "OOMKilled": True,
    }
    recorder.answer("inspect", state)
    assert docker(recorder).state("a") == containers.State(True, False, 0, 137, True)
    recorder.answer("inspect", state | {"StartedAt": "0001-01-01T00:00:00Z"})
    assert docker(recorder).state("a") == containers.State(False, False, 0, 137, True)
    recorder.answer("inspect", ["?"])
    with pytest.raises(EngineFailed, match="does not say"):
        docker(recorder).state("a")
    recorder.refuse("inspect", "Error: no such object: a")
    assert docker(recorder).state("a") is None


def test_removing_what_is_not_there_is_no_failure(recorder: Recorder) -> None:
    recorder.refuse("rm", "Error: No such container: a")
    assert docker(recorder).remove("a")
    assert podman(recorder).remove("a")
    assert recorder.calls[0] == ["rm", "--force", "--volumes", "a"]
    assert recorder.calls[1] == ["rm", "--force", "--volumes", "--time", "0", "a"]


def test_an_engine_that_is_asked_for_and_does_not_work_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(engines.NoEngine, match="--engine docker: it is not installed"):
        engines.find("docker", {})
    found, complaints = engines.find("auto", {})
    assert found is None
    assert complaints == ["podman: it is not installed", "docker: it is not installed"]
    assert engines.find("none", {}) == (None, [])


def test_an_engine_is_taken_with_what_works_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "podman"
    program.write_text(
        '#!/bin/sh\ncase " $* " in *" --memory "*) echo no cgroups >&2; exit 126;; esac\n'
        'case " $* " in *" --init "*) echo no init >&2; exit 126;; esac\nexit 0\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found, _ = engines.find("podman", {"HOME": "/h", "SECRET": "s", "DOCKER_HOST": "d"})
    assert found is not None
    assert (found.limits, found.init) == (False, False)
    assert dict(found.env) == {"HOME": "/h", "DOCKER_HOST": "d", "PATH": found.env["PATH"]}
