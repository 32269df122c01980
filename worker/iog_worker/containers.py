"""Containers through the command line of Docker or Podman.

The worker pulls images; a run's supervisor creates, starts, signals and removes its container. What
the container may do is fixed when it is created: no capabilities, no new privileges, a read-only
root, a folder of its own to write to, no network unless it asked and the operator allows it, the
GPUs of its run and no others, and the limits of its run.

Standard library only, for the supervisor.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

Name = Literal["docker", "podman"]

WORK, HOME, TMP = "/iog/work", "/iog/home", "/tmp"
MAPPED = 0x7000_0000
"""First of the 65,536 user ids of this machine that a container's users are, where the engine runs
as root: no account of the machine has one of them."""
MAPPED_COUNT = 65_536
CALL_SECONDS = 60.0
PULL_SECONDS = 1800.0
SLACK = 1 << 20
"""Bytes that one file may have above the limit of disk space, so that reaching it is seen."""
REMOVE_PAUSES = (0.1, 0.3, 1.0)
KEPT = 300
"""Characters of an engine's complaint that are passed on."""
OUTLIVES = 120
"""Seconds after which the engine itself ends a container whose supervisor and worker are gone."""

_ABSENT = ("unknown", "not found", "no such", "denied", "unauthorized", "404")
_GONE = ("no such container", "no such object", "no container with name")
_LOCAL = "localhost/"


class EngineFailed(Exception):  # noqa: N818 - an outcome, as people read it
    """the engine did not do what it was asked; the text is the last line it wrote"""


class NoImage(EngineFailed):
    """no registry gives this image to this node"""


@dataclass(frozen=True)
class Image:
    """An image on this machine: `reference` ends with its digest, `id` is the engine's own."""

    reference: str
    id: str


@dataclass(frozen=True)
class Limits:
    """What a run may use: processors, bytes of memory and of disk, processes; 0 is no limit."""

    cpus: float = 0.0
    memory: int = 0
    disk: int = 0
    processes: int = 0


@dataclass(frozen=True)
class Box:
    """A container to create. `argv` empty: the image's own; folders are the machine's paths."""

    name: str
    image: str
    argv: list[str]
    env: dict[str, str]
    work: str
    home: str
    tmp: str
    gpus: list[str]
    network: bool
    max_seconds: float


@dataclass(frozen=True)
class State:
    """What the engine says of a container; `pid` is the machine's number of its first process."""

    started: bool
    running: bool
    pid: int
    exit_code: int
    out_of_memory: bool


class Engine(Protocol):
    """A container engine."""

    def pull(self, reference: str) -> Image:
        """Have the image on this machine. Raises `NoImage`, `EngineFailed`."""

    def create(self, box: Box, limits: Limits) -> None:
        """Make a container, not started yet. Raises `EngineFailed`."""

    def attach(self, name: str) -> list[str]:
        """The command that starts a container, writes its output and ends when it ends."""

    def state(self, name: str) -> State | None:
        """How a container is; None when there is none. Raises `EngineFailed`."""

    def signal(self, name: str, number: int) -> None:
        """Signal a container's first process; one that has ended is left alone."""

    def remove(self, name: str) -> bool:
        """End a container and delete it; False if that failed. One that is not there is no
        failure."""


@dataclass(frozen=True)
class Cli:
    """`Engine` by running `program` with the environment `env` alone."""

    name: Name
    program: str
    env: Mapping[str, str] = field(default_factory=dict)
    limits: bool = True
    """Whether the engine enforces processors, memory and processes here (it needs cgroups)."""
    init: bool = True
    """Whether it has a first process of its own, which passes signals on and leaves no zombies."""
    root: bool = False
    """Whether containers are made by root, so that their users have to be given other ids."""

    def pull(self, reference: str) -> Image:
        name = qualified(reference)
        if (found := self._image(name)) is not None and ("@" in name or name.startswith(_LOCAL)):
            return found
        if name.startswith(_LOCAL):
            raise NoImage(f"this node has no image {name}")
        try:
            self._call("pull", "--quiet", name, seconds=PULL_SECONDS)
        except EngineFailed as error:
            if any(sign in str(error).lower() for sign in _ABSENT):
                raise NoImage(str(error)) from None
            raise
        found = self._image(name)
        if found is None:
            raise EngineFailed(f"{name} was pulled and is not there")
        return found

    def create(self, box: Box, limits: Limits) -> None:
        options = ["--name", box.name, "--label", "iog.run=1", *self._isolation(box)]
        options += self._limits(limits) + self._gpus(box.gpus)
        for source, target in ((box.work, WORK), (box.home, HOME), (box.tmp, TMP)):
            options += ["--mount", f"type=bind,source={source},target={target}"]
        for name, text in box.env.items():
            options += ["--env", f"{name}={text}"]
        if box.argv:
            options += ["--entrypoint", box.argv[0]]
        self._call("create", *options, "--workdir", WORK, box.image, *box.argv[1:])

    def attach(self, name: str) -> list[str]:
        return [self.program, "start", "--attach", "--sig-proxy=false", name]

    def state(self, name: str) -> State | None:
        try:
            known = json.loads(self._call("inspect", "--format", "{{json .State}}", name))
            return State(
                started=not str(known["StartedAt"]).startswith("0001-"),
                running=bool(known["Running"]),
                pid=int(known["Pid"]),
                exit_code=int(known["ExitCode"]),
                out_of_memory=bool(known["OOMKilled"]),
            )
        except EngineFailed as error:
            if any(sign in str(error).lower() for sign in _GONE):
                return None
            raise
        except (ValueError, KeyError, TypeError):
            raise EngineFailed("the engine does not say how the container is") from None

    def signal(self, name: str, number: int) -> None:
        # it may have ended by itself just now
        with contextlib.suppress(EngineFailed):
            self._call("kill", "--signal", signal.Signals(number).name, name)

    def remove(self, name: str) -> bool:
        for pause in (*REMOVE_PAUSES, None):
            try:
                # podman would wait ten seconds between the signal and force
                self._call("rm", "--force", "--volumes", *self._at_once(), name)
            except EngineFailed as error:
                if any(sign in str(error).lower() for sign in _GONE):
                    return True
                # the engine's own tidying up after the end may hold a mount for a moment
                if pause is not None:
                    time.sleep(pause)
            else:
                return True
        return False

    def try_out(self) -> None:
        """Run nothing in a container made of this system's own programs. Raises `EngineFailed`."""
        name = f"{_LOCAL}iog-trial:1"
        if self._image(name) is None:
            # an archive without files is two empty blocks
            self._call("import", "-", name, given=bytes(1024))
        options = ["--rm", *self._isolation(None), *self._limits(Limits(1, 64 << 20, 0, 64))]
        for folder in ("/usr", "/bin", "/lib", "/lib64"):
            options += ["--volume", f"{folder}:{folder}:ro"] if Path(folder).is_dir() else []
        self._call("run", *options, name, "/usr/bin/true")

    @property
    def owner(self) -> int | None:
        """The user id of this machine that a run's folders have to belong to; None: the worker's
        own is right."""
        return MAPPED if self.root and os.geteuid() == 0 else None

    def _at_once(self) -> list[str]:
        return ["--time", "0"] if self.name == "podman" else []

    def _isolation(self, box: Box | None) -> list[str]:
        options = ["--cap-drop", "all", "--security-opt", "no-new-privileges", "--read-only"]
        options += ["--network", "bridge" if box is not None and box.network else "none"]
        options += ["--log-driver", "none", "--pull", "never", "--no-healthcheck"]
        options += ["--init"] if self.init else []
        if self.name == "podman":
            options += ["--read-only-tmpfs=false", "--http-proxy=false", "--user", "0:0"]
            if box is not None:
                options += ["--timeout", str(int(box.max_seconds) + OUTLIVES)]
            if self.root:
                # its root is nobody on this machine
                for kind in ("--uidmap", "--gidmap"):
                    options += [kind, f"0:{MAPPED}:{MAPPED_COUNT}"]
        elif self.root:
            user = MAPPED if os.geteuid() == 0 else os.geteuid()
            group = MAPPED if os.geteuid() == 0 else os.getegid()
            options += ["--user", f"{user}:{group}"]
        else:
            options += ["--user", "0:0"]
        return options

    def _limits(self, limits: Limits) -> list[str]:
        options = []
        for name, kind, most in (
            ("nofile", resource.RLIMIT_NOFILE, 65_536),
            ("nproc", resource.RLIMIT_NPROC, 16_384),
        ):
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            options += ["--ulimit", f"{name}={most}:{most}"]
        options += ["--ulimit", "core=0:0"]
        if limits.disk:
            most = limits.disk + SLACK
            options += ["--ulimit", f"fsize={most}:{most}"]
        if not self.limits:
            return options + (["--cgroups", "disabled"] if self.name == "podman" else [])
        if limits.cpus:
            options += ["--cpus", f"{limits.cpus:g}"]
        if limits.memory:
            options += ["--memory", str(limits.memory), "--memory-swap", str(limits.memory)]
            # shared memory between processes, as loaders of training data use it, counts as memory
            options += ["--shm-size", str(limits.memory // 2)]
        if limits.processes:
            options += ["--pids-limit", str(limits.processes)]
        return options

    def _gpus(self, gpus: list[str]) -> list[str]:
        # images for CUDA ask for all GPUs by this variable, and a runtime may grant it
        options = ["--env", f"NVIDIA_VISIBLE_DEVICES={','.join(gpus) or 'void'}"]
        if gpus and self.name == "docker":
            options += ["--gpus", f'"device={",".join(gpus)}"']
        elif gpus:
            for uuid in gpus:
                options += ["--device", f"nvidia.com/gpu={uuid}"]
        return options

    def _image(self, name: str) -> Image | None:
        try:
            known = json.loads(self._call("image", "inspect", "--format", "{{json .}}", name))
            if isinstance(known, list):
                known = known[0]  # as podman of some versions answers
        except (EngineFailed, ValueError):
            return None
        found = str(known.get("Id", "")).removeprefix("sha256:")
        return Image(_with_digest(name, known, found), found)

    def _call(self, *words: str, given: bytes = b"", seconds: float = CALL_SECONDS) -> str:
        try:
            done = subprocess.run(
                [self.program, *words],
                env=dict(self.env),
                input=given,
                capture_output=True,
                timeout=seconds,
                check=False,
                # a supervisor blocks signals, and all that an engine starts would inherit that
                preexec_fn=unblock if signal.pthread_sigmask(signal.SIG_BLOCK, []) else None,
            )
        except subprocess.TimeoutExpired:
            raise EngineFailed(f"{self.name} {words[0]} took more than {seconds:.0f} s") from None
        except OSError as error:
            raise EngineFailed(f"{self.program}: {error.strerror}") from error
        if done.returncode != 0:
            raise EngineFailed(_last_line(done.stderr) or f"{self.name} {words[0]} failed")
        return done.stdout.decode(errors="replace")


def unblock() -> None:
    """In a new process: receive all signals."""
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def qualified(reference: str) -> str:
    """The reference with its registry: one without is Docker Hub's, as both engines then agree.

    A tag beside a digest says nothing more, and some engines take only one of them.
    """
    plain, at, digest = reference.partition("@")
    if at:
        reference = f"{_untagged(plain)}@{digest}"
    first, _, rest = reference.partition("/")
    if rest and ("." in first or ":" in first or first == "localhost"):
        return reference
    return f"docker.io/{reference}" if rest else f"docker.io/library/{reference}"


def _with_digest(name: str, known: Mapping[str, Any], own: str) -> str:
    """`name` by its digest: the registry's where there is one, else that of this machine's copy."""
    if "@" in name:
        return name
    plain = _untagged(name)
    # docker leaves its own registry's name out
    short = plain.removeprefix("docker.io/").removeprefix("library/")
    for one in known.get("RepoDigests") or []:
        repository, _, digest = str(one).partition("@")
        if repository in (plain, short):
            return f"{plain}@{digest}"
    return f"{plain}@{known.get('Digest') or f'sha256:{own}'}"


def _untagged(name: str) -> str:
    repository, colon, tag = name.rpartition(":")
    return name if not colon or "/" in tag else repository


def _last_line(text: bytes) -> str:
    lines = [line for line in text.decode(errors="replace").splitlines() if line.strip()]
    return "".join(c if c.isprintable() else " " for c in lines[-1])[:KEPT] if lines else ""
