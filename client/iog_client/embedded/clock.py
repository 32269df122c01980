"""Time of the embedded chain: it runs while the chain is up, stands still while it is down."""

from __future__ import annotations

from dataclasses import dataclass

from iog_client.clocks import Clock

BLOCK_SECONDS = 0.4
"""Real seconds to a block, as on public clusters; block heights count real time only."""


@dataclass(frozen=True)
class SavedTime:
    """What of the time is kept in the folder.

    `created` is in unix seconds, `elapsed` in real seconds that the chain was up, `warped` in
    seconds added by hand.
    """

    created: int
    elapsed: float
    warped: int


class ChainTime:
    """Unix time and block height of a chain that was up for `saved.elapsed` seconds before."""

    def __init__(self, saved: SavedTime, clock: Clock) -> None:
        self._saved = saved
        self._clock = clock
        self._opened = clock.monotonic()
        self._warped = saved.warped

    def _elapsed(self) -> float:
        return self._saved.elapsed + self._clock.monotonic() - self._opened

    def unix(self) -> int:
        """Chain time in unix seconds, rounded down."""
        return self._saved.created + self._warped + int(self._elapsed())

    def height(self) -> int:
        """Blocks since creation. A warp adds none, so it expires no blockhash."""
        return int(self._elapsed() / BLOCK_SECONDS)

    def warp(self, seconds: int) -> None:
        """Moves chain time forward; it never goes back."""
        if seconds < 0:
            raise ValueError("chain time only moves forward")
        self._warped += seconds

    def save(self) -> SavedTime:
        """The time as it is to be kept now."""
        return SavedTime(self._saved.created, self._elapsed(), self._warped)
