"""What this node takes: jobs that it can keep apart and give what they ask for."""

from __future__ import annotations

from iog_client.errors import IogError
from iog_client.jobspec import JobSpec

from .containers import Limits
from .station import Station


class NotTaken(IogError):  # noqa: N818 - an outcome, as people read it
    """the node cannot take the run; `reason` is the label of an end reason"""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


def check_takes(station: Station, spec: JobSpec, gpus: int) -> None:
    """Whether such a job can run here at all. Raises `NotTaken`."""
    share = station.share(gpus)
    if spec.image is not None and station.engine is None:
        raise NotTaken("node_failed", "this node has no container engine, and runs no images")
    if spec.image is None and not station.takes_commands:
        raise NotTaken(
            "node_failed",
            "this node has no isolation and was started without --allow-unconfined",
        )
    if spec.network == "outbound" and not station.confinement.network:
        raise NotTaken("node_failed", "this node was started without --allow-network")
    boxed = spec.image is not None or station.confinement.name == "none"
    if spec.network == "none" and not boxed and not station.confinement.cut_off:
        raise NotTaken("node_failed", "this node cannot keep a job from its network")
    for what, asked, most in (
        ("processors", spec.resources.cpus, share.cpus),
        ("MiB of memory", spec.resources.ram, share.memory >> 20),
        ("MiB of disk", spec.resources.disk, share.disk >> 20),
    ):
        if asked is not None and asked > most:
            raise NotTaken("node_failed", f"{asked} {what} are asked; with these GPUs go {most:g}")


def limits_of(station: Station, spec: JobSpec, gpus: int) -> Limits:
    """What a run may use: what its job asks for, else the share of its GPUs."""
    asked, share = spec.resources, station.share(gpus)
    return Limits(
        cpus=asked.cpus or share.cpus,
        memory=share.memory if asked.ram is None else asked.ram << 20,
        disk=share.disk if asked.disk is None else asked.disk << 20,
        processes=share.processes,
    )
