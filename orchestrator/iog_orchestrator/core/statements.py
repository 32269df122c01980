"""Evidence from devices: checked as it comes, the newest kept in memory and written at
intervals.

Of an hour's statements there are thousands a second, and checking signatures is most of their cost.
So theirs are checked many at a time, before they are written; nothing of a statement counts before
that. A few of an hour wait for it of each device: when one more comes, they are checked at once, so
that who says much more than there is to say leaves no heap of work. A run's end waits for its last
statement, so those on jobs are checked at once.
"""

import asyncio
import logging
from collections import deque

from solders.hash import Hash
from solders.pubkey import Pubkey

from iog_client.protocol import SignedStatement
from iog_client.statements import Kind, Statement
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.presence import Presences
from iog_orchestrator.domain.errors import RequestRefused
from iog_orchestrator.domain.jobs import ChainJob, JobState, StoredStatement
from iog_orchestrator.ports import Cosigned

log = logging.getLogger(__name__)
Subject = tuple[str, str, int, str]
MAX_COUNTER = (1 << 63) - 1
KEPT_HOURS = 3
KEPT_STATEMENTS = 8
"""On one run: those before the newest count where that one says more than a cancel lets it."""
MOST_WAITING = 4
"""Of one hour and device, whose signatures are still to be checked."""
NOT_THE_DEVICES = "the statement's signature is not the device's"


def log_refused(
    said: SignedStatement | StoredStatement, device: str, error: RequestRefused
) -> None:
    """Say that a statement does not count."""
    log.info(
        "statement refused: %s",
        error,
        # `job` is an address, `hour` a number
        extra={"action": "statement_refused", "device": device, said.kind: said.subject},
    )


def _subject(stored: StoredStatement) -> Subject:
    return (stored.kind, stored.subject, stored.run, stored.device)


class Statements:
    """The newest statement on each subject, and the counter of each device."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._genesis = Hash.from_string(context.network.genesis_hash)
        self._program = Pubkey.from_string(context.network.programs["iog_jobs"])
        self.presences = Presences(context)
        self._arrived: dict[Subject, list[StoredStatement]] = {}
        """On hours, with signatures still to be checked: `MOST_WAITING` on each at most."""
        self._flushing = asyncio.Lock()
        self._newest: dict[Subject, StoredStatement] = {}
        self._unwritten: dict[Subject, StoredStatement] = {}
        self._recent: dict[Subject, deque[StoredStatement]] = {}
        self._counters: dict[str, int] = {}
        self.closed_hour = 0
        """Statements on this hour and earlier ones come too late."""

    async def counter(self, device: str) -> int:
        """The highest counter that a device has signed."""
        if device not in self._counters:
            self._counters[device] = await self._context.ports.store.counter(device)
        return self._counters[device]

    def is_ready(self, device: str, said: SignedStatement) -> bool:
        """Whether all is known that a statement is checked against."""
        job = self._counting(device, said)
        return device in self._counters and (job is None or self.presences.knows(job))

    async def prepare(self, device: str, said: SignedStatement) -> None:
        """Read what a statement is checked against."""
        # again where the job went on in the meantime
        while not self.is_ready(device, said):
            await self.counter(device)
            if (job := self._counting(device, said)) is not None:
                await self.presences.learn(job)

    def take(self, device: str, said: SignedStatement) -> None:
        """Check a statement when all is known for it, and keep it: one on an hour until `flush`
        checks its signature. Raises `RequestRefused` with the rule it breaks."""
        if said.counter > MAX_COUNTER:
            raise RequestRefused(f"counter {said.counter} is above {MAX_COUNTER}")
        self._make_room((said.kind, said.subject, said.run, device))
        last = self._counters[device]
        if said.counter <= last:
            raise RequestRefused(f"counter {said.counter} is not above the last one, {last}")
        limit = (self._hour_limit if said.kind == "hour" else self._job_limit)(device, said)
        if said.seconds > limit:
            raise RequestRefused(
                f"{said.seconds} s on {said.kind} {said.subject}: {limit} s were measured"
            )
        stored = StoredStatement(
            device, said.kind, said.subject, said.run, said.counter, said.seconds, said.signature
        )
        self._require_more(stored)
        if said.kind == "hour":
            self._arrived.setdefault(_subject(stored), []).append(stored)
        elif self._is_signed(stored):
            self._keep(stored)
        else:
            raise RequestRefused(NOT_THE_DEVICES)

    async def flush(self) -> None:
        """Check what has arrived, and write what is new. What cannot be written stays new."""
        # one at a time: what came before a flush is written when it returns
        async with self._flushing:
            await self._check()
            batch, self._unwritten = self._unwritten, {}
            try:
                await self._context.ports.store.put_statements(list(batch.values()))
            except BaseException:
                self._unwritten = {**batch, **self._unwritten}
                raise

    async def _check(self) -> None:
        arrived = [one for waiting in self._arrived.values() for one in waiting]
        signed = [(one.device, self.message(one), one.signature) for one in arrived]
        found = await self._context.ports.signer.verify_all(signed)
        for one, is_signed in zip(arrived, found, strict=True):
            waiting = self._arrived.get(_subject(one), [])
            # not those that had to make room meanwhile
            if waiting and waiting[0] is one:
                del waiting[0]
                self._judge(one, is_signed=is_signed)
        self._arrived = {subject: rest for subject, rest in self._arrived.items() if rest}

    def _make_room(self, subject: Subject) -> None:
        """Check what a device said of the same before, if too much of that waits for it."""
        if len(self._arrived.get(subject, ())) >= MOST_WAITING:
            for one in self._arrived.pop(subject):
                self._judge(one, is_signed=self._is_signed(one))

    def _is_signed(self, stored: StoredStatement) -> bool:
        signer = self._context.ports.signer
        return signer.verify(stored.device, self.message(stored), stored.signature)

    def _judge(self, stored: StoredStatement, *, is_signed: bool) -> None:
        """Keep what had arrived, or say why it does not count."""
        try:
            if not is_signed:
                raise RequestRefused(NOT_THE_DEVICES)
            self._require_more(stored)
        except RequestRefused as error:
            log_refused(stored, stored.device, error)
        else:
            self._keep(stored)

    def _require_more(self, stored: StoredStatement) -> None:
        known = self._newest.get(_subject(stored))
        if known is not None and stored.counter <= known.counter:
            raise RequestRefused(
                f"counter {stored.counter} is not above the last one, {known.counter}"
            )
        if known is not None and stored.seconds < known.seconds:
            raise RequestRefused(f"{stored.seconds} s are fewer than the {known.seconds} s before")

    def _keep(self, stored: StoredStatement) -> None:
        subject = _subject(stored)
        # only here: what somebody else put on the line is not to use up the device's counters
        self._counters[stored.device] = max(self._counters[stored.device], stored.counter)
        self._newest[subject] = self._unwritten[subject] = stored
        if stored.kind == "job":
            self._recent.setdefault(subject, deque(maxlen=KEPT_STATEMENTS)).append(stored)

    def forget(self, job: str, run: int) -> None:
        """A run is over and settled: its statements are in the store only."""
        self.presences.forget(job, run)
        for subject in [one for one in self._newest if one[1] == job]:
            del self._newest[subject]
            self._recent.pop(subject, None)

    def close_hour(self, hour: int) -> None:
        """No more statements on `hour` and before."""
        self.closed_hour = max(self.closed_hour, hour)
        old = [one for one in self._newest if one[0] == "hour" and int(one[1]) <= hour - KEPT_HOURS]
        for subject in old:
            del self._newest[subject]

    def hour_seconds(self, device: str, hour: int) -> int:
        """Seconds of an hour that a device has proven, as far as this process has seen."""
        found = self._newest.get(("hour", str(hour), 0, device))
        return found.seconds if found else 0

    async def proof(self, job: ChainJob) -> Cosigned | None:
        """The newest statement on a job's run if it proves more than the chain has, co-signed."""
        subject = ("job", job.address, job.run, job.device)
        newest = self._newest.get(subject)
        if newest is not None and job.state is JobState.CANCELLED:
            most = job.ended_at - job.started_at + 1
            recent = reversed(self._recent.get(subject, ()))
            newest = next((one for one in recent if one.seconds <= most), newest)
        if newest is None:
            newest = await self._context.ports.store.job_statement(job.address, job.run)
        if newest is None or newest.counter <= job.counter or newest.seconds < job.proven_seconds:
            return None
        message = self.message(newest)
        return Cosigned(newest, message, self._context.ports.signer.sign(message))

    def message(self, stored: StoredStatement) -> bytes:
        """The bytes that a statement's signatures are over."""
        genesis, program = self._genesis, self._program
        device = Pubkey.from_string(stored.device)
        if stored.kind == "hour":
            return Statement.for_hour(
                genesis, program, device, int(stored.subject), stored.counter, stored.seconds
            ).to_bytes()
        subject = bytes(Pubkey.from_string(stored.subject))
        return Statement(
            genesis, program, device, Kind.JOB, subject, stored.run, stored.counter, stored.seconds
        ).to_bytes()

    def _hour_limit(self, device: str, said: SignedStatement) -> int:
        if said.run != 0 or not said.subject.isdecimal() or str(int(said.subject)) != said.subject:
            raise RequestRefused(f"`{said.subject}` is not an hour")
        hour, running = int(said.subject), self._context.hour
        if not self.closed_hour < hour <= running:
            raise RequestRefused(
                f"hour {hour} is not open for statements; "
                f"those after {self.closed_hour} up to {running} are"
            )
        return self.presences.hour_limit(device, hour)

    def _counting(self, device: str, said: SignedStatement) -> ChainJob | None:
        """The job that a statement is about, if seconds of it are measured."""
        job = self._context.known.jobs.get(said.subject) if said.kind == "job" else None
        if job is None or job.device != device or job.run != said.run:
            return None
        return job if job.state in (JobState.RUNNING, JobState.CANCELLED) else None

    def _job_limit(self, device: str, said: SignedStatement) -> int:
        job = self._context.known.jobs.get(said.subject)
        if job is None or job.device != device or job.run != said.run:
            raise RequestRefused(f"job {said.subject} run {said.run} is not this device's")
        until = self._context.ports.chain_clock.now()
        if job.state is JobState.CANCELLED and job.started_at and until < job.deadline:
            until = job.ended_at
        elif job.state is not JobState.RUNNING:
            raise RequestRefused(f"job {said.subject} is {job.state.label}, not running")
        measured = min(until - job.started_at, self.presences.run_seconds(job))
        return min(job.max_seconds, int(measured) + 1)
