"""A network on a chain that runs already, and wallets that run `iog` on it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cli_samples import NETWORK, Iog
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import amounts, localnet, tokens, wallets
from iog_client.registration import Registration
from iog_client.rpc import HttpRpc
from iog_client.times import Now

NOWHERE = "http://127.0.0.1:1"
SLUG = "rtx-3070"


class Staking:
    """`keys` holds the wallets by name; those of the network are in its folder."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.keys: dict[str, Keypair] = {}

    def open(self, hour: int) -> None:
        """Create the network with hours of so many seconds and start its emission."""
        file = self.folder / "network.yaml"
        file.write_text(NETWORK.read_text().replace("hour_length: 60 ", f"hour_length: {hour} "))
        done = self.iog("nobody")("network", "init", str(file), "--folder", ".", "--at", "now")
        assert done.returncode == 0, done.stderr

    def wallet(self, name: str, io: int = 0) -> Iog:
        """A new wallet with SOL, and so much IO."""
        self.keys[name] = wallets.create(self.folder / f"{name}.json")
        return self._funded(name, io)

    def judge(self, name: str) -> Iog:
        """The network's slasher or arbiter."""
        path = self.folder / "keys" / f"{name}.json"
        self.keys[name] = wallets.load(path)
        (self.folder / f"{name}.json").symlink_to(path)
        return self._funded(name, 0)

    def address(self, name: str) -> str:
        return str(self.keys[name].pubkey())

    def register(self, owner: Iog, name: str, device: Keypair | None = None) -> str:
        """A node of the wallet of that name, nothing staked on it; its device."""
        made = asyncio.run(self._registration(name, device or Keypair()))
        file = self.folder / "registration.json"
        file.write_text(made.model_dump_json())
        return str(owner.json("node", "register", str(file))["device"])

    async def _registration(self, name: str, device: Keypair) -> Registration:
        rpc, owner = HttpRpc(self.url), self.keys[name].pubkey()
        genesis = await rpc.genesis_hash()
        await rpc.close()
        return Registration.signed(device, owner, SLUG, 1, genesis, simulated=True)

    def warp(self, seconds: int) -> None:
        """Move the clock, which only the embedded chain lets be moved."""
        localnet.warp(self.url, seconds)

    async def hour(self) -> int:
        """The number of the hour that runs."""
        rpc = HttpRpc(self.url)
        found = (await Now.read(rpc)).hour
        await rpc.close()
        return found

    def _funded(self, name: str, io: int) -> Iog:
        asyncio.run(self._fund(self.keys[name].pubkey(), io * amounts.IO))
        return self.iog(name)

    async def _fund(self, key: Pubkey, units: int) -> None:
        rpc = HttpRpc(self.url)
        await tokens.airdrop_sol(rpc, key, 10 * amounts.SOL)
        if units:
            faucet = wallets.load(self.folder / "keys" / "faucet.json")
            await tokens.faucet_io(rpc, faucet, key, units)
        await rpc.close()

    def iog(self, name: str) -> Iog:
        return Iog(
            self.folder,
            IOG_RPC_URL=self.url,
            IOG_ORCHESTRATOR_URL=NOWHERE,
            IOG_NETWORK=str(self.folder / "network.json"),
            IOG_WALLET=str(self.folder / f"{name}.json"),
        )
