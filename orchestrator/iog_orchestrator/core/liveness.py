"""Liveness: nodes whose heartbeats stop take no more jobs; they are asked whether they are there,
and disconnected when no answer comes either.

A job that runs on a silent node is left to it for a while: the node may come back with its run, its
log and its statements. Then another node gets the job, or where it has no run left, it expires at
its deadline and pays what was proven.
"""

import logging

from iog_orchestrator.core.agents import Agents
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.presence import Presences
from iog_orchestrator.core.standing import Standing

log = logging.getLogger(__name__)
CLOSE_AFTER = 3
"""Questions in a row that stay without an answer before the connection is closed."""


class Liveness:
    """Checks every node once a heartbeat interval."""

    def __init__(
        self, context: Context, agents: Agents, presences: Presences, standing: Standing
    ) -> None:
        self._context = context
        self._agents = agents
        self._presences = presences
        self._standing = standing
        self._silent: dict[str, int] = {}

    async def run(self) -> None:
        """Check for ever."""
        while True:
            await self._context.ports.clock.sleep(self._context.pace.heartbeat)
            await self.step()

    async def step(self) -> None:
        """Check once."""
        await self._presences.stamp()
        await self._standing.step()
        silent = self._agents.check()
        self._silent = {device: self._silent.get(device, 0) + 1 for device in silent}
        for device, times in list(self._silent.items()):
            if times == 1:
                log.warning("node silent", extra={"action": "node_silent", "device": device})
            if times <= CLOSE_AFTER or self._agents.brake.left:
                await self._agents.ask(device)
            else:
                await self._context.ports.link.close(
                    device, "no heartbeat came, and no answer to a ping"
                )
                del self._silent[device]
