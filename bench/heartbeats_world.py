"""An orchestrator with many registered nodes and no chain behind it, and what those nodes send."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client.clocks import SystemClock
from iog_client.protocol import (
    PROTOCOL,
    Gpu,
    Hardware,
    Heartbeat,
    Hello,
    RunBrief,
    SignedStatement,
    nonce,
)
from iog_client.statements import Statement
from iog_orchestrator.adapters.clocks import ReadChainClock
from iog_orchestrator.adapters.hour_works import FolderWorks
from iog_orchestrator.adapters.keys import KeypairSigner
from iog_orchestrator.adapters.memory import MemoryBlobs, MemoryLogs, MemoryPublisher
from iog_orchestrator.adapters.signature_checks import SignatureChecks
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_orchestrator.core.context import Context, Pace, Ports
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.domain.network import Emission, Network
from iog_orchestrator.domain.nodes import ChainClass, ChainNode, NodeState

GENESIS = Hash(bytes([7] * 32))
FACTS = {"genesis_hash": str(GENESIS), "mint": "bench"}
ORCHESTRATOR = Keypair.from_seed(b"orchestrator".ljust(32, b"."))
SLUG = "rtx-4090"
CLASS = str(addresses.class_address(SLUG))
BEATS_PER_STATEMENT = 4
"""A heartbeat every 15 s and a statement every 60 s."""


class NoChain:
    """A chain of which only the nodes are asked."""

    def __init__(self, nodes: dict[str, ChainNode]) -> None:
        self._nodes = nodes

    async def node(self, device: str) -> ChainNode | None:
        return self._nodes.get(device)


@cache
def key_of(number: int) -> Keypair:
    """The device key of a node."""
    return Keypair.from_seed(number.to_bytes(32, "little"))


def node_of(device: str) -> ChainNode:
    """A node that is active and staked."""
    return ChainNode(
        address=str(addresses.node(Pubkey.from_string(device))),
        device=device,
        owner=str(ORCHESTRATOR.pubkey()),
        payee=str(ORCHESTRATOR.pubkey()),
        node_class=CLASS,
        gpus=1,
        busy=0,
        running=0,
        ask=1000,
        stake=10**12,
        multiplier=1000,
        state=NodeState.ACTIVE,
    )


def core_of(
    store: SqlStore, folder: Path, count: int, checks: SignatureChecks
) -> tuple[Core, WorkerSockets]:
    """A core over a store, that knows so many nodes."""
    nodes = {str(key_of(one).pubkey()): node_of(str(key_of(one).pubkey())) for one in range(count)}
    clock, signer = SystemClock(), KeypairSigner(ORCHESTRATOR, checks)
    chain_clock, sockets = ReadChainClock(clock), WorkerSockets(signer)
    chain_clock.set(time.time())
    network = Network(
        genesis_hash=str(GENESIS),
        programs={name: str(key) for name, key in addresses.PROGRAMS.items()},
        idl_hashes={},
        mint="bench",
        distributor="bench",
        hour_length=3600,
        allow_simulated=True,
    )
    ports = Ports(
        chain=NoChain(nodes),  # type: ignore[arg-type]
        store=store,
        blobs=MemoryBlobs(),
        logs=MemoryLogs(),
        publisher=MemoryPublisher(),
        works=FolderWorks(folder / "hours"),
        link=sockets,
        signer=signer,
        clock=clock,
        chain_clock=chain_clock,
    )
    core = Core(Context(ports, network, Pace.of(network)))
    known = core.context.known
    known.emission = Emission(start=int(time.time()) - 3600 * 100)
    known.classes = {CLASS: ChainClass(CLASS, SLUG, 1000, 1, True)}
    known.nodes.update(nodes)
    known.synced = True
    return core, sockets


def hello_of(key: Keypair, exchange_key: str = "0" * 64) -> Hello:
    """The first frame of a node."""
    device = str(key.pubkey())
    gpu = Gpu(name="NVIDIA GeForce RTX 4090", uuid=f"SIM-{device}", memory=24_564)
    return Hello(
        protocol=PROTOCOL,
        device=device,
        instance=nonce(),
        nonce=nonce(),
        exchange_key=exchange_key,
        hardware=Hardware(gpus=[gpu], gpu_class=SLUG, cpus=8, memory=1 << 16, disk=1 << 20),
        simulated=True,
        confinement="bubblewrap",
    )


def frames_of(key: Keypair, session: bytes, beats: int, hour: int) -> list[str]:
    """So many heartbeats, each naming one run, with their share of signed statements."""
    device = str(key.pubkey())
    held = [RunBrief(job=device, run=1, state="running")]
    frames = []
    for counter in range(1, beats + 1):
        frames.append(Heartbeat(counter=counter, runs=held).authenticated(session).to_json())
        if counter % BEATS_PER_STATEMENT == 0:
            frames.append(_statement(key, hour, counter // BEATS_PER_STATEMENT).to_json())
    return frames


def _statement(key: Keypair, hour: int, counter: int) -> SignedStatement:
    made = Statement.for_hour(GENESIS, addresses.JOBS, key.pubkey(), hour, counter, 1)
    return SignedStatement(
        kind="hour",
        subject=str(hour),
        run=0,
        counter=counter,
        seconds=1,
        signature=str(made.sign(key)),
    )
