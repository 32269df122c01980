"""Jobs on a chain that runs already, without an orchestrator: by its matcher's key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from solders.keypair import Keypair
from solders.pubkey import Pubkey
from staking_samples import Staking

from iog_client import addresses, amounts, jobs, tokens, wallets
from iog_client.rpc import HttpRpc
from iog_client.transactions import Sender
from tests import job_steps

PRICE, SECONDS = 1000, 600
FUNDED = PRICE * SECONDS + 1500
"""A GPU for 600 s at 1,000 base units, and 0.25% of it."""

Step = Callable[[HttpRpc], Awaitable[None]]


class Place(Staking):
    """`device` is the key of the one node, `matcher` the network's."""

    def settle_in(self) -> None:
        """Stake a node, which is active from the next hour on; and a wallet of the guardian."""
        self.device = Keypair()
        self.matcher = wallets.load(self.folder / "keys" / "matcher.json")
        owner = self.wallet("owner", 210)
        device = self.register(owner, "owner", self.device)
        owner.json("stake", "add", device, "200 IO")
        owner.json("node", "ask", device, "0.036 IO/h")  # PRICE
        wallets.write(self.folder / "device.json", self.device)
        for key in (self.device, self.matcher):
            self.step(lambda rpc, key=key: tokens.airdrop_sol(rpc, key.pubkey(), amounts.SOL))

    def key_file(self, role: str) -> tuple[str, str]:
        """The option that lets a key of the network sign."""
        return "--signer", str(self.folder / "keys" / f"{role}.json")

    def step(self, step: Step) -> None:
        async def go() -> None:
            rpc = HttpRpc(self.url)
            try:
                await step(rpc)
            finally:
                await rpc.close()

        asyncio.run(go())

    def terms(self, **changes: object) -> jobs.Terms:
        """A GPU for 600 s, to be placed within an hour."""
        wanted = {"window": 0, "wait": 3600, "runs": 1, **changes}
        return jobs.Terms(
            spec_hash=bytes([5] * 32),
            gpu_class="rtx-3070",
            gpus=1,
            max_price=PRICE,
            max_seconds=SECONDS,
            matcher=self.matcher.pubkey(),
            **wanted,  # type: ignore[arg-type]
        )

    def job(self, name: str, gang: Pubkey | None = None, **changes: object) -> tuple[str, Pubkey]:
        """Opens the wallet's next job: its number and address."""
        found: list[int] = []
        key = self.keys[name]

        async def go(rpc: HttpRpc) -> None:
            number = await jobs.next_number(rpc, key.pubkey())
            await jobs.open_job(Sender(rpc, key), key, number, self.terms(**changes), gang)
            found.append(number)

        self.step(go)
        return str(found[0]), addresses.job(key.pubkey(), found[0])

    def propose_root(self) -> tuple[int, str]:
        """The oracle proposes a root of the last hour that has ended: the hour and the root."""
        oracle = wallets.load(self.folder / "keys" / "oracle.json")
        found: list[tuple[int, str]] = []

        async def go(rpc: HttpRpc) -> None:
            await tokens.airdrop_sol(rpc, oracle.pubkey(), amounts.SOL)
            found.append(await job_steps.propose_root(rpc, oracle))

        self.step(go)
        return found[0]

    def start(self, job: Pubkey) -> None:
        self.step(lambda rpc: job_steps.start(rpc, self.matcher, self.device, job))

    def prove(self, job: Pubkey, seconds: int) -> None:
        self.step(lambda rpc: job_steps.prove(rpc, self.matcher, self.device, job, seconds))

    def finish(self, job: Pubkey) -> None:
        self.step(lambda rpc: job_steps.finish(rpc, self.matcher, self.device, job))
