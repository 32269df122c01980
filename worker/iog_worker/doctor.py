"""`iog node doctor`: whether this machine can work as the node it was set up as."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial

from iog_client.api import OrchestratorApi
from iog_client.doctor import free_bytes, orchestrator_checks, private
from iog_client.examination import Broken, Doubt, Examination

from . import confinement, hierarchies, setup
from .folder import NodeFolder

GIB = 1 << 30
LITTLE_DISK = 10 * GIB
WORKER_AWAY = 10.0
"""Seconds after which a worker that has not renewed the folder's lease does not do its work."""
MORE_DISK = "make room: jobs bring their inputs and leave their outputs here"
ISOLATION = "install bubblewrap; `iog node run --allow-unconfined` takes jobs without it"
LIMITS = "run the node as the unit in deploy/ does, with systemd 254 or newer, or as root"
START = "`iog node run` starts it"


async def examine(
    folder: NodeFolder, python: str, url: str | None = None, now: Callable[[], float] = time.time
) -> Examination:
    """The node's folder, its GPUs, what runs jobs here, and its orchestrator. `url` takes the place
    of the orchestrator's in the folder."""
    looking = Examination()
    if await looking.look(
        "folder",
        partial(_folder, folder),
        todo="`iog node init` makes one; --folder names another",
    ):
        url = url or folder.facts().orchestrator_url
    await looking.look(
        "GPUs",
        partial(_gpus, folder),
        "folder",
        todo="a node's GPUs are fixed by its registration: bring them back, or make another node "
        "by `iog node init` with another --folder",
    )
    await looking.look("disk", partial(_disk, folder), todo=MORE_DISK)
    await looking.look("python", partial(_python, python), todo="name another by --python")
    await looking.look("isolation", partial(_isolation, python), "python", todo=ISOLATION)
    await looking.look("limits", partial(_limits, folder), todo=LIMITS)
    await looking.look("worker", partial(_running, folder), "folder", todo=START)
    if url is not None:
        await orchestrator_checks(looking, url, now)
        await looking.look(
            "registration",
            partial(_registered, folder, url),
            "folder",
            "orchestrator",
            todo=f"`iog node register {folder.registration}`, where the owner's wallet is",
        )
    return looking


async def _folder(folder: NodeFolder) -> str:
    key, facts = folder.identity()
    private(folder.device, "device key")
    return f"{key.pubkey()} in {folder.path}, {facts.gpus}x{facts.gpu_class}"


async def _gpus(folder: NodeFolder) -> str:
    key, facts = folder.identity()
    gpus = setup.source(facts.simulated, key)
    found = setup.hardware(facts, gpus)
    count = f"{len(found.gpus)}x{found.gpu_class}"
    if facts.simulated is not None:
        return f"{count}, simulated"
    missing = [path for path in gpus.devices().values() if not os.access(path, os.R_OK | os.W_OK)]
    if missing:
        raise Broken(
            f"{', '.join(missing)} cannot be used by this user",
            "let this user read and write it, mostly by its group: `ls -l` names that",
        )
    return f"{count}, driver {found.driver}"


async def _disk(folder: NodeFolder) -> str:
    free = free_bytes(folder.path)
    said = f"{free / GIB:.0f} GiB free for jobs"
    if free < LITTLE_DISK:
        raise Doubt(f"{said}: little")
    return said


async def _python(python: str) -> str:
    return f"jobs run {confinement.interpreter(python).path}"


async def _isolation(python: str) -> str:
    found = confinement.find(confinement.interpreter(python))
    if found.name == "none":
        raise Doubt("bubblewrap does not work here: jobs of clients are refused")
    return f"jobs are kept apart by {found.name}"


async def _limits(folder: NodeFolder) -> str:
    if folder.is_held():
        tree, why = folder.kept_groups(), "the worker's log says why"
    else:
        tree, complaints = hierarchies.find(folder.path)
        why = "; ".join(complaints)
    if tree is None:
        raise Doubt(
            "memory and processes of jobs are only looked at once a second, there are no control "
            f"groups: {why}"
        )
    return f"the kernel keeps jobs to their limits, by control groups of version {tree.version}"


def _age(folder: NodeFolder) -> float | None:
    """Seconds since a worker renewed the lease; None when none ever did."""
    try:
        return time.time() - folder.lease.stat().st_mtime
    except FileNotFoundError:
        return None


async def _running(folder: NodeFolder) -> str:
    age, held = _age(folder), folder.is_held()
    if age is None:
        raise Doubt("no worker has run this node yet")
    if not held:
        raise Doubt(f"no worker runs this node; one did {age:.0f} s ago")
    if age > WORKER_AWAY:
        raise Doubt(f"the worker of this node has done nothing for {age:.0f} s", "look at its log")
    return "a worker runs this node now"


async def _registered(folder: NodeFolder, url: str) -> str:
    facts = folder.facts()
    async with OrchestratorApi(url) as api:
        node = await api.node_status(facts.device)
    if (node.gpus, node.gpu_class) != (facts.gpus, facts.gpu_class):
        raise Doubt(
            f"it is registered with {node.gpus}x{node.gpu_class}, and its folder is for "
            f"{facts.gpus}x{facts.gpu_class}",
            "`iog node init --change` with what it is registered with",
        )
    if node.no_jobs:
        raise Doubt(
            f"the node takes no jobs: {'; '.join(one.text for one in node.no_jobs)}",
            "; ".join(one.action for one in node.no_jobs),
        )
    return f"registered by {node.owner}, {node.state}, takes jobs"
