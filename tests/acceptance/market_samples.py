"""A whole network as processes: a chain, an orchestrator, a simulated node, and two wallets."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from cli_samples import IOG, NETWORK, Chain, Iog
from solders.pubkey import Pubkey

from iog_client import addresses, networks, wallets
from iog_client._generated.iog_staking.instructions.costake_accept import costake_accept
from iog_client._generated.iog_staking.instructions.costake_offer import costake_offer
from iog_client.demo.processes import free_port
from iog_client.hours import PublishedHour
from iog_client.rpc import HttpRpc
from iog_client.transactions import Sender

HOUR = 10
READY_SECONDS = 300


@contextmanager
def serving(folder: Path, *nodes: str, before: str = "") -> Iterator[Market]:
    """A network that serves, joined by nodes of these names."""
    found = Market(folder, before)
    try:
        found.open()
        for name in nodes:
            found.join(name)
        yield found
    finally:
        found.close()


class Market:
    """`owner` and `client` run `iog` with their wallets; `device` is the node's key.

    `before` are addresses that all of them try before the orchestrator's; `more` is set for all.
    """

    def __init__(self, folder: Path, before: str = "", **more: str) -> None:
        self.folder = folder
        self.chain = Chain(folder / "chain")
        self.url = f"http://127.0.0.1:{free_port()}"
        self._processes: list[subprocess.Popen[bytes]] = []
        environment = {
            "IOG_RPC_URL": self.chain.url,
            "IOG_ORCHESTRATOR_URL": before + self.url,
            "IOG_NETWORK": str(folder / "network.json"),
            **more,
        }
        self.owner, self.client = (
            Iog(folder, **environment, IOG_WALLET=str(folder / f"{name}.json"))
            for name in ("owner", "client")
        )
        self.keys = {name: wallets.create(folder / f"{name}.json") for name in ("owner", "client")}
        self.device = ""

    def open(self, *options: str) -> None:
        """Create the network and start the orchestrator, with these options besides."""
        file = self.folder / "network.yaml"
        file.write_text(NETWORK.read_text().replace("hour_length: 60 ", f"hour_length: {HOUR} "))
        done = self.owner("network", "init", str(file), "--at", "now")
        assert done.returncode == 0, done.stderr
        assert networks.read_record(self.folder / "network.json").hour_length == HOUR
        for name, amount in (("owner", 2000), ("client", 100)):
            to = ("--to", str(self.keys[name].pubkey()))
            self.owner.json("wallet", "airdrop", "10", *to)
            self.owner.json("wallet", "airdrop", str(amount), "--io", *to)
        port = self.url.rpartition(":")[2]
        record = str(self.folder / "network.json")
        self.start(
            "orchestrator", "run", "--network", record, "--db", "db", "--port", port, *options
        )
        self._until_ready()

    def join(self, name: str = "node") -> None:
        """Set up, register, stake and run a node of two simulated GPUs: `device` and `worker`."""
        owner = str(self.keys["owner"].pubkey())
        folder = ("--folder", name)
        done = self.owner("node", "init", "--owner", owner, *folder, "--simulate", "2xrtx-3070")
        assert done.returncode == 0, done.stderr
        registered = self.owner.json("node", "register", f"{name}/registration.json")
        self.device = registered["device"]
        self.owner.json("stake", "add", self.device, "--required")
        self.worker = self.start("node", "run", *folder, "--allow-unconfined")
        self._until(lambda: self.shown()["readiness"] == [] and self.shown()["connected"])

    def co_stake(self, amount: int, share_bps: int) -> None:
        """The owner offers a part of the node's stake and rewards, and the client takes it."""
        asyncio.run(self._co_stake(amount, share_bps))
        self._until(lambda: self.shown()["costaker"])

    async def _co_stake(self, amount: int, share_bps: int) -> None:
        owner, client = self.keys["owner"], self.keys["client"]
        node = addresses.node(Pubkey.from_string(self.device))
        record = addresses.owner_record(owner.pubkey())
        offered = costake_offer(
            {"amount": amount, "share_bps": share_bps},
            {"owner": owner.pubkey(), "node": node, "owner_record": record},
        )
        taken = costake_accept(
            {"amount": amount, "share_bps": share_bps},
            {
                "costaker": client.pubkey(),
                "config": addresses.staking_config(),
                "node": node,
                "owner_record": record,
                "costaker_tokens": addresses.tokens(client.pubkey()),
                "stake_vault": addresses.stake_vault(),
                "token_config": addresses.token_config(),
            },
        )
        rpc = HttpRpc(self.chain.url)
        await Sender(rpc, owner).send([offered])
        await Sender(rpc, client).send([taken])
        await rpc.close()

    def published(self, hour: int) -> PublishedHour | None:
        """An hour as it was published, if it is closed."""
        answer = httpx.get(f"{self.url}/v1/hours/{hour}", trust_env=False)
        return PublishedHour.parse(answer.content) if answer.is_success else None

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{arguments[0]}.log").open("ab")
        process = subprocess.Popen(
            [*IOG, *arguments],
            stdout=log,
            stderr=log,
            cwd=self.folder,
            env=self.owner.environment,
        )
        log.close()
        self._processes.append(process)
        return process

    def job(self, name: str, command: str, **keys: str) -> str:
        """Write a job file that runs a shell command; its path."""
        settings = {"duration": "60s", "price": "0.5 IO/h", **keys}
        lines = [f"name: {name}", f"command: [sh, -c, '{command}']"]
        lines += [f"{key}: {value}" for key, value in settings.items()]
        path = self.folder / f"{name}.yaml"
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    def io(self, who: str) -> int:
        """A wallet's IO in base units."""
        shown: dict[str, Any] = self.owner.json("wallet", "show", str(self.keys[who].pubkey()))
        return int(shown["io"])

    def wait_for(self, number: int, *states: str) -> dict[str, Any]:
        """The client's job once it is in one of these states."""
        found: dict[str, Any] = {}

        def reached() -> bool:
            found.update(self.client.json("job", "show", str(number)))
            return found["state"] in states

        self._until(reached)
        return found

    def end(self, command: str) -> None:
        """End the processes that were started as this."""
        for process in [one for one in self._processes if one.args[len(IOG)] == command]:  # type: ignore[index]
            process.send_signal(signal.SIGTERM)
            process.wait(READY_SECONDS)
            self._processes.remove(process)

    def close(self) -> None:
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
            process.wait(READY_SECONDS)
        self.chain.end()

    def shown(self) -> dict[str, Any]:
        """The node, as the orchestrator sees it."""
        return httpx.get(f"{self.url}/v1/nodes/{self.device}", trust_env=False).json()

    def _until_ready(self) -> None:
        def ready() -> bool:
            try:
                return httpx.get(f"{self.url}/v1/ready", trust_env=False).is_success
            except httpx.HTTPError:
                return False

        self._until(ready)

    @staticmethod
    def _until(reached: Any) -> None:
        end = time.monotonic() + READY_SECONDS
        while not reached():
            assert time.monotonic() < end, "it took too long"
            time.sleep(0.1)
