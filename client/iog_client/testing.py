"""A chain for tests: in process, without sockets, with a clock that moves only when told to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from solders.account import Account as SvmAccount
from solders.hash import Hash
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client.embedded.chain import EmbeddedChain
from iog_client.embedded.methods import core_version
from iog_client.embedded.server import HOST, listen, package_version, server, url_of
from iog_client.errors import Refused
from iog_client.rpc import Account, Outcome, Status

__all__ = ["EmbeddedRpc", "ManualClock", "serve"]


class ManualClock:
    """A host clock that stands still until `advance`."""

    def __init__(self, wall: float = 1_700_000_000) -> None:
        self._wall = wall
        self._passed = 0.0

    def monotonic(self) -> float:
        return self._passed

    def wall(self) -> float:
        return self._wall + self._passed

    def advance(self, seconds: float) -> None:
        """Lets real time pass; blockhashes grow old with it, which a warp does not do."""
        self._passed += seconds


class EmbeddedRpc:
    """The `Rpc` protocol over an embedded chain in this process."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self.chain = chain

    async def account(self, address: Pubkey) -> Account | None:
        return _account(self.chain.account(address))

    async def accounts(self, addresses: Sequence[Pubkey]) -> list[Account | None]:
        return [_account(self.chain.account(address)) for address in addresses]

    async def program_accounts(
        self,
        program: Pubkey,
        *,
        data_size: int | None = None,
        memcmp: Sequence[tuple[int, bytes]] = (),
    ) -> list[tuple[Pubkey, Account]]:
        found = self.chain.program_accounts(program, data_size, memcmp)
        return [(address, _known(account)) for address, account in found]

    async def balance(self, address: Pubkey) -> int:
        return self.chain.balance(address)

    async def latest_blockhash(self) -> tuple[Hash, int]:
        return self.chain.latest_blockhash()

    async def block_height(self) -> int:
        return self.chain.block_height

    async def slot(self) -> int:
        return self.chain.slot

    async def chain_time(self) -> int:
        return self.chain.unix_time()

    async def genesis_hash(self) -> Hash:
        return self.chain.genesis_hash

    async def version(self) -> str:
        return core_version(package_version())

    async def send(self, transaction: bytes, *, preflight: bool = True) -> Signature:
        try:
            return self.chain.send(transaction, preflight=preflight)
        except ValueError as exc:
            raise Refused(str(exc)) from exc

    async def simulate(self, transaction: bytes) -> Outcome:
        try:
            done = self.chain.simulate(transaction)
        except ValueError as exc:
            raise Refused(str(exc)) from exc
        return Outcome(self.chain.slot, done.error, tuple(done.logs), done.units)

    async def statuses(self, signatures: Sequence[Signature]) -> list[Status | None]:
        found = [self.chain.record(signature) for signature in signatures]
        return [None if one is None else Status(one.slot, one.error, "finalized") for one in found]

    async def transaction(self, signature: Signature) -> Outcome | None:
        found = self.chain.record(signature)
        if found is None:
            return None
        return Outcome(found.slot, found.error, tuple(found.meta["logs"]), found.meta["units"])

    async def airdrop(self, address: Pubkey, lamports: int) -> Signature:
        return self.chain.airdrop(address, lamports)

    async def close(self) -> None:
        """Leaves the chain open: who made it closes it."""


def _account(account: SvmAccount | None) -> Account | None:
    return None if account is None else _known(account)


def _known(account: SvmAccount) -> Account:
    return Account(account.lamports, account.data, account.owner, account.executable)


@contextlib.asynccontextmanager
async def serve(chain: EmbeddedChain) -> AsyncIterator[str]:
    """The chain behind HTTP on a free loopback port, in this event loop. Yields the URL."""
    bound = listen(0)
    running = server(chain)
    task = asyncio.create_task(running.serve(sockets=[bound]))
    try:
        await _answering(bound.getsockname()[1], task)
        yield url_of(bound)
    finally:
        running.should_exit = True
        await task


async def _answering(port: int, task: asyncio.Task[None]) -> None:
    """Returns once the server accepts connections, which its socket does from `listen` on."""
    while not task.done():
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.005)
            continue
        writer.close()
        await writer.wait_closed()
        return
