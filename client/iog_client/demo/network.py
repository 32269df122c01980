"""A whole network on this machine: a chain, an orchestrator and nodes, as processes of their own.

What a person does once (creating the network, registering, staking) goes through the same library
functions as the commands; what runs for long runs as `iog` processes.
"""

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import amounts, networkfile, networks, nodes, onchain, stakes, tokens, wallets
from iog_client.api import OrchestratorApi
from iog_client.demo import marker
from iog_client.demo.processes import Child, Processes, free_port
from iog_client.errors import NotFound, Refused
from iog_client.registration import Registration
from iog_client.rpc import HttpRpc
from iog_client.transactions import Sender

ChainKind = Literal["embedded", "validator"]

CHECKOUT = Path(__file__).resolve().parents[3]
NETWORK_FILE = CHECKOUT / "networks" / "local.yaml"
SOL_EACH = 10 * amounts.SOL
START_LEAD = 4
"""Seconds in which every worker hears of the start, so that none misses some of the first hour."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """One owner's node: `gpus` as `--simulate` takes it, `ask` as people write prices."""

    owner: str
    gpus: str
    label: str
    ask: str


@dataclass(frozen=True, slots=True)
class RunningNode:
    """A node that was started, and the keys behind it."""

    fleet: Fleet
    owner: Keypair
    device: Pubkey


class LocalNetwork:
    """The processes and keys of one network in one folder, which it owns.

    Raises `Refused` for a folder that holds something else, or that another network runs from.
    """

    def __init__(self, folder: Path, kind: ChainKind, hour_length: int, *, keep: bool) -> None:
        self.folder = _own(folder)
        self.kind: ChainKind = kind
        self.hour_length = hour_length
        self.processes = Processes(_made(folder / "logs"), keep=keep)
        self.rpc_url = f"http://127.0.0.1:{free_port()}"
        self.api_url = f"http://127.0.0.1:{free_port()}"
        self.rpc = HttpRpc(self.rpc_url)
        self.api = OrchestratorApi(self.api_url)
        self.nodes: list[RunningNode] = []
        # One at a time: the first to ask also claims what is due to the faucet.
        self._faucet = asyncio.Lock()

    @property
    def record(self) -> networks.NetworkRecord:
        """What `create` has written."""
        return networks.read_record(self.folder / "network.json")

    @property
    def hours_folder(self) -> Path:
        """Where the orchestrator keeps what it publishes."""
        return self.folder / "orchestrator" / "hours"

    async def start_chain(self) -> str:
        """Start the chain; its version once it answers."""
        port = self.rpc_url.rsplit(":", 1)[1]
        arguments = ["localnet", "up", "--port", port, "--folder", str(self.folder / "chain")]
        if self.kind == "validator":
            arguments.append("--validator")
        child = await self.processes.start("chain", *arguments)

        async def answers() -> bool:
            await onchain.require_programs(self.rpc)
            return True

        await self.processes.ready(child, answers)
        return await self.rpc.version()

    async def create(self) -> None:
        """Create the network: token, genesis, classes, rewards, escrow; then give everybody SOL."""
        file = networkfile.load(NETWORK_FILE).model_copy(update={"hour_length": self.hour_length})
        record = await networks.create(self.rpc, file, self.folder)
        networks.write_record(self.folder / "network.json", record)

    async def start_orchestrator(self) -> None:
        """Start the orchestrator and wait until it is ready."""
        child = await self.processes.start(
            "orchestrator",
            "orchestrator",
            "run",
            "--network",
            str(self.folder / "network.json"),
            "--db",
            str(self.folder / "orchestrator"),
            "--port",
            self.api_url.rsplit(":", 1)[1],
            "--rpc",
            self.rpc_url,
        )

        async def answers() -> bool:
            await self.api.network()
            return True

        await self.processes.ready(child, answers)

    def wallet(self, name: str) -> Keypair:
        """The wallet of that name, made on first use."""
        return wallets.load_or_create(self.wallet_path(name))

    def wallet_path(self, name: str) -> Path:
        """Where that wallet's key file lies."""
        return self.folder / "wallets" / f"{name}.json"

    async def fund_sol(self, name: str) -> Keypair:
        """Give a wallet SOL for fees and rent."""
        key = self.wallet(name)
        await tokens.airdrop_sol(self.rpc, key.pubkey(), SOL_EACH)
        return key

    async def fund_io(self, name: str, io: int) -> None:
        """Give a wallet `io` base units from the local network's faucet."""
        faucet = self.record.keys.faucet
        if faucet is None:
            raise NotFound("the network has no faucet")
        async with self._faucet:
            await tokens.faucet_io(self.rpc, wallets.load(faucet), self.wallet(name).pubkey(), io)

    async def add_node(self, fleet: Fleet) -> RunningNode:
        """Set up, register, stake and start one node; it counts once the orchestrator sees it."""
        owner = await self.fund_sol(fleet.owner)
        folder = self.folder / "nodes" / fleet.owner
        await self._node_init(owner.pubkey(), folder, fleet)
        registration = Registration.load(folder / "registration.json")
        device = Pubkey.from_string(registration.device)
        sender = Sender(self.rpc, owner)
        ask = amounts.parse_price(fleet.ask)
        await nodes.register(sender, owner, registration, ask, owner.pubkey())
        needed = nodes.required(await nodes.get(self.rpc, device))
        await self.fund_io(fleet.owner, needed)
        await stakes.add(sender, owner, device, None)
        await self.start_node(fleet)
        node = RunningNode(fleet, owner, device)
        self.nodes.append(node)
        return node

    async def start_node(self, fleet: Fleet) -> Child:
        """Start a node's worker (again)."""
        folder = str(self.folder / "nodes" / fleet.owner)
        return await self.processes.start(
            fleet.owner, "node", "run", "--folder", folder, "--allow-unconfined"
        )

    async def _node_init(self, owner: Pubkey, folder: Path, fleet: Fleet) -> None:
        child = await self.processes.start(
            f"{fleet.owner}-init",
            "node",
            "init",
            "--folder",
            str(folder),
            "--orchestrator",
            self.api_url,
            "--owner",
            str(owner),
            "--simulate",
            fleet.gpus,
        )
        self.processes.children.remove(child)
        if await child.process.wait():
            raise Refused(f"node init of {fleet.owner}: {child.last_words()}")

    async def nodes_ready(self) -> None:
        """Wait until the orchestrator would give every started node a job."""

        async def ready() -> bool:
            seen = {view.device: view for view in await self.api.nodes()}
            views = [seen.get(str(node.device)) for node in self.nodes]
            return all(view and view.connected and not view.readiness for view in views)

        for child in self.processes.children:
            if child.name in {node.fleet.owner for node in self.nodes}:
                await self.processes.ready(child, ready)

    async def start_emission(self) -> int:
        """Start the emission in a moment; the unix time of its start."""
        at = await self.rpc.chain_time() + START_LEAD
        return await networks.start(self.rpc, networks.load_authority(self.record), at)

    async def close(self, *, stop: bool = True) -> None:
        """Close the connections, and end the processes unless they are to be left up."""
        if stop:
            await self.processes.stop()
        else:
            marker.note(self.folder, [child.process.pid for child in self.processes.children])
        await self.api.__aexit__(None, None, None)
        await self.rpc.close()

    def peak_memory(self) -> dict[str, int]:
        """VmHWM in KiB of each running process of the network, by name; without their jobs."""
        peaks = {}
        for child in self.processes.children:
            try:
                status = Path(f"/proc/{child.process.pid}/status").read_text()
            except OSError:
                continue
            fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
            peaks[child.name] = int(fields["VmHWM"].split()[0])
        return peaks


def _own(folder: Path) -> Path:
    """An empty folder at this place; what an earlier demo left there is removed."""
    marker.require_free(folder)
    if folder.exists() and any(folder.iterdir()):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    marker.note(folder, [os.getpid()])
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
