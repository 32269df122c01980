"""The folder of one run, and what a job finds in it.

    held.json   what was assigned, and which GPUs it got (`Held`)
    work/       where the job runs; its inputs lie there, its outputs are taken from there
    home/ tmp/  for what programs keep aside
    bin/        `python`, the node's interpreter
    acked       bytes of the log that the orchestrator has
    image.json  the image it runs in, by its digest
    ended.json  the run's end, once everything it left is stored
and the supervisor's files (supervisor.py). Only the first three are writable for a confined job.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from dataclasses import replace as replace_fields
from math import ceil
from pathlib import Path, PurePosixPath

from iog_client.jobspec import JobSpec
from iog_client.protocol import Assign, Ended

from . import processes, supervisor
from .capture import TAIL
from .confinement import Confinement
from .containers import HOME, TMP, Box, Cli, Image, Limits
from .folder import Facts, read_json, replace
from .hierarchies import Tree
from .holding import Launch
from .logs import LOGGER

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
LOG_BYTES = 256 << 20
"""The most that is sent of a run's output: what an orchestrator keeps of it."""
NOTE_BYTES = 64 << 10
"""Room in that for lines of the node's own."""
MAX_NAME = 255
"""Bytes of one part of a path, by Linux's file systems."""
RESERVED = ("IOG_", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES")


class Held(Facts):
    """A run that this node took, with the UUIDs of its GPUs and the numbers of the processors that
    go with them."""

    assign: Assign
    gpus: list[str]
    simulated: bool
    processors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a job runs: its limits, the lease that it ends with, and where control groups
    are made, if they can be."""

    limits: Limits
    lease: Path
    lease_seconds: float
    groups: Tree | None = None


class RunFiles:
    """Paths and files of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held = path / "held.json"
        self.work = path / "work"
        self.log = path / supervisor.LOG
        self._acked = path / "acked"
        self._image = path / "image.json"
        self._ended = path / "ended.json"

    @classmethod
    def of(cls, runs: Path, assign: Assign) -> RunFiles:
        """The folder of a run below `runs`."""
        return cls(runs / f"{assign.job}-{assign.run}")

    def make(self, held: Held, python: str) -> None:
        """Make the folder, with nothing in it from an earlier try."""
        self.remove()
        for name in ("work", "home", "tmp", "bin"):
            (self.path / name).mkdir(mode=0o700, parents=True)
        for name in ("python", "python3"):
            # no link: a virtual environment's Python has to be started by its own path
            shim = self.path / "bin" / name
            shim.write_text(f'#!/bin/sh\nexec {shlex.quote(python)} "$@"\n')
            shim.chmod(0o755)
        held.save(self.held)

    def remove(self) -> None:
        """Delete the run and all that the job left in it.

        The assignment goes first: a folder without one is cleared away by the next worker.
        """
        with contextlib.suppress(OSError):
            self.held.unlink(missing_ok=True)
        if not clear(self.path):
            LOGGER.error("run not removed: %s", self.path, extra={"action": "remove_run"})

    @property
    def launched(self) -> bool:
        """Whether a supervisor was started here."""
        return (self.path / supervisor.LAUNCH).exists()

    @property
    def log_size(self) -> int:
        """Bytes of output to send so far.

        Never more than `LOG_BYTES`, whatever lies there: a job without isolation can write to its
        log.
        """
        return min(self.log.stat().st_size, LOG_BYTES) if self.log.exists() else 0

    def read_log(self, offset: int, size: int) -> bytes:
        """At most `size` bytes of output from `offset` on."""
        with self.log.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def say(self, line: str) -> None:
        """Add a line of the node's own to the output; only once the job is over."""
        # the job may have filled the disk: its run ends all the same
        with contextlib.suppress(OSError), self.log.open("ab") as file:
            file.write(f"[node] {line}\n".encode(errors="backslashreplace"))

    @property
    def acked(self) -> int:
        """How much of the output the orchestrator has, as last kept."""
        try:
            return min(int(self._acked.read_text()), self.log_size)
        except (OSError, ValueError):
            return 0

    def keep_acked(self, offset: int) -> None:
        """Remember how much of the output the orchestrator has; without it, it is sent twice."""
        with contextlib.suppress(OSError):
            replace(self._acked, str(offset))

    def ended(self) -> Ended | None:
        """The run's end, if it was kept."""
        try:
            return Ended.model_validate_json(self._ended.read_bytes())
        except (OSError, ValueError):
            return None

    def keep_ended(self, ended: Ended) -> None:
        """Remember the run's end."""
        replace(self._ended, ended.to_json(), durable=True)

    def keep_image(self, image: Image) -> None:
        """Remember which image the run is in."""
        replace(self._image, json.dumps(asdict(image)), durable=True)

    def image(self) -> Image | None:
        """The image that the run is in, if it is in one."""
        known = read_json(self._image)
        return None if known is None else Image(str(known["reference"]), str(known["id"]))

    def launch(
        self,
        held: Held,
        spec: JobSpec,
        confinement: Confinement,
        terms: Terms,
        peers: Sequence[str] = (),
    ) -> Launch:
        """What the supervisor is to do for this run."""
        token = secrets.token_hex(16)
        env = self._defaults(confinement)
        env |= _wanted(spec) | _facts(held) | gang_env(held, peers) | {processes.TOKEN: token}
        argv, env = confinement.command(
            spec.command,
            env,
            self._own,
            [self.path / "bin"],
            held.gpus,
            network=spec.network == "outbound",
            memory=terms.limits.memory,
        )
        made = self._launch(held, token, terms, argv, env, confined=confinement.name != "none")
        if terms.groups is None:
            return made
        return replace_fields(made, group=asdict(terms.groups.group(self.path.name)))

    def launch_container(
        self,
        held: Held,
        spec: JobSpec,
        engine: Cli,
        image: Image,
        terms: Terms,
        peers: Sequence[str] = (),
    ) -> Launch:
        """What the supervisor is to do for this run, whose job is a container."""
        token = secrets.token_hex(16)
        env = {"HOME": HOME, "TMPDIR": TMP} | _wanted(spec) | _facts(held)
        env |= gang_env(held, peers)
        work, home, tmp = self._own
        box = Box(
            name=f"iog-{held.assign.job[:12].lower()}-{held.assign.run}-{token[:8]}",
            image=image.id,
            argv=spec.command,
            env=env | {processes.TOKEN: token},
            work=str(work),
            home=str(home),
            tmp=str(tmp),
            gpus=[] if held.simulated else held.gpus,
            network=spec.network == "outbound",
            max_seconds=float(held.assign.max_seconds),
        )
        if engine.owner is not None:
            for folder in self._own:
                _give(folder, engine.owner)
        made = self._launch(held, token, terms, [], {}, confined=True)
        return replace_fields(made, engine=asdict(engine), box=asdict(box))

    @property
    def _own(self) -> list[Path]:
        return [self.work, self.path / "home", self.path / "tmp"]

    def _launch(
        self,
        held: Held,
        token: str,
        terms: Terms,
        argv: list[str],
        env: dict[str, str],
        *,
        confined: bool,
    ) -> Launch:
        return Launch(
            argv=argv,
            env=env,
            cwd=str(self.work),
            token=token,
            max_seconds=float(held.assign.max_seconds),
            memory=terms.limits.memory,
            log_bytes=LOG_BYTES - TAIL - NOTE_BYTES,
            lease=str(terms.lease),
            lease_seconds=terms.lease_seconds,
            confined=confined,
            cpus=terms.limits.cpus,
            processors=list(held.processors[: ceil(terms.limits.cpus)]),
            disk=terms.limits.disk,
            processes=terms.limits.processes,
        )

    def _defaults(self, confinement: Confinement) -> dict[str, str]:
        python = Path(confinement.interpreter.path)
        return {
            "PATH": f"{self.path / 'bin'}:{python.parent}:{SYSTEM_PATH}",
            "HOME": str(self.path / "home"),
            "TMPDIR": str(self.path / "tmp"),
            "LANG": "C.UTF-8",
        }


def _wanted(spec: JobSpec) -> dict[str, str]:
    return {name: text for name, text in spec.env.items() if not name.startswith(RESERVED)}


def _facts(held: Held) -> dict[str, str]:
    """What every job is told."""
    return {
        "IOG_JOB": held.assign.job,
        "IOG_RUN": str(held.assign.run),
        "IOG_GPUS": str(len(held.gpus)),
        "IOG_GPU_UUIDS": ",".join(held.gpus),
        "IOG_MAX_SECONDS": str(held.assign.max_seconds),
        "IOG_SIMULATED": "1" if held.simulated else "0",
        # a simulated GPU must not turn into a real one of the machine
        "CUDA_VISIBLE_DEVICES": "" if held.simulated else ",".join(held.gpus),
    }


def _give(folder: Path, owner: int) -> None:
    """Make a folder and all in it another user's: nothing in it is a job's yet."""
    os.chown(folder, owner, owner)
    for entry in folder.rglob("*"):
        os.chown(entry, owner, owner, follow_symlinks=False)


def gang_env(held: Held, peers: Sequence[str]) -> dict[str, str]:
    """What a job may know of the gang it is in: alone, it is the first of one."""
    place = held.assign.gang
    return {
        "IOG_RANK": str(place.rank if place else 0),
        "IOG_NODES": str(place.nodes if place else 1),
        "IOG_GANG": place.address if place else "",
        "IOG_PEERS": ",".join(peers),
    }


def clear(path: Path) -> bool:
    """Delete a folder and all in it, however deep and whatever its permissions; False if it stays.

    Folders inside are moved up before they are emptied: a job can nest them deeper than any path
    or stack reaches.
    """
    if path.is_symlink() or not path.is_dir():
        # not of our making; what a link leads to is not to be touched
        with contextlib.suppress(OSError):
            path.unlink()
        return not path.exists()
    waiting, seen = [path], []
    while waiting:
        folder = waiting.pop()
        seen.append(folder)
        with contextlib.suppress(OSError):
            folder.chmod(0o700)
            for entry in list(os.scandir(folder)):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(_moved_up(Path(entry.path), path))
                else:
                    with contextlib.suppress(OSError):
                        Path(entry.path).unlink()
    for folder in reversed(seen):
        with contextlib.suppress(OSError):
            folder.rmdir()
    return not path.exists()


def _moved_up(folder: Path, top: Path) -> Path:
    """Where the folder lies now, which is right below `top` if it could be moved."""
    if folder.parent == top:
        return folder
    target = top / f".{secrets.token_hex(8)}"
    try:
        # one that may not be written to cannot be moved either
        folder.chmod(0o700)
        return folder.rename(target)
    except OSError:
        return folder


def misplaced(paths: Iterable[str]) -> str | None:
    """The first of these paths that cannot lie in one folder with the others."""
    taken: set[str] = set()
    above: set[str] = set()
    for path in paths:
        folders = {str(parent) for parent in PurePosixPath(path).parents}
        too_long = any(len(os.fsencode(part)) > MAX_NAME for part in path.split("/"))
        if too_long or path in taken or path in above or folders & taken:
            return path
        taken.add(path)
        above |= folders
    return None
