"""Asks whichever of the orchestrator's addresses answers, and says what an answer means.

Several orchestrators may work on one database. One leads; the others pass requests on to it, and
say that they stand by while there is none. A client goes on to the next address

- when no connection came about, or a standby says that it did nothing: then nothing was done, and
  any request may be sent again;
- when a connection broke, or an answer was none of an orchestrator's: then the request may have
  been carried out, and only one that does no more the second time is sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import httpx
from pydantic import ValidationError

from iog_client import proxies
from iog_client.api_models import STANDBY, Problem
from iog_client.endpoints import Endpoints, unmade, unreachable
from iog_client.errors import (
    IogError,
    NotAllowed,
    NotFound,
    Refused,
    TimedOut,
    Unreachable,
    UsageError,
)

ABSENCE_SECONDS = 300.0
"""How long what follows a job waits for an orchestrator that is away. A takeover takes seconds, a
restart on another machine minutes."""
PAUSE_SECONDS = 1.0
ANSWER_SECONDS = 30.0
"""How long an answer is waited for."""
MOVE_ON_SECONDS = 10.0
"""The same where another address can still be asked: a leader that hangs is replaced by then."""
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""What httpx raises before anything of a request has gone."""

Ask = Callable[[str, float], Awaitable[httpx.Response]]
"""Sends a request to the address it is given, and waits so many seconds for the answer."""


async def ask(addresses: Endpoints, send: Ask, *, again: bool) -> httpx.Response:
    """The answer of the first address that gives one; it is asked first from then on.

    `again`: whether the request may be sent once more where it may have been carried out.

    Raises:
        Unreachable: none answered; all that were tried are named.
        IogError: the orchestrator refused, as `check` tells.
    """
    failures: list[Unreachable] = []
    urls = addresses.in_turn()
    for url in urls:
        patient = ANSWER_SECONDS if not again or url == urls[-1] else MOVE_ON_SECONDS
        try:
            with reaching(url):
                response = await send(url, patient)
            _require_leader(url, response)
        except Unreachable as error:
            failures.append(error)
            if error.asked and not again:
                break
            continue
        addresses.answered(url)
        check(url, response)
        return response
    raise unreachable(failures)


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turns what the connection raises into `Unreachable`."""
    try:
        yield
    except httpx.InvalidURL as error:
        raise UsageError(f"{url} is not a URL") from error
    except httpx.HTTPError as error:
        # a part of a line, which goes on after it
        said = unmade(error) or str(error).rstrip(".") or type(error).__name__
        why = said + proxies.by_way_of(url)
        raise Unreachable(url, why, asked=not isinstance(error, NOT_SENT)) from error


def _require_leader(url: str, response: httpx.Response) -> None:
    """Raises `Unreachable` for an answer that is not the leader's."""
    if not response.is_error:
        return
    found = _problem(response)
    if found is None:
        why = f"it answers {response.status_code} as no orchestrator does"
        # 5xx may be a proxy's whose orchestrator is away
        raise Unreachable(url, why, foreign=response.is_client_error)
    if response.status_code in _AWAY and found.code in _NOT_LEADING:
        raise Unreachable(url, found.detail or found.title, asked=found.code != STANDBY)


_NOT_LEADING = (STANDBY, "lease_lost", "leader_lost")
"""Codes of a problem: it never led, it ceased to while the request was carried out, or the leader
that it passed the request on to did."""
_ERRORS: dict[int, type[IogError]] = {
    400: UsageError,
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    408: TimedOut,
    422: UsageError,
    504: TimedOut,
}
_AWAY = (502, 503)


def check(url: str, response: httpx.Response) -> None:
    """Raises the error that a problem stands for."""
    if not response.is_error:
        return
    found = _problem(response)
    message = (found.detail or found.title) if found else f"answered {response.status_code}"
    if response.status_code in _AWAY:
        raise Unreachable(url, message)
    raise _ERRORS.get(response.status_code, Refused)(message)


def _problem(response: httpx.Response) -> Problem | None:
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None


class Patience:
    """Waits for an orchestrator that is away, but not for ever.

    `away` is told of each absence once, as it begins.
    """

    def __init__(
        self,
        away: Callable[[Unreachable], None],
        seconds: float = ABSENCE_SECONDS,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._away, self._seconds, self._now, self._sleep = away, seconds, now, sleep
        self._since: float | None = None

    def back(self) -> None:
        """It answered."""
        self._since = None

    async def wait(self, error: Unreachable) -> None:
        """Wait a moment before it is asked again. Raises `error` when it has been away too long."""
        if self._since is None:
            self._since = self._now()
            self._away(error)
        elif self._now() - self._since >= self._seconds:
            raise error
        await self._sleep(PAUSE_SECONDS)
