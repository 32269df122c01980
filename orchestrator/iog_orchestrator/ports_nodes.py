"""What outlives a process of nodes: their GPUs, blocked hours, notices and reliability."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from iog_orchestrator.domain.notices import Notice
from iog_orchestrator.domain.reliability import NodeHour


@dataclass(frozen=True, slots=True)
class GpuReport:
    """A device has reported a GPU; `seen_at`: wall time when it went away, 0 while it is
    connected."""

    uuid: str
    device: str
    seen_at: float


class NodeStore(Protocol):
    """See the module; every write is refused with `LeaseLost` once another process leads."""

    async def put_gpus(self, device: str, uuids: Collection[str], seen_at: float) -> None:
        """What a device reports now; what it reported before is forgotten."""
        ...

    async def gpu_reports(self) -> list[GpuReport]: ...

    async def put_blocks(self, hour: int, reasons: dict[str, str]) -> None:
        """Devices that were blocked in an hour, each with its reason; the first one stays."""
        ...

    async def blocked(self, hour: int) -> dict[str, str]:
        """The reason by device for each that was blocked at any moment of an hour."""
        ...

    async def put_notice(self, notice: Notice) -> None:
        """Put a notice in place of the device's earlier one."""
        ...

    async def drop_notice(self, device: str) -> None: ...

    async def notices(self) -> list[Notice]: ...

    async def run_totals(self) -> dict[str, tuple[int, int]]:
        """Runs that ended and that failed by the node's fault, ever, by device."""
        ...

    async def put_node_hours(self, rows: Sequence[NodeHour], forget_before: int) -> None:
        """Add to the history, and forget the hours before one."""
        ...

    async def newest_node_hours(self) -> dict[str, NodeHour]:
        """The newest record of each device."""
        ...

    async def node_history(self, device: str, limit: int) -> list[NodeHour]:
        """Newest first."""
        ...
