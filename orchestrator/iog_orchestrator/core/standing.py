"""What a node's standing rests on beside the chain and its connection: its GPUs being its own, what
its operator has announced, and its reliability."""

from iog_orchestrator.core.context import Context
from iog_orchestrator.core.gpus import Gpus
from iog_orchestrator.core.notices import Notices
from iog_orchestrator.core.presence import Presences
from iog_orchestrator.core.reliability import Reliability


class Standing:
    """The three, loaded and looked at together."""

    def __init__(self, context: Context, presences: Presences) -> None:
        self.gpus = Gpus(context)
        self.notices = Notices(context)
        self.reliability = Reliability(context, presences)

    async def load(self) -> None:
        """Take up what an earlier process knew; after the first reading of the chain."""
        await self.gpus.load()
        await self.notices.load()
        await self.reliability.load()

    async def step(self) -> None:
        """Look at what time changes."""
        await self.gpus.step()
        await self.notices.step()
        await self.reliability.step()
