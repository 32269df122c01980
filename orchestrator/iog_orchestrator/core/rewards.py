"""Proofs of rewards, from the published hour whose root the chain checks claims against."""

import asyncio
from dataclasses import dataclass

from solders.pubkey import Pubkey

from iog_client.amounts import format_amount
from iog_client.hours import PublishedHour
from iog_client.merkle import Tree
from iog_orchestrator.core.context import Context
from iog_orchestrator.domain.errors import Unknown


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
        self._trees: dict[int, tuple[dict[str, int], Tree | None]] = {}
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
            pending = (await self._hour(newest.hour))[0].get(wallet, 0)
        epoch, root = known.live(ports.chain_clock.now())
        live = await ports.store.hour_of_root(root) if epoch else None
        amounts, tree = await self._hour(live.hour) if live else ({}, None)
        if wallet not in amounts or tree is None:
            due = f"; {format_amount(pending)} fall due with the next root" if pending else ""
            raise Unknown(f"no root that is live has a reward of {wallet}{due}")
        siblings = tree.proof(Pubkey.from_string(wallet))
        if newest is not None and live is not None:
            kept = {newest.hour, live.hour}
            self._trees = {hour: one for hour, one in self._trees.items() if hour in kept}
        return Proof(
            epoch,
            root,
            amounts[wallet],
            tuple(one.hex() for one in siblings),
            pending,
            known.active_at if known.pending_epoch == epoch else 0,
        )

    async def _hour(self, hour: int) -> tuple[dict[str, int], Tree | None]:
        async with self._loading:
            if hour not in self._trees:
                document = await self._context.ports.store.hour(hour) or b""
                self._trees[hour] = await asyncio.to_thread(_load, document)
            return self._trees[hour]


def _load(document: bytes) -> tuple[dict[str, int], Tree | None]:
    if not document:
        return {}, None
    hour = PublishedHour.parse(document)
    return dict(hour.leaves), hour.tree() if hour.leaves else None
