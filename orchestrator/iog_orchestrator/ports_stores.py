"""What the database keeps, as the core sees it: `Store` is all of it.

Every write is refused with `LeaseLost` once another process leads.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from iog_orchestrator.domain.access import ApiKey
from iog_orchestrator.domain.hour_columns import Said
from iog_orchestrator.domain.jobs import ChainJob, JobRequest, JobRow, Listed, Run, StoredStatement
from iog_orchestrator.domain.network import HourReport
from iog_orchestrator.domain.notices import Notice
from iog_orchestrator.domain.placements import Placement
from iog_orchestrator.domain.proofs import ProofResult
from iog_orchestrator.domain.reliability import NodeHour


class JobStore(Protocol):
    """Jobs, runs and statements."""

    async def put_request(self, request: JobRequest) -> None: ...

    async def put_refused(self, request: JobRequest, keep: int) -> None:
        """Put a refused job on record; of its client's only the `keep` newest stay there."""
        ...

    async def request(self, address: str) -> JobRequest | None: ...

    async def pending(self, client: str) -> int:
        """How many of a client's acknowledged jobs have not been seen on chain."""
        ...

    async def forget_requests(self, unopened_before: float, refused_before: float) -> int:
        """Delete requests of before these wall times; how many there were."""
        ...

    async def page(
        self, client: str | None, *, refused: bool, before: str | None, limit: int
    ) -> list[Listed]:
        """Jobs of a client, or of all, newest first, from the one after `before` (an id) on.

        `refused` adds those of the client that were never opened.
        """
        ...

    async def put_job(self, job: ChainJob, seen_at: int) -> None:
        """Keep the newest reading; `seen_at` is the chain's time of it."""
        ...

    async def job(self, address: str) -> JobRow | None: ...

    async def unsettled(self) -> list[JobRow]:
        """Oldest first."""
        ...

    async def put_run(self, run: Run) -> None: ...

    async def run(self, job: str, run: int) -> Run | None: ...

    async def runs(self, job: str) -> list[Run]: ...

    async def put_statements(self, statements: Sequence[StoredStatement]) -> None: ...

    async def job_statement(self, job: str, run: int) -> StoredStatement | None: ...

    async def hour_statements(self, hour: int) -> list[StoredStatement]: ...

    async def counter(self, device: str) -> int:
        """The highest statement counter stored of a device; 0 for none."""
        ...

    async def count_run(self, run: Run, failed: bool) -> None:
        """Put a run on record and count it for its device, once for each state it is put in."""
        ...


class PresenceStore(Protocol):
    """What outlives a process about who was there."""

    async def device_hours(self, device: str, hours: Collection[int]) -> dict[int, int]:
        """Seconds that a device has signed for, by hour, as far as there are any."""
        ...

    async def put_simulated(self, device: str, simulated: bool) -> None: ...

    async def simulated(self) -> set[str]:
        """The devices that said so when they last connected."""
        ...

    async def put_alive(self, wall: float) -> None:
        """Note that the process was running at this wall time."""
        ...

    async def alive(self) -> float | None:
        """The newest such note, also of an earlier process."""
        ...


class PlacementStore(Protocol):
    """Why a job got its node, and which jobs belong together."""

    async def put_placements(self, records: Sequence[Placement]) -> None:
        """Keep these, all or none; a newer record of the same run replaces the older."""
        ...

    async def placement(self, job: str, run: int | None = None) -> Placement | None:
        """The record of a run, by default of the newest that has one."""
        ...

    async def forget_placements(self, before: float) -> int:
        """Delete those of before this chain time; how many there were."""
        ...

    async def members(self, gang: str) -> list[JobRow]:
        """The jobs of a gang, by their numbers."""
        ...


class HourStore(Protocol):
    """Closed hours, and the intent to put their root on chain."""

    async def put_hour(self, report: HourReport, document: bytes) -> None: ...

    async def mark_hour(self, hour: int, state: str) -> None: ...

    async def hour(self, hour: int) -> bytes | None: ...

    async def last_hour(self) -> HourReport | None: ...

    async def hours(self, limit: int = 1000) -> list[HourReport]:
        """Newest first."""
        ...

    async def hour_of_root(self, root: str) -> HourReport | None: ...

    async def said_of_hour(self, hour: int, after: str, rows: int) -> Said | None:
        """The newest statements on an hour of the first `rows` devices after `after`; None if there
        are no more."""
        ...


class AccessStore(Protocol):
    """Who may read which blob, and the nonces of signed requests."""

    async def grant(self, key: str, hashes: Sequence[str]) -> None: ...

    async def granted(self, key: str, sha256: str) -> bool: ...

    async def use_nonce(self, key: str, nonce: str, until: float) -> bool:
        """Remember a nonce until that wall time; False when it was there already."""
        ...

    async def forget_nonces(self, before: float) -> None: ...


class KeyStore(Protocol):
    """API keys of wallets."""

    async def put_api_key(self, key: ApiKey, most: int) -> bool:
        """Store a key; False, storing nothing, if the wallet has `most` that have not expired."""
        ...

    async def api_key(self, name: str) -> ApiKey | None: ...

    async def api_keys(self, wallet: str) -> list[ApiKey]:
        """Newest first."""
        ...

    async def forget_api_key(self, wallet: str, name: str) -> bool:
        """Whether the wallet had it."""
        ...


class ProofStore(Protocol):
    """How GPU proofs ended."""

    async def put_proof(self, result: ProofResult, document: bytes | None) -> None:
        """Put a result on record; `document` is the evidence of a failure. Of a device the newest
        64 results are kept, and the evidence of its newest 4 failures."""
        ...

    async def proofs(self, device: str, limit: int) -> list[ProofResult]:
        """Of one device, newest first."""
        ...

    async def last_proofs(self, count: int) -> list[ProofResult]:
        """The newest `count` of each device, oldest first."""
        ...

    async def proof_evidence(self, sha256: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class GpuReport:
    """A device has reported a GPU; `seen_at`: wall time when it went away, 0 while it is
    connected."""

    uuid: str
    device: str
    seen_at: float


class NodeStore(Protocol):
    """What outlives a process of nodes: their GPUs, blocked hours, notices and reliability."""

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


class Store(
    JobStore,
    PresenceStore,
    PlacementStore,
    HourStore,
    AccessStore,
    KeyStore,
    ProofStore,
    NodeStore,
    Protocol,
):
    """Everything durable."""

    async def close(self) -> None: ...
