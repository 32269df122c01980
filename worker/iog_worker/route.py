"""Which of the orchestrator's addresses a worker connects to next, and after what pause."""

from __future__ import annotations

from iog_client.endpoints import Endpoints
from iog_client.errors import IogError

from .link import Standby
from .station import LONGEST_PAUSE, pauses

STEADY_SECONDS = 10.0
"""How long a connection has to last for the next pauses to begin short again."""
LONGEST_OF_SEVERAL = 4.0
"""The longest pause where another orchestrator takes over within seconds."""


class Route:
    """The addresses of one orchestrator, tried in turn.

    One that stands by says so at once, and the next is tried without a pause, unless all of them
    do. Any other failure is followed by a pause, which grows with each round through all addresses.
    """

    def __init__(self, addresses: Endpoints) -> None:
        self.addresses = addresses
        self._longest = LONGEST_OF_SEVERAL if len(addresses) > 1 else LONGEST_PAUSE
        self._waits = pauses(self._longest)
        self._standbys = 0

    def lost(self, error: IogError, lasted: float) -> float:
        """Go on to the next address; the seconds to wait before it is tried.

        `lasted`: seconds from the try to its end by `error`.
        """
        if lasted >= STEADY_SECONDS:
            self._waits, self._standbys = pauses(self._longest), 0
        self.addresses.turn()
        if isinstance(error, Standby):
            self._standbys += 1
            if self._standbys < len(self.addresses):
                return 0.0
        self._standbys = 0
        return next(self._waits)
