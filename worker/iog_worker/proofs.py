"""Evidence of life: statements signed by the device, and the seconds that they may claim."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client.clocks import Clock
from iog_client.protocol import SignedStatement
from iog_client.statements import Kind, Statement

from .folder import read_json, replace

BLOCK = 1000
KEPT_HOURS = 48
BELIEVED = 1 << 62
"""No higher counter is believed of others: an orchestrator takes none from 2^63 on, so that one who
names such would end all that this device can ever sign. Its own file knows those beyond."""


class Counter:
    """A number that rises with every statement and never comes again, also after a crash.

    The file holds a number that none given out reaches; it moves on by blocks, before their use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._last = self._limit = int(path.read_text())
        except (OSError, ValueError):
            self._last = self._limit = 0

    def next(self) -> int:
        """The next number."""
        self._last += 1
        if self._last >= self._limit:
            self._limit = self._last + BLOCK
            replace(self._path, str(self._limit), durable=True)
        return self._last

    def raise_to(self, seen: int) -> None:
        """Go on above `seen`, which the orchestrator has already, if that may be."""
        if seen <= BELIEVED:
            self._last = max(self._last, seen)


class Statements:
    """Signs statements of one device on one network."""

    def __init__(
        self, device: Keypair, genesis_hash: Hash, jobs_program: Pubkey, counter: Counter
    ) -> None:
        self._device = device
        self._genesis = genesis_hash
        self._program = jobs_program
        self._counter = counter

    def for_job(self, job: str, run: int, seconds: int) -> SignedStatement:
        """A statement on a run."""
        statement = Statement.for_job(
            self._genesis,
            self._program,
            self._device.pubkey(),
            Pubkey.from_string(job),
            run,
            self._counter.next(),
            seconds,
        )
        return self._signed(statement, job)

    def for_hour(self, hour: int, seconds: int) -> SignedStatement:
        """A statement on an hour."""
        statement = Statement.for_hour(
            self._genesis,
            self._program,
            self._device.pubkey(),
            hour,
            self._counter.next(),
            seconds,
        )
        return self._signed(statement, str(hour))

    def _signed(self, statement: Statement, subject: str) -> SignedStatement:
        return SignedStatement(
            kind="job" if statement.kind is Kind.JOB else "hour",
            subject=subject,
            run=statement.run,
            counter=statement.counter,
            seconds=statement.seconds,
            signature=str(statement.sign(self._device)),
        )


class HourMeter:
    """Seconds that this worker was alive in each hour, by the monotonic clock.

    The chain's clock says which hour is running; between two readings of it, time passes as the
    monotonic clock says. A reading that is far ahead moves on to a later hour and adds nothing, so
    an hour that was jumped over has no seconds and one that was cut short only the real ones.
    """

    def __init__(self, path: Path, genesis_hash: str, clock: Clock) -> None:
        self._path = path
        self._genesis = genesis_hash
        self._clock = clock
        self._start = 0
        self._length = 0
        self._chain: float | None = None
        self._at = 0.0
        self._seconds: dict[int, float] = {}
        self._stated: dict[int, int] = {}
        kept = read_json(path)
        hours = kept.get("hours") if kept and kept.get("genesis_hash") == genesis_hash else None
        if isinstance(hours, dict):
            self._seconds = {int(hour): float(seconds) for hour, seconds in hours.items()}

    def observe(self, chain_time: float, start: int, length: int) -> None:
        """Take a reading of the chain's clock; `start` is 0 before emission."""
        self.advance()
        self._chain, self._at = chain_time, self._clock.monotonic()
        self._start, self._length = start, length

    def advance(self) -> None:
        """Count the time since the last look."""
        now = self._clock.monotonic()
        if self._chain is None:
            return
        begin, end = self._chain, self._chain + (now - self._at)
        self._chain, self._at = end, now
        begin = max(begin, self._start)
        while self._start and begin < end:
            hour = int((begin - self._start) // self._length) + 1
            until = min(end, self._start + hour * self._length)
            spent = self._seconds.get(hour, 0.0) + (until - begin)
            self._seconds[hour] = min(spent, float(self._length))
            begin = until

    def limit(self, hours: Iterable[tuple[int, int]]) -> bool:
        """Count no more of an hour than the orchestrator has seen; whether that changes anything.

        It has not seen this worker while a connection was broken.
        """
        self.advance()
        above = [(hour, most) for hour, most in hours if self._seconds.get(hour, 0.0) > most]
        for hour, most in above:
            self._seconds[hour] = float(most)
            # what was stated of it was refused
            self._stated.pop(hour, None)
        return bool(above)

    def due(self) -> list[tuple[int, int]]:
        """Hours with more whole seconds than last stated, oldest first; now they are stated."""
        self.advance()
        found = []
        for hour in sorted(self._seconds):
            seconds = int(self._seconds[hour])
            if seconds > self._stated.get(hour, 0):
                self._stated[hour] = seconds
                found.append((hour, seconds))
        if found:
            self._keep()
        return found

    def state_again(self, hours: int = 3) -> None:
        """Forget that the newest `hours` were stated: they may not have arrived."""
        newest = sorted(self._seconds)[-hours:]
        self._stated = {
            hour: int(seconds) if hour not in newest else 0
            for hour, seconds in self._seconds.items()
        }

    def until_next_hour(self) -> float | None:
        """Seconds until the running hour ends; None when no hour runs."""
        self.advance()
        if self._chain is None or not self._start or self._chain < self._start:
            return None
        return self._length - (self._chain - self._start) % self._length

    def _keep(self) -> None:
        for hour in sorted(self._seconds)[:-KEPT_HOURS]:
            self._stated.pop(hour, None)
            del self._seconds[hour]
        replace(self._path, json.dumps({"genesis_hash": self._genesis, "hours": self._seconds}))
