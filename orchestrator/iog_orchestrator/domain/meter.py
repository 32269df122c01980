"""How long a device was there: real seconds of each hour, and of all time."""

from typing import NamedTuple

KEPT = 8
"""Hours that are remembered of a device."""
BREAK = 60.0
"""Seconds without a sign of life that count for a run in any case: for so long its supervisor goes
on without a worker."""


class Reading(NamedTuple):
    """Both clocks at one moment; `start` of the emission is 0 as long as it is not known."""

    chain: float
    monotonic: float
    start: int
    length: int


class PresenceMeter:
    """Credits real time to hours while a device is connected and gives signs of life.

    It is there from its arrival until it leaves, but no longer than `silence` after its last sign
    of life. The chain's clock says which hour is running, the monotonic one how much time passed,
    so that an hour which a warp crosses has its real seconds only. Each call takes constant time.
    """

    __slots__ = ("_last", "_seconds", "_sign", "_silence", "_spent")

    def __init__(self, silence: float) -> None:
        self._silence = silence
        self._seconds: dict[int, float] = {}
        self._last: tuple[float, float] | None = None
        self._sign: float | None = None
        self._spent = 0.0

    def heard(self, now: Reading, silence: float | None = None) -> None:
        """A sign of life, the first one of a connection among them; `silence` from now on."""
        self._pass(now)
        self._silence = self._silence if silence is None else silence
        self._spent = self.spent(now.monotonic)
        self._sign = now.monotonic
        if self._last is None:
            self._last = (now.chain, now.monotonic)

    def left(self, now: Reading) -> None:
        """Its connection is gone."""
        self._pass(now)
        self._last = None

    def seconds(self, hour: int, now: Reading) -> float:
        """Real seconds of `hour` that it was there for."""
        if self._last != (now.chain, now.monotonic):
            self._pass(now)
        most = min(float(now.length), now.chain - now.start - (hour - 1) * now.length)
        return max(0.0, min(most, self._seconds.get(hour, 0.0)))

    def spent(self, monotonic: float) -> float:
        """All its time since the first sign of life, without what breaks have above `BREAK`."""
        if self._sign is None:
            return 0.0
        return self._spent + min(BREAK, max(0.0, monotonic - self._sign))

    def lost(self, monotonic: float) -> float:
        """What `spent` leaves out of the time since the last sign of life."""
        return 0.0 if self._sign is None else max(0.0, monotonic - self._sign - BREAK)

    def credit(self, hour: int, seconds: float) -> None:
        """Add what was not measured here."""
        self._seconds[hour] = self._seconds.get(hour, 0.0) + seconds
        if len(self._seconds) > KEPT:
            del self._seconds[min(self._seconds)]

    def _pass(self, now: Reading) -> None:
        """Credit the time since the last look, up to where the device fell silent."""
        if self._last is None or self._sign is None or not 0 < now.start <= now.chain:
            return
        then, since = self._last
        until = max(since, min(now.monotonic, self._sign + self._silence))
        self._last = (now.chain, now.monotonic)
        end = now.chain - (now.monotonic - until)
        hour = hour_of(end, now)
        here = max(0.0, min(until - since, end - now.start - (hour - 1) * now.length))
        if here < until - since:
            before = hour_of(max(then, now.start), now)
            if 0 < before < hour:
                left = now.start + before * now.length - then
                self.credit(before, min(until - since - here, max(0.0, left)))
        if hour > 0:
            self.credit(hour, here)


def hour_of(chain: float, now: Reading) -> int:
    """The hour that runs at a time of the chain; 0 and less before the first."""
    return int((chain - now.start) // now.length) + 1


def parts(begin: float, end: float, now: Reading) -> list[tuple[int, float]]:
    """An interval of the chain's time by hours, the newest `KEPT` of them."""
    last = hour_of(end, now)
    found = []
    for hour in range(max(1, hour_of(begin, now), last - KEPT + 1), last + 1):
        began = now.start + (hour - 1) * now.length
        found.append((hour, min(end, began + now.length) - max(begin, began)))
    return found
