"""A whole network in one process: real programs, an orchestrator's core, workers played by tests.

Nothing runs by itself: tests call the steps. `World.restart` is what a kill and a new start are.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from orchestrator_network import SLUG, key_of, network_file
from orchestrator_store import open_store
from orchestrator_worker import Worker
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import jobs, networkfile, networks, nodes, stakes, tokens
from iog_client.amounts import IO
from iog_client.embedded.chain import EmbeddedChain
from iog_client.jobspec import JobSpec, Resources
from iog_client.networks import NetworkRecord
from iog_client.protocol import (
    Assign,
    Heartbeat,
    InputFile,
)
from iog_client.registration import Registration
from iog_client.testing import EmbeddedRpc, ManualClock
from iog_client.transactions import Sender
from iog_orchestrator.adapters.chain import ProgramChain
from iog_orchestrator.adapters.clocks import ReadChainClock
from iog_orchestrator.adapters.hour_works import FolderWorks
from iog_orchestrator.adapters.keys import KeypairSigner, hour_signer
from iog_orchestrator.adapters.memory import MemoryBlobs, MemoryLink, MemoryLogs, MemoryPublisher
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.core.context import Context, Pace, Ports
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.core.intake import Submission
from iog_orchestrator.domain.jobs import ChainJob, JobState
from iog_orchestrator.domain.network import Network
from iog_orchestrator.ports import Chain

ASK = 1_000
PRICE = 2_000


class Clock(ManualClock):
    """The chain's and the orchestrator's clock in one."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


class World:
    """The network, and the orchestrator's core over it."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.folder = folder
        self.database = database
        self.clock = Clock()
        self.chain = EmbeddedChain(clock=self.clock)
        self.rpc = EmbeddedRpc(self.chain)
        self.matcher = key_of("matcher")
        self.client = key_of("client")
        self.owner = key_of("owner")
        self.record: NetworkRecord
        self.link = MemoryLink()
        self.blobs = MemoryBlobs()
        self.logs = MemoryLogs()
        self.publisher = MemoryPublisher()
        self.core: Core
        self.store: SqlStore
        self._jobs = 0

    async def create(self, emission: bool = False, allow_simulated: bool = True) -> None:
        """Put a network on the chain and start an orchestrator on it."""
        file = networkfile.parse(network_file(self.folder, allow_simulated), "test")
        self.record = await networks.create(self.rpc, file, self.folder)
        self.publisher = MemoryPublisher(
            hour_signer(self.matcher, self.record.genesis_hash, self.record.distributor)
        )
        await tokens.airdrop_sol(self.rpc, self.client.pubkey(), 10**11)
        await tokens.airdrop_sol(self.rpc, self.owner.pubkey(), 10**11)
        await networks.start(self.rpc, key_of("authority"), await self.rpc.chain_time() + 1)
        self.tick(1)
        faucet = key_of("faucet")
        await tokens.airdrop_sol(self.rpc, faucet.pubkey(), 10**11)
        await tokens.faucet_io(self.rpc, faucet, self.client.pubkey(), 1_000 * IO)
        await tokens.faucet_io(self.rpc, faucet, self.owner.pubkey(), 10_000_000 * IO)
        await self.start()

    async def start(self, chain: Chain | None = None) -> None:
        """A new core over what is durable; `chain` in place of the real one."""
        facts = {"genesis_hash": self.record.genesis_hash, "mint": self.record.mint}
        self.store = await open_store(self.folder / "db", facts, self.database)
        self.link = MemoryLink()
        network = Network(
            genesis_hash=self.record.genesis_hash,
            programs=self.record.programs,
            idl_hashes=self.record.idl_hashes,
            mint=self.record.mint,
            distributor=self.record.distributor,
            hour_length=self.record.hour_length,
            allow_simulated=self.record.allow_simulated,
            proof=self.record.proof,
        )
        ports = Ports(
            chain=chain or ProgramChain(self.rpc, self.matcher, self.matcher),
            store=self.store,
            blobs=self.blobs,
            logs=self.logs,
            publisher=self.publisher,
            works=FolderWorks(self.folder / "hours", ThreadPoolExecutor),
            link=self.link,
            signer=KeypairSigner(self.matcher),
            clock=self.clock,
            chain_clock=ReadChainClock(self.clock),
        )
        self.core = Core(Context(ports, network, Pace.of(network)))
        for job in await self.core.sync.everything():
            if job.state.name == "ASSIGNED":
                self.core.matching.hold(job)
        await self.core.standing.load()
        await self.core.hour_close.recover()
        await self.core.proofs.recover()

    async def restart(self, chain: Chain | None = None) -> None:
        """Lose everything that is not durable."""
        # what still runs would be left with a connection of its own
        await self.core.tasks.end(5)
        await self.store.close()
        await self.start(chain)

    async def close(self) -> None:
        # what still runs would be left with a connection of its own
        await self.core.tasks.end(5)
        await self.store.close()
        self.chain.close()

    def tick(self, seconds: float) -> None:
        """Let real time pass, on the chain and here."""
        self.clock.advance(seconds)

    async def hours(self, seconds: float) -> None:
        """Let time pass in small steps, with the chain looking on and nodes that beat."""
        for _ in range(int(seconds * 2)):
            self.tick(0.5)
            await self.core.sync.everything()
            for session in self.core.agents.sessions.values():
                beat = Heartbeat(counter=1, runs=list(session.runs.values()))
                self.core.agents.heartbeat(session, beat)

    def place(self) -> None:
        """What the matching loop does when it is woken."""
        self.core.runs.placed(self.core.matching.match())

    async def node(
        self, name: str = "device", gpus: int = 8, ask: int = ASK, slug: str = SLUG
    ) -> Worker:
        """A registered and staked node, not connected."""
        key = key_of(name)
        genesis = Hash.from_string(self.record.genesis_hash)
        registration = Registration.signed(
            key, self.owner.pubkey(), slug, gpus, genesis, simulated=True
        )
        sender = Sender(self.rpc, self.owner)
        payee = self.owner.pubkey()
        await sender.send(nodes.register_instructions(registration, ask, payee), signers=[])
        await stakes.add(sender, self.owner, key.pubkey(), None)
        await self.core.sync.everything()
        return Worker(self, key, gpus)

    def spec(self, **changes: object) -> JobSpec:
        """A small job."""
        values: dict[str, object] = {
            "name": "job",
            "command": ["true"],
            "env": {},
            "inputs": [],
            "outputs": [],
            "resources": Resources(gpus=1),
            "duration_seconds": 60,
            "price": PRICE,
            "retries": 1,
        }
        return JobSpec.model_validate({**values, **changes})

    async def submit(self, spec: JobSpec) -> str:
        """Acknowledge a job, without opening it. Its address."""
        number = await jobs.next_number(self.rpc, self.client.pubkey())
        request, _ = await self.core.intake.submit(
            Submission(
                str(self.client.pubkey()),
                number,
                spec.to_bytes().decode(),
                tuple(one.sha256 for one in spec.inputs),
            )
        )
        return request.address

    async def open(self, spec: JobSpec | None = None, *, window: int = 0, wait: int = 30) -> str:
        """Submit and open a job. Its address."""
        spec = spec or self.spec()
        address = await self.submit(spec)
        await self.open_on_chain(spec, window=window, wait=wait)
        return address

    async def open_on_chain(self, spec: JobSpec, *, window: int = 0, wait: int = 30) -> None:
        number = await jobs.next_number(self.rpc, self.client.pubkey())
        terms = jobs.Terms.of(spec, self.matcher.pubkey(), window=window, wait=wait)
        await jobs.open_job(Sender(self.rpc, self.client), self.client, number, terms)

    async def step(self, address: str, times: int = 1) -> float | None:
        """Steps of a job's driver, with placement between them."""
        delay: float | None = 0
        for _ in range(times):
            delay = await self.core.runs.step(address)
            self.place()
        return delay

    async def job(self, address: str) -> ChainJob:
        """The job as the chain has it."""
        found = await ProgramChain(self.rpc, self.matcher, self.matcher).job(address)
        assert found is not None
        return found

    async def balance(self, wallet: Keypair) -> int:
        return await tokens.balance(self.rpc, wallet.pubkey())

    async def handed_out(self, address: str, worker: Worker) -> Assign:
        """Bring a job to its node, which prepares it."""
        await self.step(address, 2)
        given = worker.last(Assign)
        assert isinstance(given, Assign)
        return given

    async def assigned(self, address: str, worker: Worker) -> ChainJob:
        """Bring a job to where it is assigned on chain; the worker was not asked to sign."""
        await self.handed_out(address, worker)
        await worker.ready()
        await self.step(address)
        return await self.job(address)

    async def running(self, address: str, worker: Worker) -> ChainJob:
        """Bring a job to where it runs."""
        job = await self.assigned(address, worker)
        await self.step(address)
        await worker.sign(job, "start")
        await self.step(address, 2)
        return await self.job(address)

    async def finished(self, address: str, worker: Worker, seconds: int = 5) -> ChainJob:
        """Bring a job to where its end is on chain, and no further."""
        job = await self.running(address, worker)
        self.tick(seconds)
        await worker.end(job, seconds)
        await self.step(address)
        await worker.sign(job, "finish")
        await self.step(address)
        return await self.job(address)


def input_file(path: str, data: bytes, world: World) -> InputFile:
    """An input that lies in the blob store."""
    return InputFile(path=path, sha256=world.blobs.add(data), size=len(data))


async def settled(world: World, address: str) -> ChainJob:
    """Step until the job is settled."""
    for _ in range(5):
        if await world.step(address) is None:
            break
    job = await world.job(address)
    assert job.state is JobState.SETTLED
    return job


async def cancel(world: World, address: str) -> None:
    """What a client does on chain."""
    await jobs.cancel(Sender(world.rpc, world.client), world.client, Pubkey.from_string(address))
