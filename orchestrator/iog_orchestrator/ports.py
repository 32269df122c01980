"""The outside world as the core sees it. Implementations live in `adapters`, fakes in
`adapters.memory`.

Every address and key is base58 text and every hash lowercase hex, so that no port carries a type of
a Solana library. What each method raises is in `domain.errors`.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from iog_client.hours_rule import HourInputs
from iog_orchestrator.domain.access import ApiKey
from iog_orchestrator.domain.hour_columns import Columns, Said
from iog_orchestrator.domain.jobs import (
    ChainGang,
    ChainJob,
    JobRequest,
    JobRow,
    Listed,
    Run,
    RunEnd,
    StoredStatement,
)
from iog_orchestrator.domain.network import BuiltHour, Distributor, Emission, HourReport
from iog_orchestrator.domain.nodes import ChainClass, ChainNode
from iog_orchestrator.domain.placements import Placement
from iog_orchestrator.domain.proofs import ProofResult
from iog_orchestrator.ports_nodes import NodeStore


@dataclass(frozen=True, slots=True)
class Prepared:
    """A transaction message that still needs the device's signature. `message`: base64."""

    message: str


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A statement with both signatures, as `job_prove` takes it: bytes, and base58 signatures."""

    statement: StoredStatement
    message: bytes
    matcher_signature: str


class Clock(Protocol):
    """Time of this process."""

    def monotonic(self) -> float:
        """Seconds that only ever rise: for liveness and for what was measured."""
        ...

    def wall(self) -> float:
        """Unix seconds of this machine: for logs and for the age of signed requests only."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class ChainClock(Protocol):
    """The chain's time, which decides hours and deadlines."""

    def now(self) -> float:
        """Unix seconds by the chain: the last reading plus what passed since."""
        ...

    def set(self, chain_time: float) -> None:
        """Take a new reading."""
        ...


class Signer(Protocol):
    """The orchestrator's own key towards workers, and the check of others' signatures."""

    @property
    def address(self) -> str: ...

    def sign(self, message: bytes) -> str: ...

    def verify(self, key: str, message: bytes, signature: str) -> bool: ...


class Chain(Protocol):
    """The four programs. Reads are confirmed state; sends return once they are confirmed.

    Raises:
        ChainRefused: a program or the cluster refused.
        ChainUnreachable: no answer.
    """

    async def time(self) -> float: ...

    async def emission(self) -> Emission: ...

    async def distributor(self) -> Distributor: ...

    async def classes(self, hour: int | None = None) -> list[ChainClass]:
        """The classes as they count in `hour`, by default in the running one."""
        ...

    async def nodes(self) -> list[ChainNode]: ...

    async def node(self, device: str) -> ChainNode | None: ...

    async def jobs(self) -> list[ChainJob]:
        """All jobs that name this orchestrator's key as their matcher."""
        ...

    async def job(self, address: str) -> ChainJob | None: ...

    async def lamports(self) -> int:
        """SOL of this orchestrator's key, which pays the fees, in 10^-9."""
        ...

    async def funded(self, address: str) -> bool:
        """Whether there is SOL on an address."""
        ...

    async def is_delegate(self, wallet: str, key: str) -> bool:
        """Whether a wallet lets a key open jobs of its."""
        ...

    async def next_job(self, client: str) -> int:
        """The number that a client's next job gets."""
        ...

    def job_address(self, client: str, number: int) -> str: ...

    async def assign(self, job: ChainJob, node: ChainNode) -> None: ...

    async def gang(self, address: str) -> ChainGang | None: ...

    async def prepare_start(self, job: ChainJob) -> Prepared: ...

    async def prepare_join(self, job: ChainJob) -> Prepared: ...

    async def start_member(self, job: ChainJob) -> None:
        """Have a member run from the moment at which its gang has started."""
        ...

    async def prepare_finish(
        self, job: ChainJob, end: RunEnd, proof: Cosigned | None
    ) -> Prepared: ...

    async def prepare_release(self, job: ChainJob, reason: str) -> Prepared: ...

    async def release(self, job: ChainJob) -> None:
        """Give up the run of a node that was lost, and open the job for another one."""
        ...

    async def submit(self, prepared: Prepared, device: str, signature: str) -> None:
        """Add the device's signature and this orchestrator's, and send."""
        ...

    async def prove(self, job: ChainJob, proof: Cosigned) -> None: ...

    async def expire(self, job: ChainJob) -> None: ...

    async def settle(self, job: ChainJob) -> None: ...

    async def propose(self, epoch: int, root: str, total: int, count: int, data_hash: str) -> None:
        """Mint what is due and propose a root, in one transaction."""
        ...

    async def advance(self) -> None: ...


class JobStore(Protocol):
    """Jobs, runs and statements. Every write is refused with `LeaseLost` once another process
    leads."""

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


class BlobStore(Protocol):
    """Files by their SHA-256."""

    async def put(
        self, sha256: str, body: AsyncIterator[bytes], owner: str = "", offset: int = 0
    ) -> int:
        """Store a body; its size. What came of one that breaks off is kept for its `owner`, who may
        send the rest from `offset` on.

        Raises:
            TooMuch: it is above the cap.
            PartHeld: it is being sent by way of another process.
            RequestRefused: the hash differs, fewer than `offset` bytes are here, or the owner has
                begun to send it anew.
        """
        ...

    def received(self, sha256: str, owner: str) -> int:
        """Bytes that are here of a body that its owner has not sent whole yet."""
        ...

    def size(self, sha256: str) -> int | None: ...

    def chunks(self, sha256: str) -> AsyncIterator[bytes]: ...


class LogStore(Protocol):
    """Output of runs, by offset."""

    async def append(self, job: str, run: int, offset: int, data: bytes) -> int:
        """Store bytes at an offset at or below the end; the new end. Raises `RequestRefused` for a
        gap."""
        ...

    async def read(self, job: str, run: int, offset: int, limit: int) -> bytes: ...

    async def length(self, job: str, run: int) -> int: ...


class Publisher(Protocol):
    """Where anyone finds the hours' files."""

    place: str
    """What people call it."""

    async def publish(self, hour: int, document: bytes) -> None:
        """Put an hour's document and its signature there, to stay."""
        ...

    def signature(self, hour: int, document: bytes) -> bytes:
        """The file that says who vouches for an hour's document; the same each time."""
        ...

    async def published(self, hour: int) -> bytes | None:
        """What was published of an hour; None if nothing was."""
        ...


class HourWorks(Protocol):
    """Hours too big for one document: their parts, and proofs out of stored trees."""

    async def build(
        self, inputs: HourInputs, columns: Columns, previous: bytes | None
    ) -> BuiltHour:
        """Write an hour's parts and its tree; nodes are the columns', leaves those of `previous`,
        the document of the hour before."""
        ...

    def part(self, sha256: str) -> bytes:
        """A part. Raises `Unknown`."""
        ...

    def proof(self, hour: int, wallet: str) -> tuple[int, list[bytes]]:
        """Cumulative reward and siblings of a wallet. Raises `Unknown`."""
        ...


class WorkerLink(Protocol):
    """Frames to connected nodes; each call says whether the node was there to take it."""

    async def send(self, device: str, frame: BaseModel) -> bool: ...

    async def close(self, device: str, reason: str) -> None: ...
