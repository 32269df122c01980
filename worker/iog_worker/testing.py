"""Stand-ins for what is outside a worker: clock, connection, file store; and ready-made jobs.

The other end of the protocol is in `fake_orchestrator.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client.errors import NotFound
from iog_client.jobspec import JobSpec, Network, Resources
from iog_client.protocol import (
    Assign,
    InputFile,
    OutputFile,
)

from .link import Lost


class FakeClock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_700_000_000.0 + self.now


class MemoryWire:
    """One end of a connection in memory."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._peer: MemoryWire = self
        self.closed = False

    @classmethod
    def pair(cls) -> tuple[MemoryWire, MemoryWire]:
        """Both ends."""
        one, other = cls(), cls()
        one._peer, other._peer = other, one
        return one, other

    async def send(self, text: str) -> None:
        if self.closed or self._peer.closed:
            raise Lost
        self._peer._inbox.put_nowait(text)

    async def receive(self) -> str:
        text = None if self.closed else await self._inbox.get()
        if text is None:
            raise Lost
        return text

    async def close(self) -> None:
        self.closed = True
        self._inbox.put_nowait(None)
        self._peer._inbox.put_nowait(None)


class MemoryBlobs:
    """A file store in memory."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def put(self, path: str, data: bytes) -> InputFile:
        """Store an input."""
        digest = hashlib.sha256(data).hexdigest()
        self.content[digest] = data
        return InputFile(path=path, sha256=digest, size=len(data))

    async def fetch(self, file: InputFile, target: Path) -> None:
        if file.sha256 not in self.content:
            raise NotFound(f"blob {file.sha256}")
        await asyncio.to_thread(_write, target, self.content[file.sha256])

    async def upload(self, file: OutputFile, source: Path) -> None:
        self.content[file.sha256] = await asyncio.to_thread(source.read_bytes)


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def spec_of(
    command: list[str],
    *,
    env: dict[str, str] | None = None,
    inputs: list[InputFile] | None = None,
    outputs: list[str] | None = None,
    gpus: int = 1,
    seconds: int = 60,
    image: str | None = None,
    network: Network = "none",
    cpus: int | None = None,
    ram: int | None = None,
    disk: int | None = None,
) -> JobSpec:
    """A job."""
    return JobSpec(
        name="test",
        image=image,
        network=network,
        command=command,
        env=env or {},
        inputs=inputs or [],
        outputs=outputs or [],
        resources=Resources(gpus=gpus, cpus=cpus, ram=ram, disk=disk),
        duration_seconds=seconds,
        price=1,
        retries=0,
    )


def assignment(spec: JobSpec, job: str | None = None, run: int = 1) -> Assign:
    """A run of a job."""
    return Assign(
        job=job or str(Keypair().pubkey()),
        run=run,
        client=str(Keypair().pubkey()),
        spec_hash=spec.hash().hex(),
        spec=spec.to_bytes().decode(),
        inputs=list(spec.inputs),
        gpus=spec.resources.gpus,
        max_seconds=spec.duration_seconds,
    )


def discriminator(name: str) -> bytes:
    """How an instruction's data begins."""
    return hashlib.sha256(b"global:" + name.encode()).digest()[:8]


def device_instruction(name: str, data: bytes, device: Pubkey, job: Pubkey) -> Instruction:
    """`job_start` or `job_finish` with the accounts that iog_jobs asks for."""
    accounts = [
        AccountMeta(device, True, False),
        AccountMeta(job, False, True),
        AccountMeta(addresses.node(device), False, True),
        AccountMeta(addresses.jobs_config(), False, False),
        AccountMeta(addresses.STAKING, False, False),
    ]
    return Instruction(addresses.JOBS, discriminator(name) + data, accounts)


def join_instruction(device: Pubkey, job: Pubkey, gang: Pubkey) -> Instruction:
    """job_join, as the orchestrator would write it."""
    made = device_instruction("job_join", b"", device, job)
    accounts = [*made.accounts[:3], AccountMeta(gang, False, True), *made.accounts[3:]]
    return Instruction(made.program_id, bytes(made.data), accounts)


def prove_instruction(job: Pubkey, counter: int, seconds: int) -> Instruction:
    """`job_prove`."""
    data = counter.to_bytes(8, "little") + seconds.to_bytes(8, "little")
    accounts = [
        AccountMeta(job, False, True),
        AccountMeta(addresses.jobs_config(), False, False),
        AccountMeta(addresses.INSTRUCTIONS_SYSVAR, False, False),
    ]
    return Instruction(addresses.JOBS, discriminator("job_prove") + data, accounts)


def message_of(payer: Pubkey, instructions: list[Instruction]) -> bytes:
    """The bytes of a transaction message."""
    return bytes(to_bytes_versioned(MessageV0.try_compile(payer, instructions, [], Hash.default())))
