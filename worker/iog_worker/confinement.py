"""How a job is kept apart from the machine: bubblewrap where it works, else nothing.

Inside bubblewrap a job sees the system's programs read-only, its own folders and the GPUs it got,
and none of the machine's files, processes, keys or other GPUs. It has no network either, unless it
asks and the operator allows it: that is the machine's own, with all that listens there. Its
environment is set inside: a variable such as LD_PRELOAD must not reach the sandbox's own program,
which runs outside.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Literal

from iog_client.errors import UsageError

from .processes import TOKEN

Name = Literal["bubblewrap", "none"]

_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
_ETC = (
    "alternatives",
    "ca-certificates",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "nsswitch.conf",
    "pki",
    "resolv.conf",
    "ssl",
)
_SHARED_DEVICES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset")
"""What the driver needs besides a GPU's own device; none of them gives access to a GPU."""
_TRIAL_SECONDS = 10
_TRIAL_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The Python that jobs run, and the folders it needs."""

    path: str
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confinement:
    """What was found at start-up; `program` is bubblewrap's path.

    `devices` has the device file of each GPU by its UUID; simulated ones have none.
    """

    name: Name = "none"
    program: str = ""
    interpreter: Interpreter = field(default_factory=lambda: Interpreter("python3"))
    devices: Mapping[str, str] = field(default_factory=dict)
    network: bool = False
    """Whether the operator lets jobs that ask for it use the machine's network."""
    cut_off: bool = True
    """Whether jobs can be kept from it here."""
    sized: bool = True
    """Whether this bubblewrap can limit a file system in memory: from 0.8 on."""

    def command(
        self,
        argv: list[str],
        env: dict[str, str],
        folders: list[Path],
        readable: list[Path],
        gpus: list[str],
        *,
        network: bool = False,
        memory: int = 0,
    ) -> tuple[list[str], dict[str, str]]:
        """What to run, with which environment, so that `argv` sees only these folders and GPUs.

        The first folder is where it starts, the last one what it sees as /tmp. `network` is what
        the job asks for, `memory` how many bytes it may use, half of them in /dev/shm; 0 for any.
        """
        if self.name == "none":
            return argv, env
        options = [self.program, *_base(self.interpreter, self.network and network, folders[-1])]
        # nobody counts what lies in memory and is of no process, unless a control group does
        options += _shared_memory(memory // 2 if self.sized else 0)
        options += self._gpu_options(gpus)
        for path in readable:
            options += ["--ro-bind", str(path), str(path)]
        for path in folders:
            options += ["--bind", str(path), str(path)]
        # what is not bound lies in memory: without this a job could fill it
        options += ["--remount-ro", "/dev", "--remount-ro", "/"]
        options += ["--chdir", str(folders[0]), "--clearenv"]
        for name, value in env.items():
            options += ["--setenv", name, value]
        # the mark of the run stays on the sandbox's own process too
        outer = {"PATH": "/usr/bin:/bin", TOKEN: env[TOKEN]} if TOKEN in env else {}
        return [*options, "--", *argv], outer

    def _gpu_options(self, gpus: list[str]) -> list[str]:
        own = [self.devices[uuid] for uuid in gpus if uuid in self.devices]
        options = []
        for device in own:
            options += ["--dev-bind", device, device]
        for name in _SHARED_DEVICES if own else ():
            options += ["--dev-bind-try", f"/dev/{name}", f"/dev/{name}"]
        return options


def find(
    interpreter: Interpreter, devices: Mapping[str, str] | None = None, *, network: bool = False
) -> Confinement:
    """The best confinement that works here; bubblewrap is tried by running nothing in it.

    Where it cannot keep jobs from the network it is used for those that ask for one, if there may
    be any.
    """
    program = shutil.which("bwrap")
    ways = product((True, False) if network else (True,), (True, False))
    for cut_off, sized in ways:
        options = [*_base(interpreter, not cut_off), *_shared_memory(_TRIAL_BYTES if sized else 0)]
        if program is not None and _works(program, options):
            known = devices or {}
            return Confinement("bubblewrap", program, interpreter, known, network, cut_off, sized)
    return Confinement(interpreter=interpreter, network=network, cut_off=False)


def _works(program: str, options: list[str]) -> bool:
    trial = [program, *options, "--remount-ro", "/dev", "--remount-ro", "/", "--", "true"]
    try:
        done = subprocess.run(trial, capture_output=True, timeout=_TRIAL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def interpreter(path: str) -> Interpreter:
    """Ask a Python where it lives. Raises `UsageError` when it is none."""
    found = shutil.which(path)
    question = "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix]))"
    try:
        if found is None:
            raise FileNotFoundError(path)
        answer = subprocess.run(
            [found, "-I", "-c", question],
            capture_output=True,
            timeout=_TRIAL_SECONDS,
            check=True,
        )
        prefixes = {str(prefix) for prefix in json.loads(answer.stdout)}
    except (OSError, ValueError, subprocess.SubprocessError):
        raise UsageError(f"--python {path} is not a Python that runs here") from None
    # not resolved: a virtual environment's Python is a link, and finds its packages by its own path
    own = str(Path(found).absolute())
    return Interpreter(own, tuple(sorted(prefixes - {"/usr", "/usr/local", "/"})))


def _base(interpreter: Interpreter, network: bool, tmp: Path | None = None) -> list[str]:
    options = ["--unshare-user-try", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try"]
    options += [] if network else ["--unshare-net"]
    options += ["--die-with-parent", "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev"]
    options += ["--tmpfs", "/tmp"] if tmp is None else ["--bind", str(tmp), "/tmp"]
    options += ["--ro-bind-try", "/sys", "/sys", "--ro-bind", "/usr", "/usr"]
    for name in _SYSTEM:
        folder = Path(name)
        if folder.is_symlink():
            options += ["--symlink", str(folder.readlink()), name]
        elif folder.is_dir():
            options += ["--ro-bind", name, name]
    for name in ("/opt", *(f"/etc/{name}" for name in _ETC)):
        options += ["--ro-bind-try", name, name]
    for name in interpreter.folders:
        options += ["--ro-bind", name, name]
    return options


def _shared_memory(size: int) -> list[str]:
    """Options for a /dev/shm of at most so many bytes; 0 for any."""
    return [*(["--size", str(size)] if size else []), "--tmpfs", "/dev/shm"]
