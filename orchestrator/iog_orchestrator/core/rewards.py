"""Proofs of rewards, from the published hour whose root the chain checks claims against."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from solders.pubkey import Pubkey

from iog_client.amounts import format_amount
from iog_client.hours import PublishedHour
from iog_client.hours_parts import HourFile
from iog_orchestrator.core.context import Context
from iog_orchestrator.domain.errors import Unknown
from iog_orchestrator.ports import HourWorks


@dataclass(frozen=True, slots=True)
class Proof:
    """What `reward_claim` needs; hashes in hex. `pending`: cumulative by the newest hour."""

    epoch: int
    root: str
    cumulative: int
    proof: tuple[str, ...]
    pending: int
    active_at: int


class Rewards:
    """Keeps the trees of the live root and the newest hour."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._trees: dict[int, _Hour] = {}
        self._loading = asyncio.Lock()

    async def proof(self, wallet: str) -> Proof:
        """The proof of a wallet's cumulative reward.

        Raises:
            Unknown: no root is live that has the wallet.
        """
        ports = self._context.ports
        known = self._context.known.distributor = await ports.chain.distributor()
        newest = await ports.store.last_hour()
        pending = 0
        if newest is not None:
            pending = (await self._hour(newest.hour)).earned(wallet)
        epoch, root = known.live(ports.chain_clock.now())
        live = await ports.store.hour_of_root(root) if epoch else None
        found = (await self._hour(live.hour)).proof(wallet) if live else None
        if found is None:
            due = f"; {format_amount(pending)} fall due with the next root" if pending else ""
            raise Unknown(f"no root that is live has a reward of {wallet}{due}")
        cumulative, siblings = found
        if newest is not None and live is not None:
            kept = {newest.hour, live.hour}
            self._trees = {hour: one for hour, one in self._trees.items() if hour in kept}
        return Proof(
            epoch,
            root,
            cumulative,
            tuple(one.hex() for one in siblings),
            pending,
            known.active_at if known.pending_epoch == epoch else 0,
        )

    async def _hour(self, hour: int) -> "_Hour":
        async with self._loading:
            if hour not in self._trees:
                document = await self._context.ports.store.hour(hour) or b""
                works = self._context.ports.works
                self._trees[hour] = await asyncio.to_thread(_load, document, works)
            return self._trees[hour]


class _Hour(Protocol):
    """What an hour says of a wallet."""

    def earned(self, wallet: str) -> int: ...

    def proof(self, wallet: str) -> tuple[int, list[bytes]] | None: ...


class _Whole:
    """An hour in one document, in memory with its tree."""

    def __init__(self, hour: PublishedHour | None) -> None:
        self._amounts = dict(hour.leaves) if hour else {}
        self._tree = hour.tree() if hour and hour.leaves else None

    def earned(self, wallet: str) -> int:
        return self._amounts.get(wallet, 0)

    def proof(self, wallet: str) -> tuple[int, list[bytes]] | None:
        if self._tree is None or wallet not in self._amounts:
            return None
        return self._amounts[wallet], self._tree.proof(Pubkey.from_string(wallet))


class _Parted:
    """An hour in parts, whose tree is in a file: a proof reads as many hashes as it has."""

    def __init__(self, hour: int, works: HourWorks) -> None:
        self._hour = hour
        self._works = works

    def earned(self, wallet: str) -> int:
        found = self.proof(wallet)
        return found[0] if found else 0

    def proof(self, wallet: str) -> tuple[int, list[bytes]] | None:
        try:
            return self._works.proof(self._hour, wallet)
        except Unknown:
            return None


def _load(document: bytes, works: HourWorks) -> _Hour:
    if not document:
        return _Whole(None)
    head = HourFile.parse(document).head
    return _Whole(head) if isinstance(head, PublishedHour) else _Parted(head.hour, works)
