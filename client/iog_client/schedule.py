"""The emission schedule and the hours it runs by; the same numbers as the programs, no I/O.

An hour counts from 1: hour h ends at `start + h * length` (unix seconds).
"""

from iog_client.amounts import BPS, HOUR
from iog_client.schedule_table import CUMULATIVE

HOURS_PER_MONTH = 730
HOURS = HOURS_PER_MONTH * len(CUMULATIVE)
TOTAL = CUMULATIVE[-1]
GRACE_SECONDS = 600
LEAST_GRACE = 20


def emitted(hour: int) -> int:
    """Base units emitted when `hour` hours have ended; constant from the last hour on.

    Hour k of a month brings the month's total to `floor(amount * k / 730)`.

    Raises:
        ValueError: `hour` is negative.
    """
    if hour < 0:
        raise ValueError(f"hour {hour} is before the schedule")
    if hour >= HOURS:
        return TOTAL
    month, rest = divmod(hour, HOURS_PER_MONTH)
    ended = CUMULATIVE[month - 1] if month else 0
    return ended + (CUMULATIVE[month] - ended) * rest // HOURS_PER_MONTH


def hour_at(start: int, length: int, now: float) -> int:
    """Number of the hour running at `now`, counted from 1; 0 before the start or without one.

    Args:
        start: unix seconds; 0 for not started.
        length: seconds of an hour.
        now: unix seconds.
    """
    if start <= 0 or now < start:
        return 0
    return int((now - start) // length) + 1


def hours_ended(start: int, length: int, now: float) -> int:
    """Emission hours that have ended by `now`, at most all of them."""
    return min(max(hour_at(start, length, now) - 1, 0), HOURS)


def hour_end(start: int, length: int, hour: int) -> int:
    """Unix seconds at which an hour ends."""
    return start + hour * length


def scaled(seconds: int, length: int) -> int:
    """A duration that follows the length of an hour: `max(1, floor(seconds * length / 3600))`."""
    return max(1, seconds * length // HOUR)


def grace(length: int) -> int:
    """Slack of iog_jobs at each deadline, in seconds: ten minutes scaled, and never under 20 s."""
    return max(LEAST_GRACE, scaled(GRACE_SECONDS, length))


def split(
    hour: int,
    pool_bps: int,
    *,
    split_from_hour: int = 0,
    pool_base: int = 0,
    next_split_hour: int = 0,
    next_pool_bps: int = 0,
) -> tuple[int, int]:
    """Cumulative base units (to rewards, to the backers' pool) when `hour` hours are minted.

    iog_token's rule: the sum, over periods of one share, of
    floor((E(end) - E(begin)) * bps / 10,000).

    Args:
        hour: hours minted.
        pool_bps: share of the pool in the hours after `split_from_hour`, in basis points.
        split_from_hour: the hour after which that share holds.
        pool_base: what the pool got by the end of it.
        next_split_hour: the hour after which `next_pool_bps` holds; 0 for none.
        next_pool_bps: the share from then on.

    Raises:
        ValueError: `hour` lies before `split_from_hour`, whose share this is not.
    """
    if hour < split_from_hour:
        raise ValueError(f"hour {hour} was split before hour {split_from_hour}")
    until = min(hour, next_split_hour) if next_split_hour else hour
    to_pool = pool_base + (emitted(until) - emitted(split_from_hour)) * pool_bps // BPS
    to_pool += (emitted(hour) - emitted(until)) * next_pool_bps // BPS
    return emitted(hour) - to_pool, to_pool
