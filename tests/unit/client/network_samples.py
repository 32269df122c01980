"""A network with its emission running, on a chain in this process; and what tests do on it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, networkfile, networks, nodes, stakes, tokens, wallets
from iog_client._generated.iog_staking.accounts import Config as StakingConfig
from iog_client._generated.iog_staking.accounts import Node
from iog_client.amounts import IO, SOL
from iog_client.embedded import EmbeddedChain
from iog_client.hours_rule import COLLATERAL
from iog_client.networks import NetworkRecord
from iog_client.registration import Registration
from iog_client.testing import EmbeddedRpc, ManualClock
from iog_client.transactions import Sender

NETWORK = Path(__file__).parents[3] / "networks/local.yaml"
HOUR = 60


@dataclass
class TestNetwork:
    """`rpc` speaks to the chain; `record` is what `iog network init` left behind."""

    __test__ = False

    rpc: EmbeddedRpc
    record: NetworkRecord
    start: int

    @property
    def faucet(self) -> Keypair:
        assert self.record.keys.faucet is not None
        return wallets.load(self.record.keys.faucet)

    @property
    def matcher(self) -> Keypair:
        assert self.record.keys.matcher is not None
        return wallets.load(self.record.keys.matcher)

    async def judge(self, name: str) -> Keypair:
        """The network's slasher or arbiter, with SOL."""
        assert self.record.keys.matcher is not None
        key = wallets.load(self.record.keys.matcher.with_name(f"{name}.json"))
        await self.rpc.airdrop(key.pubkey(), 10 * SOL)
        return key

    @property
    def oracle(self) -> Keypair:
        path = self.record.keys.oracles[0]
        assert path is not None
        return wallets.load(path)

    async def wallet(self, io: int = 0) -> Keypair:
        """A new wallet with SOL, and so much IO in base units."""
        key = Keypair()
        await self.rpc.airdrop(key.pubkey(), 10 * SOL)
        if io:
            await tokens.faucet_io(self.rpc, self.faucet, key.pubkey(), io)
        return key

    def sender(self, key: Keypair) -> Sender:
        return Sender(self.rpc, key)

    def warp(self, seconds: int) -> None:
        self.rpc.chain.warp(seconds)

    def write_node(self, device: Pubkey, **changes: int) -> None:
        """Change fields of a node where no instruction of this network would."""
        self._write(addresses.node(device), Node, changes)

    def write_staking(self, **changes: int) -> None:
        """Likewise of iog_staking's configuration."""
        self._write(addresses.staking_config(), StakingConfig, changes)

    def _write(
        self, address: Pubkey, kind: type[Node] | type[StakingConfig], changes: dict[str, int]
    ) -> None:
        account = self.rpc.chain.account(address)
        assert account is not None
        fields = kind.layout.parse(account.data[8:])
        fields.update(changes)
        data = kind.discriminator + kind.layout.build(fields)
        self.rpc.chain.set_account(address, Account(account.lamports, data, account.owner))

    async def registration(
        self, owner: Keypair, device: Keypair, *, slug: str = "rtx-3070", gpus: int = 1
    ) -> Registration:
        genesis = await self.rpc.genesis_hash()
        return Registration.signed(device, owner.pubkey(), slug, gpus, genesis, simulated=True)

    async def node(self, *, ask: int = 1000, gpus: int = 1) -> tuple[Keypair, Keypair]:
        """A new owner with a registered, staked node: owner and device."""
        owner, device = await self.wallet(COLLATERAL * gpus + 10 * IO), Keypair()
        registration = await self.registration(owner, device, gpus=gpus)
        sender = self.sender(owner)
        await nodes.register(sender, owner, registration, ask, owner.pubkey())
        await stakes.add(sender, owner, device.pubkey(), None)
        return owner, device


async def running(folder: Path) -> TestNetwork:
    """A network as `networks/local.yaml` describes it, its emission started just now."""
    chain = EmbeddedChain(clock=ManualClock())
    rpc = EmbeddedRpc(chain)
    copied = shutil.copy(NETWORK, folder / "network.yaml")
    record = await networks.create(rpc, networkfile.load(Path(copied)), folder)
    start = await networks.start(rpc, networks.load_authority(record))
    chain.warp(max(0, start - await rpc.chain_time()))
    return TestNetwork(rpc, record, start)
