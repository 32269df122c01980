"""What a command that signs works with: the chain, the wallet, the orchestrator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import onchain, wallets
from iog_client.api import OrchestratorApi
from iog_client.cli import options, output
from iog_client.config import Settings
from iog_client.errors import NotFound, Unreachable
from iog_client.node_models import NodeView
from iog_client.rpc import HttpRpc, Rpc
from iog_client.transactions import Sender


@dataclass(frozen=True, slots=True)
class Session:
    """Open connections; `wallet` signs and pays."""

    settings: Settings
    rpc: Rpc
    api: OrchestratorApi
    wallet: Keypair
    numbers: dict[str, str] = field(default_factory=dict)
    """Addresses of the jobs that were named by their number, for what is said of them."""

    @property
    def key(self) -> Pubkey:
        """The wallet's address."""
        return self.wallet.pubkey()

    def signer(self, file: Path | None) -> Keypair:
        """The key in that file; without one the wallet's. Raises `NotFound`."""
        return wallets.load(file, "signer") if file else self.wallet

    async def sender(self) -> Sender:
        """Sends what the wallet pays for, to programs that are those this client was made for.

        Raises:
            NotFound: the chain lacks one of the programs.
            Mismatch: it has another one; both hashes are named.
        """
        await onchain.program_hashes(self.rpc)
        return Sender(self.rpc, self.wallet)


async def seen(api: OrchestratorApi) -> dict[str, NodeView]:
    """The nodes that the orchestrator knows by device; none, and a note, while it is away."""
    try:
        return {view.device: view for view in await api.nodes()}
    except Unreachable as error:
        output.note(f"{error.message}; so this is what the chain knows")
        return {}


@asynccontextmanager
async def opened(
    rpc: str | None = None, orchestrator: str | None = None, wallet: Path | None = None
) -> AsyncIterator[Session]:
    """A session by flags over environment over file; the wallet's file has to exist.

    Raises:
        NotFound: there is no such wallet.
        UsageError: a setting is not usable.
    """
    settings = options.settings(rpc, orchestrator, wallet)
    keypair = wallets.load(settings.wallet)
    node = HttpRpc(settings.rpc_url)
    try:
        async with OrchestratorApi(settings.orchestrator_url, keypair) as api:
            here = Session(settings, node, api, keypair)
            try:
                yield here
            except NotFound as error:
                raise _by_number(error, here.numbers) from error
    finally:
        await node.close()


def _by_number(error: NotFound, numbers: Mapping[str, str]) -> NotFound:
    """The error, with the number by which a job was asked for beside the address that it names."""
    asked = next((number for key, number in numbers.items() if key in error.message), None)
    return error if asked is None else NotFound(f"job {asked} of this wallet: {error.message}")
