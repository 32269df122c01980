"""The outside world as the core sees it; what the database keeps is in `ports_stores`.
Implementations live in `adapters`, fakes in `adapters.memory`.

Every address and key is base58 text and every hash lowercase hex, so that no port carries a type of
a Solana library. What each method raises is in `domain.errors`.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from iog_client.hours_rule import HourInputs
from iog_orchestrator.domain.hour_columns import Columns
from iog_orchestrator.domain.jobs import (
    ChainGang,
    ChainJob,
    RunEnd,
    StoredStatement,
)
from iog_orchestrator.domain.network import BuiltHour, Distributor, Emission
from iog_orchestrator.domain.nodes import ChainClass, ChainNode


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

    async def verify_all(self, signed: Sequence[tuple[str, bytes, str]]) -> list[bool]:
        """`verify` for each, as many as have come; other work goes on meanwhile."""
        ...


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
