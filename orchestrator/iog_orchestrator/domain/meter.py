"""How many real seconds of each hour have passed: an hour crossed by a warp has only its real
ones."""


class HourMeter:
    """Credits monotonic time to hours, from readings of both clocks.

    Before the first reading nothing was measured; the hour it falls into is credited what the
    chain's clock says, and hours before it count whole: this process was away, the nodes may not
    have been.
    """

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}
        self._first = 0
        self._last: tuple[float, float] | None = None

    def observe(self, chain: float, monotonic: float, start: int, length: int) -> None:
        """Take a reading of the chain's clock and the monotonic one; `start` of the emission."""
        if chain < start:
            return
        hour = int((chain - start) // length) + 1
        began = start + (hour - 1) * length
        if self._last is None:
            self._first = hour
            self._seconds[hour] = chain - began
        else:
            then, since = self._last
            passed = max(0.0, monotonic - since)
            here = min(passed, chain - began)
            self._seconds[hour] = self._seconds.get(hour, 0.0) + here
            before = int((max(then, start) - start) // length) + 1
            if before < hour:
                ended = start + before * length
                there = min(passed - here, max(0.0, ended - then))
                self._seconds[before] = self._seconds.get(before, 0.0) + there
        self._last = (chain, monotonic)
        for old in [one for one in self._seconds if one < hour - 100]:
            del self._seconds[old]

    def seconds(self, hour: int, length: int) -> float:
        """Real seconds of `hour` that have passed, at most `length`."""
        if hour < self._first:
            return float(length)
        return min(float(length), self._seconds.get(hour, 0.0))
