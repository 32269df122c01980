"""Points in time as people read them: a date, and how far off it is; and the chain's own time."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from iog_client import amounts, schedule, tokens
from iog_client._generated.iog_token.accounts import Config
from iog_client.rpc import Rpc

_DAY = 24 * amounts.HOUR
_LAST = 253_402_300_799
"""The last second of the year 9999, after which Python knows no dates."""


def date(at: int) -> str:
    """Unix seconds to `2026-12-06 10:00:00 UTC`."""
    if not 0 <= at <= _LAST:
        return f"unix time {at}"
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(seconds: int) -> str:
    """A length of time to `3h20m`: its two largest units, rounded up so that it is not missed."""
    if seconds > _DAY:
        step = amounts.HOUR
    elif seconds > amounts.HOUR:
        step = 60
    else:
        step = 1
    return amounts.format_duration(-(-seconds // step) * step)


def moment(at: int, now: int) -> str:
    """Unix seconds to `2026-12-06 10:00:00 UTC (in 3h20m)`."""
    if at > now:
        return f"{date(at)} (in {span(at - now)})"
    return f"{date(at)} ({span(now - at)} ago)" if at < now else f"{date(at)} (now)"


@dataclass(frozen=True, slots=True)
class Now:
    """The time of a chain. `hour` is the number of the hour that runs, 0 before the first."""

    at: int
    hour: int
    token: Config

    @classmethod
    async def read(cls, rpc: Rpc) -> Self:
        """Raises `NotFound` on a chain without a network."""
        token = await tokens.config(rpc)
        at = await rpc.chain_time()
        return cls(at, schedule.hour_at(token.start, token.hour_length, at), token)

    def after(self, seconds: int) -> int:
        """Unix seconds after a delay that follows the length of an hour."""
        return self.at + schedule.scaled(seconds, self.token.hour_length)

    def moment(self, at: int) -> str:
        """A point in time, seen from now."""
        return moment(at, self.at)

    def hour_text(self, hour: int) -> str:
        """An hour to `hour 12, 2026-12-06 10:00:00 UTC (in 40s)`, which is when it begins."""
        if self.token.start == 0:
            return f"hour {hour} (emission has not started)"
        begins = schedule.hour_end(self.token.start, self.token.hour_length, hour - 1)
        return f"hour {hour}, {self.moment(begins)}"
