"""The chain's clock as it was last read."""

from iog_orchestrator.ports import Clock


class ReadChainClock:
    """`ports.ChainClock`: the last reading of the chain plus the monotonic time since."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._chain = 0.0
        self._read_at = clock.monotonic()

    def now(self) -> float:
        return self._chain + self._clock.monotonic() - self._read_at

    def set(self, chain_time: float) -> None:
        estimate = self.now()
        # Chain time has whole seconds. An estimate inside the second that was read is finer than
        # the reading; anything else (a warp, a clock that runs unevenly) gives way to the chain.
        if not chain_time <= estimate < chain_time + 1:
            self._chain, self._read_at = chain_time, self._clock.monotonic()
