"""Who is there, and for how long: the limit of what a device may sign for."""

from collections.abc import Sequence
from dataclasses import dataclass

from iog_client.protocol import RunBrief
from iog_orchestrator.core.context import Context
from iog_orchestrator.domain.jobs import ChainJob, JobState
from iog_orchestrator.domain.meter import PresenceMeter, Reading, hour_of, parts


@dataclass(frozen=True, slots=True)
class Away:
    """When no orchestrator was running before this one, in the chain's time."""

    begin: float
    end: float


class Presences:
    """A meter for each device that has connected since the start, and what is known from before."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._meters: dict[str, PresenceMeter] = {}
        self._bases: dict[tuple[str, int], float] = {}
        self._away: Away | None = None
        self._looked_back = False
        self._simulated: set[str] | None = None

    async def arrived(self, device: str, simulated: bool, runs: Sequence[RunBrief]) -> None:
        """A device has connected, with these runs in its hands."""
        await self._remember(device, simulated)
        held = [job for brief in runs if (job := self._running(device, brief)) is not None]
        bases = {(job.address, job.run): await self._base(job) for job in held}
        if device not in self._meters:
            meter = await self._meter(device)
            # another connection of the same device may have been quicker
            self._meters.setdefault(device, meter)
        lost = self._meters[device].lost(self._context.ports.clock.monotonic())
        for key, base in bases.items():
            # Its supervisor would have ended a run whose worker was away for longer than a break:
            # a run that is still held went on, and only the connection was broken.
            self._bases[key] = self._bases.get(key, base) + lost
        self._meters[device].heard(self._now())

    async def is_simulated(self, device: str) -> bool:
        """Whether a device that has been connected said that its GPUs are simulated."""
        return device in await self._known_simulated()

    def heard(self, device: str, silence: float) -> Reading:
        """A connected device gave a sign of life, and may say nothing for `silence` seconds."""
        now = self._now()
        self._meters[device].heard(now, silence)
        return now

    def left(self, device: str) -> None:
        """A device has no connection any more."""
        self._meters[device].left(self._now())

    async def stamp(self) -> None:
        """Note that this process is running: what a later one knows of its absence."""
        await self._look_back()
        await self._context.ports.store.put_alive(self._context.ports.clock.wall())

    def hour_limit(self, device: str, hour: int) -> int:
        """The most seconds of `hour` that a device may sign for now."""
        return self._limit(self._meters.get(device), hour, self._now())

    def seconds(self, device: str, hour: int) -> float:
        """Real seconds of `hour` that a device was heard in, as far as this process measured."""
        meter = self._meters.get(device)
        return meter.seconds(hour, self._now()) if meter else 0.0

    def hour_limits(
        self, device: str, closed: int, now: Reading | None = None
    ) -> list[tuple[int, int]]:
        """The limits of the hours that are still open, at most three."""
        now, meter = now or self._now(), self._meters.get(device)
        running = hour_of(now.chain, now) if now.start else 0
        first = max(closed + 1, running - 2, 1)
        return [(hour, self._limit(meter, hour, now)) for hour in range(first, running + 1)]

    def _limit(self, meter: PresenceMeter | None, hour: int, now: Reading) -> int:
        measured = meter.seconds(hour, now) if meter else 0.0
        # +1: both ends cut their seconds, each by its own reading of the chain's clock
        return min(now.length, int(measured) + 1)

    def run_started(self, job: ChainJob) -> None:
        """A run begins now. +1: it began a moment before its confirmation was seen here."""
        self._bases.setdefault((job.address, job.run), 1 - self._spent(job.device))

    def knows(self, job: ChainJob) -> bool:
        """Whether `run_seconds` can say it."""
        return (job.address, job.run) in self._bases

    async def learn(self, job: ChainJob) -> None:
        """Read what `run_seconds` needs."""
        if not self.knows(job):
            base = await self._base(job)
            self._bases.setdefault((job.address, job.run), base)

    def run_seconds(self, job: ChainJob) -> float:
        """Seconds that a run may have had, by the presence of its device."""
        return self._bases[job.address, job.run] + self._spent(job.device)

    def forget(self, job: str, run: int) -> None:
        """A run is over."""
        self._bases.pop((job, run), None)

    def _running(self, device: str, brief: RunBrief) -> ChainJob | None:
        job = self._context.known.jobs.get(brief.job)
        mine = job is not None and (job.device, job.run) == (device, brief.run)
        return job if mine and job is not None and job.state is JobState.RUNNING else None

    def _spent(self, device: str) -> float:
        meter = self._meters.get(device)
        return meter.spent(self._context.ports.clock.monotonic()) if meter else 0.0

    def _now(self) -> Reading:
        context = self._context
        return Reading(
            context.ports.chain_clock.now(),
            context.ports.clock.monotonic(),
            context.known.emission.start,
            context.network.hour_length,
        )

    async def _remember(self, device: str, simulated: bool) -> None:
        known = await self._known_simulated()
        if (device in known) != simulated:
            await self._context.ports.store.put_simulated(device, simulated)
            (known.add if simulated else known.discard)(device)

    async def _known_simulated(self) -> set[str]:
        if self._simulated is None:
            self._simulated = await self._context.ports.store.simulated()
        return self._simulated

    async def _meter(self, device: str) -> PresenceMeter:
        """A new meter with what was accepted before this process, and the absence before it."""
        await self._look_back()
        meter, now, away = PresenceMeter(self._context.pace.silence), self._now(), self._away
        if not now.start:
            return meter
        hours = {hour for hour, _ in parts(now.start, now.chain, now)}
        begun = hour_of(away.begin, now) if away else 0
        stored = await self._context.ports.store.device_hours(device, hours | {begun, begun - 1})
        for hour, seconds in stored.items():
            meter.credit(hour, seconds)
        # Whoever had signed nothing lately was not there when this went down.
        if away and stored.keys() & {begun, begun - 1}:
            until = min(now.chain, away.end + self._context.pace.silence)
            for hour, passed in parts(away.begin, until, now):
                meter.credit(hour, passed)
        return meter

    async def _base(self, job: ChainJob) -> float:
        """What a run from before this process may have had, beside what its device spends here."""
        await self._look_back()
        if self._away is None:
            # It was never noted when the process before this one ran: the chain's clock is left.
            return float(job.max_seconds)
        stored = await self._context.ports.store.job_statement(job.address, job.run)
        known = stored.seconds if stored else 0
        passed = self._context.ports.chain_clock.now() - self._away.begin
        return known + passed - self._spent(job.device)

    async def _look_back(self) -> None:
        """Find out, once, since when no orchestrator was running."""
        if self._looked_back:
            return
        self._looked_back = True
        alive = await self._context.ports.store.alive()
        if alive is None:
            return
        end = self._context.ports.chain_clock.now()
        down = max(0.0, self._context.ports.clock.wall() - alive)
        # what was signed in the last moments may not have been stored
        self._away = Away(end - down - self._context.pace.statement, end)
