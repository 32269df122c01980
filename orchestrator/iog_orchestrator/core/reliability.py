"""Reliability of nodes: brought up with each run that ends and each hour, and kept with its
history."""

from iog_orchestrator.core.context import Context
from iog_orchestrator.core.presence import Presences
from iog_orchestrator.domain.nodes import NodeState
from iog_orchestrator.domain.reliability import KEPT_HOURS, NodeHour


class Reliability:
    """Keeps `context.known.reliability`; the formula is in `domain.reliability`."""

    def __init__(self, context: Context, presences: Presences) -> None:
        self._context = context
        self._presences = presences
        self._records: dict[str, NodeHour] = {}
        self._totals: dict[str, tuple[int, int]] = {}
        self._hour = 0

    async def load(self) -> None:
        """Take up what is on record."""
        self._records = await self._context.ports.store.newest_node_hours()
        await self.recount()

    async def recount(self) -> None:
        """A run has ended and is counted in the store."""
        self._totals = await self._context.ports.store.run_totals()
        known = self._context.known
        for device in self._records.keys() | self._totals.keys():
            record = self._records.get(device) or NodeHour(device, 0)
            score = record.score(self._totals.get(device))
            if known.reliability.get(device) != score:
                known.reliability[device] = score
                self._context.refresh(device)

    async def step(self) -> None:
        """Close the hours that ended while this process was looking."""
        running = self._context.hour
        if not running or self._hour == running:
            return
        # the hour that was running when this process began is the first it can say something of
        for hour in range(max(self._hour, 1, running - 2) if self._hour else running, running):
            await self._close(hour)
        self._hour = running
        await self.recount()

    async def _close(self, hour: int) -> None:
        length, rows = self._context.network.hour_length, []
        for device, node in self._context.known.nodes.items():
            found, seconds = self._records.get(device), self._presences.seconds(device, hour)
            record = found or NodeHour(device, hour - 1)
            counted = node.state is NodeState.ACTIVE and 0 < node.active_from_hour <= hour
            if record.hour >= hour or not counted or (found is None and not seconds):
                continue
            totals = self._totals.get(device, (0, 0))
            rows.append(record.after(hour, totals, seconds, length))
        await self._context.ports.store.put_node_hours(rows, hour - KEPT_HOURS + 1)
        self._records.update({row.device: row for row in rows})
