"""Where this worker can make control groups for its runs: each place is tried with a group.

Version 2: below a unit of systemd that has `Delegate=yes` and `DelegateSubgroup=`, or, for root,
in the group `iog` of the whole machine. The worker does not move itself into a group below its
unit's: a unit's own group must hold no processes once groups below it have limits, so systemd
could not start the worker again while jobs that outlive it run. `DelegateSubgroup=` (systemd 254)
has it start in a group below.

Version 1: below the worker's own group, for root.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from .containers import Limits
from .control_groups import CONTROLLERS, Group, write
from .holding import PROCESSES
from .logs import LOGGER

PROC = Path("/proc/self")
TOP_GROUP = "iog"
DELEGATED = "user.delegate"
"""What systemd marks a group with that it has given away."""
_TRIAL_SECONDS = 10.0
_TRIAL_MEMORY = 64 << 20
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Tree:
    """Where groups are made, by controller; the names of one node's all begin with `prefix`."""

    version: int
    folders: Mapping[str, str]
    prefix: str

    def group(self, run: str) -> Group:
        """The group of a run."""
        return Group(
            self.version,
            {name: f"{folder}/{self.prefix}{run}" for name, folder in self.folders.items()},
        )

    def sweep(self, kept: Collection[str]) -> None:
        """End and delete this node's groups but those of the runs that are `kept`."""
        found = {
            path.name.removeprefix(self.prefix)
            for folder in set(self.folders.values())
            for path in Path(folder).glob(f"{self.prefix}*")
        }
        for run in found - set(kept):
            removed = self.group(run).remove()
            LOGGER.warning(
                "group of a run that is gone %s: %s",
                "removed" if removed else "not removed",
                run,
                extra={"action": "sweep_groups"},
            )

    def try_out(self) -> None:
        """Run nothing in a group that has limits. Raises `OSError`, `ValueError` or
        `subprocess.SubprocessError`."""
        group = self.group(f"trial-{os.getpid()}")
        try:
            # all processors: version 1 gives no group more than the one above it has
            group.make(Limits(float(os.cpu_count() or 1), _TRIAL_MEMORY, processes=PROCESSES))
            subprocess.run(
                ["/bin/true"], preexec_fn=group.enter, timeout=_TRIAL_SECONDS, check=True
            )
            group.usage()
        finally:
            removed = group.remove()
        if not removed:
            raise ValueError("a group cannot be removed")


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a hierarchy is mounted, and which group of it is the top there."""

    point: Path
    root: str

    def folder(self, group: str) -> Path | None:
        """The folder of a group, if it is below."""
        if self.root == "/":
            return self.point / group.strip("/")
        if group == self.root or group.startswith(f"{self.root}/"):
            return self.point / group.removeprefix(self.root).strip("/")
        return None


def find(node: Path) -> tuple[Tree | None, list[str]]:
    """Where groups with limits can be made here, for the node of this folder; and what was wrong
    with the places that were tried before."""
    mounts = read_mounts((PROC / "mountinfo").read_text())
    own = read_own((PROC / "cgroup").read_text())
    complaints: list[str] = []
    for version, tried in ((2, _version_2), (1, _version_1)):
        try:
            tree = Tree(version, tried(mounts, own), prefix_of(node))
            tree.try_out()
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            complaints.append(f"version {version}: {error}")
        else:
            return tree, complaints
    return None, complaints


def prefix_of(node: Path) -> str:
    """How the names of a node's groups begin: a copy of its folder is another one's."""
    with contextlib.suppress(FileNotFoundError):
        found = node.stat()
        return f"iog-{found.st_dev:x}-{found.st_ino:x}-"
    return f"iog-none-{os.getpid()}-"


def read_mounts(mountinfo: str) -> dict[str, list[Mount]]:
    """The mounts of each controller, from the text of /proc/self/mountinfo; version 2's are under
    the empty name."""
    found: dict[str, list[Mount]] = {}
    for line in mountinfo.splitlines():
        fields, _, rest = line.partition(" - ")
        kind, _, options = rest.split(" ", 2)
        if kind not in ("cgroup", "cgroup2"):
            continue
        root, point = (_ESCAPED.sub(_character, text) for text in fields.split(" ")[3:5])
        for name in [""] if kind == "cgroup2" else options.split(","):
            found.setdefault(name, []).append(Mount(Path(point), root))
    return found


def read_own(cgroup: str) -> dict[str, str]:
    """The group of this process for each controller, from the text of /proc/self/cgroup."""
    own: dict[str, str] = {}
    for line in cgroup.splitlines():
        _, names, path = line.split(":", 2)
        own |= dict.fromkeys(names.split(","), path)
    return own


def _version_2(mounts: Mapping[str, list[Mount]], own: Mapping[str, str]) -> dict[str, str]:
    """Folders that may do, made ready for it. Raises `OSError` or `ValueError`."""
    point, mine = _place(mounts, own, "")
    base = mine.parent
    if mine == point or not _is_delegated(base):
        if os.geteuid() != 0:
            raise ValueError(
                "no group is delegated to this worker; a unit of systemd 254 or newer with "
                "Delegate=yes and DelegateSubgroup=worker has one"
            )
        base = point / TOP_GROUP
        _enable(point)
        base.mkdir(exist_ok=True)
    _enable(base)
    return dict.fromkeys(CONTROLLERS[2], str(base))


def _version_1(mounts: Mapping[str, list[Mount]], own: Mapping[str, str]) -> dict[str, str]:
    """Folders that may do. Raises `ValueError`."""
    return {name: str(_place(mounts, own, name)[1]) for name in CONTROLLERS[1]}


def _place(
    mounts: Mapping[str, list[Mount]], own: Mapping[str, str], controller: str
) -> tuple[Path, Path]:
    """Where a controller is mounted, and the folder of this process's group there."""
    for mount in mounts.get(controller, []):
        folder = mount.folder(own.get(controller, "/"))
        if folder is not None and ".." not in folder.parts and folder.is_dir():
            return mount.point, folder
    raise ValueError(f"{controller or 'it'} is not mounted")


def _enable(folder: Path) -> None:
    """Have the groups below a folder keep limits. Raises `OSError` or `ValueError`."""
    there = set((folder / "cgroup.controllers").read_text().split())
    if missing := [name for name in CONTROLLERS[2] if name not in there]:
        raise ValueError(f"{folder} has no {', '.join(missing)}")
    write(folder / "cgroup.subtree_control", " ".join(f"+{name}" for name in CONTROLLERS[2]))


def _is_delegated(folder: Path) -> bool:
    try:
        return os.getxattr(folder, DELEGATED) == b"1"
    except OSError:
        return False


def _character(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 8))
