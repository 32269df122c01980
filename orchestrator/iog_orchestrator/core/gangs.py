"""Members of gangs, from open to running: all of a gang get nodes at once, or none does.

    open -> (promised, prepared) -> assigned -> joined -> running

Nothing goes on chain for a member before the workers of all have prepared, and no device is asked
to join, which holds its GPUs, before all are assigned. Whatever fails until then gives back the
promises of all that were not assigned, and the gang is tried again after a pause. At its deadline
it ends, and every member's escrow goes back whole.
"""

import logging
from dataclasses import replace

from iog_client.protocol import GangPlace, SignRequest
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.handout import PREPARE, GaveUp
from iog_orchestrator.core.mail import RunMail
from iog_orchestrator.core.matching import wanted
from iog_orchestrator.core.means import Means, Step
from iog_orchestrator.core.placing import PREPARING
from iog_orchestrator.core.starting import ANSWER
from iog_orchestrator.domain.candidates import Wanted
from iog_orchestrator.domain.errors import ChainRefused
from iog_orchestrator.domain.jobs import ChainGang, ChainJob, JobRequest, JobState, Run
from iog_orchestrator.domain.queueing import Member, Waiting

log = logging.getLogger(__name__)

NO_GANG = "its gang cannot be read"
BEFORE_START = (JobState.OPEN, JobState.ASSIGNED, JobState.JOINED)


class Gangs(Step):
    """The steps of a member before its gang has started."""

    def __init__(self, context: Context, means: Means) -> None:
        super().__init__(context, means)
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._counted: set[tuple[str, int]] = set()

    async def step(self, job: ChainJob) -> float:
        """Bring a member nearer to its start, or end it with its gang."""
        gang = await self._context.ports.chain.gang(job.gang)
        if gang is None:
            self._placing.notes[job.address] = NO_GANG
            return PREPARE
        if gang.started_at:
            return await self._start(job)
        left = gang.deadline - self._context.ports.chain_clock.now()
        if left <= 0:
            return await self._expire(job, gang)
        if job.state is JobState.JOINED:
            return await self._wait(job, left)
        members = await self.members(job.gang)
        if (why := _hopeless(gang, members)) is not None:
            await self._give_back(gang.address, members)
            self._placing.notes[job.address] = why
            return left
        if job.state is JobState.ASSIGNED and not self._is_missed(job):
            return await self._join(job, members)
        return min(left, await self._place(job, gang, members))

    async def members(self, gang: str) -> list[ChainJob]:
        """The jobs of a gang by their numbers, as last seen."""
        return [row.job for row in await self._context.ports.store.members(gang)]

    async def place(self, job: ChainJob) -> GangPlace:
        """Where a member stands among the others."""
        members = [one.address for one in await self.members(job.gang)]
        return GangPlace(
            address=job.gang, rank=members.index(job.address), nodes=max(2, len(members))
        )

    async def _place(self, job: ChainJob, gang: ChainGang, members: list[ChainJob]) -> float:
        """Find nodes for all members that need one, have them prepare, then assign this one."""
        if job.state is JobState.ASSIGNED:
            await self._missed(job)
        lacking = [one for one in members if self._needs_node(one)]
        pause = self._not_before.get(gang.address, 0.0) - self._context.ports.clock.monotonic()
        if pause > 0:
            return pause
        waiting = await self._waiting(gang, members, lacking)
        if waiting is None:
            await self._give_back(gang.address, members)
            return PREPARE
        devices = self._matching.want_all(waiting)
        if devices is None:
            self._placing.notes.pop(job.address, None)
            return PREPARE
        return await self._prepare(job, gang, lacking, devices)

    async def _prepare(
        self, job: ChainJob, gang: ChainGang, lacking: list[ChainJob], devices: dict[str, str]
    ) -> float:
        device, run = devices[job.address], job.run + 1
        request = await self._placing.request(job)
        assert request is not None, "a member without a request is not placed"
        try:
            ready = await self._handout.ready(job, request, device, run, await self.place(job))
        except GaveUp as why:
            await self._failed(job, gang, lacking, device, str(why))
            return 0
        if not ready or not all(self._is_ready(one, devices[one.address]) for one in lacking):
            self._placing.notes[job.address] = PREPARING
            return PREPARE
        self._placing.notes.pop(job.address, None)
        try:
            await self._placing.assign(job, device, run)
        except ChainRefused as error:
            await self._failed(job, gang, lacking, device, str(error))
            raise
        self._wake(lacking, job)
        return 0

    async def _join(self, job: ChainJob, members: list[ChainJob]) -> float:
        """Have the device sign that it waits for the others, once all have a node."""
        left = job.deadline - self._context.ports.chain_clock.now()
        self._matching.hold(job)
        if any(self._needs_node(one) for one in members):
            return left
        session, now = self._agents.session_of(job.device), self._context.ports.clock.monotonic()
        request = await self._placing.request(job)
        if not session or request is None:
            return left
        try:
            place = await self.place(job)
            if not await self._handout.ready(job, request, job.device, job.run, place):
                return left
        except GaveUp as why:
            log.info("run not taken: %s", why, extra={"action": "run_not_taken", **_ids(job)})
            return left
        mail = self._mail.for_device(job.address, job.run, job.device)
        if "join" in mail.signatures:
            return await self._send_join(job, mail, members)
        asked = "join" in mail.prepared and mail.start_in == session
        if asked and now - mail.asked_at < ANSWER:
            return left
        mail.drop("join")
        prepared = mail.prepared["join"] = await self._context.ports.chain.prepare_join(job)
        mail.start_in, mail.asked_at = session, now
        await self._context.ports.link.send(
            job.device,
            SignRequest(job=job.address, run=job.run, what="join", message=prepared.message),
        )
        return min(left, ANSWER)

    async def _send_join(self, job: ChainJob, mail: RunMail, members: list[ChainJob]) -> float:
        prepared, signature = mail.prepared["join"], mail.signatures["join"]
        try:
            await self._context.ports.chain.submit(prepared, job.device, signature)
        except ChainRefused:
            mail.drop("join")
            raise
        log.info("member joined", extra={"action": "member_joined", **_ids(job)})
        self._wake(members, job)
        return 0

    async def _wait(self, job: ChainJob, left: float) -> float:
        """The chain counts the member's GPUs as busy: they need no promise any more."""
        key = (job.address, job.run)
        if key not in self._counted:
            await self._sync.node(job.device)
            self._matching.release(job.address)
            self._counted.add(key)
        return left

    async def _start(self, job: ChainJob) -> float:
        await self._context.ports.chain.start_member(job)
        self._statements.presences.run_started(job)
        self.forget(job)
        log.info("run started", extra={"action": "run_started", **_ids(job)})
        self._wake(await self.members(job.gang), job)
        return 0

    async def _expire(self, job: ChainJob, gang: ChainGang) -> float:
        await self._give_back(gang.address, [job])
        self.forget(job)
        await self._context.ports.chain.expire(job)
        log.info("job expired", extra={"action": "job_expired", "job": job.address})
        return 0

    async def _missed(self, job: ChainJob) -> None:
        """A device that was asked to join and did not in time has failed."""
        mail = self._mail.of(job.address, job.run)
        asked = mail.device == job.device and "join" in mail.prepared
        self._matching.release_hold(job)
        store = self._context.ports.store
        known = await store.run(job.address, job.run)
        if known is not None and known.state == "missed":
            return
        run = Run(job.address, job.run, job.device, "missed")
        if asked:
            await store.count_run(run, failed=True)
            await self._reliability.recount()
            self._placing.blame_in(job.gang, job.device)
        else:
            await store.put_run(run)
        await self._handout.take_back(job, job.device, job.run)

    async def _failed(
        self, job: ChainJob, gang: ChainGang, lacking: list[ChainJob], device: str, why: str
    ) -> None:
        """A member's node does not take its run: nothing is promised to any of them any more."""
        log.info(
            "gang given back: %s",
            why,
            extra={"action": "gang_given_back", "gang": gang.address, "device": device},
        )
        self._placing.blame_in(gang.address, device)
        await self._give_back(gang.address, lacking)
        failures = self._failures[gang.address] = self._failures.get(gang.address, 0) + 1
        pause = self._context.pace.after(failures)
        self._not_before[gang.address] = self._context.ports.clock.monotonic() + pause
        self._wake(lacking, job)

    async def _give_back(self, gang: str, members: list[ChainJob]) -> None:
        """Promise nothing to members that are not assigned, and let no worker prepare them."""
        self._matching.forget(gang)
        for one in members:
            device = self._matching.promised(one.address)
            if device is not None:
                self._matching.release(one.address)
                await self._handout.take_back(one, device, one.run + 1)

    async def _waiting(
        self, gang: ChainGang, members: list[ChainJob], lacking: list[ChainJob]
    ) -> Waiting | None:
        """What the members that need a node ask for; None while a spec of theirs is missing."""
        requests: list[JobRequest] = []
        for one in lacking:
            request = await self._placing.request(one)
            if request is None:
                return None
            requests.append(request)
        excluded = self._placing.failed_in(gang.address, len(lacking))
        now = int(self._context.ports.chain_clock.now())
        placed = [one for one in members if not self._needs_node(one)]
        asked = [
            self._beside(wanted(one, request, excluded, now), placed)
            for one, request in zip(lacking, requests, strict=True)
        ]
        return Waiting(
            gang.address,
            tuple(
                Member(one.address, one.run + 1, each)
                for one, each in zip(lacking, asked, strict=True)
            ),
            min(one.opened_at for one in members),
            min(request.priority for request in requests),
        )

    def _beside(self, asked: Wanted, placed: list[ChainJob]) -> Wanted:
        """A request that keeps a member together with those that have a node already."""
        fleet = self._context.fleet
        others = [node for one in placed if (node := fleet.get(one.device)) is not None]
        if not asked.together or not others:
            return asked
        value = getattr(others[0], asked.together)
        same = [one for one in fleet.all() if getattr(one, asked.together) == value]
        named = {
            one.device for one in same if not asked.allow or {one.device, one.owner} & asked.allow
        }
        return replace(asked, allow=frozenset(named), together="")

    def _needs_node(self, job: ChainJob) -> bool:
        return job.state is JobState.OPEN or self._is_missed(job)

    def _is_missed(self, job: ChainJob) -> bool:
        late = self._context.ports.chain_clock.now() >= job.deadline
        return job.state is JobState.ASSIGNED and late

    def _is_ready(self, job: ChainJob, device: str) -> bool:
        run = job.run + 1
        if not self._mail.is_with(job.address, run, device) or not self._agents.session_of(device):
            return False
        return self._mail.of(job.address, run).phase == "ready"

    def _wake(self, members: list[ChainJob], job: ChainJob) -> None:
        for one in members:
            if one.address != job.address:
                self._mail.wake(one.address)

    def forget(self, job: ChainJob) -> None:
        """A member waits for its gang no more."""
        self._counted.discard((job.address, job.run))
        self._failures.pop(job.gang, None)
        self._not_before.pop(job.gang, None)


def _hopeless(gang: ChainGang, members: list[ChainJob]) -> str | None:
    """Why the gang cannot be placed, whatever nodes there are."""
    if gang.opened < gang.members or len(members) < gang.members:
        opened = min(gang.opened, len(members))
        return f"{opened} of the {gang.members} jobs of its gang are opened"
    ended = next((one for one in members if one.state not in BEFORE_START), None)
    if ended is not None and ended.state is not JobState.RUNNING:
        return (
            f"job {ended.number} of its gang is {ended.state.label}: the gang cannot start any "
            "more, and cancelling the others brings their escrow back at once"
        )
    return None


def _ids(job: ChainJob) -> dict[str, object]:
    return {"job": job.address, "run": job.run, "device": job.device}
