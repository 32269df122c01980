"""Which of the orchestrator's addresses a worker connects to next, and after what pause."""

from __future__ import annotations

from iog_client.endpoints import Endpoints
from iog_client.errors import IogError

from .link import Standby
from .station import pauses

STEADY_SECONDS = 10.0
"""How long a connection has to last for the next pauses to begin short again."""


class Route:
    """The addresses of one orchestrator, tried in turn.

    One that stands by says so at once, and the next is tried without a pause, unless all of them
    do. Any other failure is followed by a pause, which grows with each round through all addresses.
    """

    def __init__(self, addresses: Endpoints) -> None:
        self.addresses = addresses
        self._waits = pauses()
        self._standbys = 0

    def lost(self, error: IogError, lasted: float) -> float:
        """Go on to the next address; the seconds to wait before it is tried.

        `lasted`: seconds from the try to its end by `error`.
        """
        if lasted >= STEADY_SECONDS:
            self._waits, self._standbys = pauses(), 0
        self.addresses.turn()
        if isinstance(error, Standby):
            self._standbys += 1
            if self._standbys < len(self.addresses):
                return 0.0
        self._standbys = 0
        return next(self._waits)
