"""A node's folder: its key, what it pinned at `init`, and its runs.

device.json        the device key, for the owner's eyes only
node.json          `NodeFacts`: the network, pinned
registration.json  a `Registration`: what `iog node register` sends, from the owner's machine
counter, hours.json  what statements were signed (proofs.py)
speed.json         how fast the orchestrator was reached last (speed.py)
groups.json        where the last worker made control groups (hierarchies.py)
lock, lease        one worker a folder; a living worker touches the lease
runs/JOB-RUN/      one folder a run (runs.py)
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from solders.keypair import Keypair

from iog_client import wallets
from iog_client.errors import NotAllowed, NotFound, UsageError
from iog_client.protocol import Country, Key

from . import processes
from .hierarchies import Tree


class Facts(BaseModel):
    """Base of what lies in the folder as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def load(cls, path: Path, made_by: str) -> Self:
        """Read from a file. Raises `NotFound` or `UsageError`, naming it and what makes it."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise NotFound(f"{path} does not exist; `{made_by}` writes it") from None
        except OSError as error:
            raise NotAllowed(f"{path} cannot be read: {error.strerror}") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise UsageError(f"{path} is not usable: {where}: {first['msg']}") from None

    def save(self, path: Path) -> None:
        """Write to a file, all or nothing."""
        replace(path, self.model_dump_json(indent=2) + "\n")


class NodeFacts(Facts):
    """The network that this node belongs to, and what it is in it; checked again at each start."""

    orchestrator_url: str
    orchestrator: Key
    genesis_hash: Key
    programs: dict[str, Key]
    device: Key
    gpu_class: str
    gpus: int
    simulated: str | None = None
    """What `--simulate` said, for nodes without real GPUs."""
    country: Country = ""
    """What `--country` said."""


class NodeFolder:
    """Paths in a node's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self.device = self.path / "device.json"
        self.node = self.path / "node.json"
        self.registration = self.path / "registration.json"
        self.counter = self.path / "counter"
        self.hours = self.path / "hours.json"
        self.lease = self.path / "lease"
        self.speed = self.path / "speed.json"
        self._groups = self.path / "groups.json"
        self.runs = self.path / "runs"

    def make(self) -> None:
        """Make the folder where it is missing, readable by this user alone."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise NotAllowed(f"{self.path} cannot be made: {error.strerror}") from None

    def key(self) -> Keypair:
        """The device key."""
        if not self.device.exists() and self.node.exists():
            raise NotFound(
                f"the device key {self.device} is gone, without which no machine is the node of "
                f"{self.node}: put it back, or make another node in another --folder"
            )
        if not self.device.exists():
            raise NotFound(f"{self.path} is not a node's folder; `iog node init` makes one")
        return wallets.load(self.device, "device key")

    def identity(self) -> tuple[Keypair, NodeFacts]:
        """The device key and what was pinned, which have to belong together.

        Raises:
            NotAllowed: another node's key lies in the folder.
        """
        key, facts = self.key(), self.facts()
        if str(key.pubkey()) != facts.device:
            raise NotAllowed(
                f"{self.device} holds the key {key.pubkey()}, and this node is {facts.device}: "
                "a device key belongs to one node"
            )
        return key, facts

    def facts(self) -> NodeFacts:
        """What was pinned at `init`."""
        return NodeFacts.load(self.node, "iog node init")

    def lock(self) -> int:
        """Hold the folder for this process; the handle is to be kept open.

        Raises:
            NotAllowed: another worker holds it.
        """
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise NotAllowed(f"another worker runs this node ({self.path})") from None
        return handle

    def is_held(self) -> bool:
        """Whether a worker holds the folder. It is read from /proc: to try the lock would keep a
        worker that starts at that moment from it."""
        try:
            number = str((self.path / "lock").stat().st_ino)
            locks = (processes.PROC / "locks").read_text().splitlines()
        except OSError:
            return False
        # proc_locks(5): the sixth field of a lock is major:minor:inode
        held = [line.split()[-3] for line in locks if " FLOCK " in line]
        return number in {place.rpartition(":")[2] for place in held}

    def keep_groups(self, tree: Tree | None) -> None:
        """Remember where this worker makes control groups, for whoever looks from outside."""
        replace(self._groups, json.dumps(None if tree is None else asdict(tree)))

    def kept_groups(self) -> Tree | None:
        """Where the last worker made control groups; None if it could not."""
        known: dict[str, Any] | None = read_json(self._groups)
        return None if known is None else Tree(**known)

    def touch(self) -> None:
        """Renew the lease that the supervisors watch."""
        self.lease.touch(mode=0o600)
        os.utime(self.lease)


def replace(path: Path, text: str, *, durable: bool = False) -> None:
    """Write a file so that a reader sees all of it or what was there before."""
    partial = path.with_name(path.name + ".new")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    partial.replace(path)


def read_json(path: Path) -> dict[str, object] | None:
    """A JSON object, or None where there is no such file or it is something else."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
